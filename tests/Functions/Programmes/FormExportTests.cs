using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Programmes;

/// <summary>Files to hand in, each as its programme would read it: whatever is in the ledger, a file that is made is valid, and has nothing that nobody has said.</summary>
public sealed class FormExportTests
{
    /// <summary>What RFC 3986 lets stand in an address, with one fragment at most.</summary>
    private const string UriText = @"^https://[a-z0-9.-]+/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*(#[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*)?$";

    private static readonly ProgrammeCatalog Catalog = new();

    [Fact]
    public async Task Drafts_have_bare_fields_within_the_limits_of_the_form()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestHostileAsync(app, "");
        var drafts = (await app.ExportAsync("google-developer-expert", "?faulty=skip")).Content.Json();
        Assert.NotEqual(0, drafts.GetArrayLength());
        Assert.All(drafts.EnumerateArray(), draft => AssertFits(Catalog.Find("google-developer-expert")!.Form!, draft.GetProperty("slug").GetString()!, draft.GetProperty("body")));
    }

    [Fact]
    public async Task Captains_drafts_are_named_as_their_paths_are()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("feedback", Kind.Feedback), FormApp.Draft("post"), FormApp.Draft("night", Kind.Event) with { Role = Role.Host, EndsAt = new DateTimeOffset(2026, 5, 20, 21, 0, 0, TimeSpan.Zero) }, FormApp.Draft("answer", Kind.ForumAnswer));
        Assert.Equal(1, (await app.FormAsync("docker-captain")).GetProperty("counts").GetProperty("kinds").GetInt32());
        var drafts = (await app.ExportAsync("docker-captain")).Content.Json().EnumerateArray().ToList();
        Assert.Equal(["event", "feedbackSession", "resources"], drafts.Select(draft => draft.GetProperty("slug").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal("""{"start":"2026-05-20","end":"2026-05-20"}""", JsonSerializer.Serialize(drafts.Single(draft => draft.GetProperty("slug").GetString() == "event").GetProperty("body").GetProperty("dates")));
        Assert.All(drafts, draft => AssertFits(Catalog.Find("docker-captain")!.Form!, draft.GetProperty("slug").GetString()!, draft.GetProperty("body")));
    }

    [Fact]
    public async Task Stars_are_one_batch_of_complete_contributions()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestHostileAsync(app, "");
        await app.HarvestAsync(FormApp.Draft("speaker", Kind.Event) with { Role = Role.Speaker }, FormApp.Draft("host", Kind.Event) with { Role = Role.Host });
        var file = (await app.ExportAsync("github-star", "?faulty=skip")).Content.Json();
        Assert.Equal(["data"], file.EnumerateObject().Select(property => property.Name));
        var stars = file.GetProperty("data").EnumerateArray().ToList();
        var types = Catalog.Find("github-star")!.Form!.Groups[0].Fields[0].Allowed!;
        Assert.All(stars, star =>
        {
            Assert.Equal(["type", "date", "title", "url", "description"], star.EnumerateObject().Select(property => property.Name));
            Assert.Contains(star.GetProperty("type").GetString(), types);
            Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", star.GetProperty("date").GetString());
            Assert.Matches(UriText, star.GetProperty("url").GetString());
            Assert.NotEqual("", star.GetProperty("title").GetString());
        });
        Assert.Equal(("SPEAKING", "EVENT_ORGANIZATION"), (Type("Title of speaker"), Type("Title of host")));

        string? Type(string title) => stars.Single(star => star.GetProperty("title").GetString() == title).GetProperty("type").GetString();
    }

    [Fact]
    public async Task Profile_has_the_shape_of_the_list_it_goes_into()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestHostileAsync(app, "JSON Schema ");
        Assert.Equal(422, (await app.ExportAsync("json-schema-ambassador", "?faulty=skip")).Status);
        await app.AnsweredAsync("json-schema-ambassador", FormApp.Profile);
        var profile = Assert.Single((await app.ExportAsync("json-schema-ambassador", "?faulty=skip")).Content.Json().EnumerateArray());
        Assert.Equal(["name", "title", "bio", "img", "github", "company", "country", "contributions"], profile.EnumerateObject().Select(property => property.Name));
        AssertContributions(profile, Catalog.Find("json-schema-ambassador")!.Form!.Groups[0].Fields[0].Allowed);
    }

    [CorporaFact]
    public async Task Profile_is_valid_by_the_programmes_own_JSON_Schema_formats_included()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestHostileAsync(app, "JSON Schema ");
        await app.AnsweredAsync("json-schema-ambassador", FormApp.Profile);
        var file = (await app.ExportAsync("json-schema-ambassador", "?faulty=skip")).Content;
        var read = await ExportReader.ReadAsync("validation", file, Corpora.Path("programmes", "ambassadors-schema.json"));
        Assert.True(read.GetProperty("isValid").GetBoolean(), read.ToString());

        // The schema does refuse what is wrong.
        var broken = System.Text.Encoding.UTF8.GetBytes(file.Text().Replace("\"May\"", "\"Mai\"", StringComparison.Ordinal));
        Assert.False((await ExportReader.ReadAsync("validation", broken, Corpora.Path("programmes", "ambassadors-schema.json"))).GetProperty("isValid").GetBoolean());
    }

    [Fact]
    public async Task Yaml_reads_back_as_it_was_written_by_another_library()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestHostileAsync(app, "AsyncAPI ");
        await app.AnsweredAsync("asyncapi-ambassador", FormApp.Profile.Replace(", \"country\": \"Sweden\"", ", \"flag\": \"🇸🇪\", \"githubID\": 583231, \"slack\": null", StringComparison.Ordinal).Replace(", \"slack\": null", "", StringComparison.Ordinal).Replace("Ada Lovelace", "no", StringComparison.Ordinal));
        var read = await ExportReader.ReadAsync("yaml", (await app.ExportAsync("asyncapi-ambassador", "?faulty=skip")).Content);
        Assert.Empty(read.GetProperty("faults").EnumerateArray());
        var member = Assert.Single(read.GetProperty("value").EnumerateArray());
        Assert.Equal(("no", "🇸🇪", 583231), (member.GetProperty("name").GetString(), member.GetProperty("country").GetString(), member.GetProperty("githubID").GetInt32()));
        AssertContributions(member, null);
        var titles = member.GetProperty("contributions").EnumerateArray().Select(item => item.GetProperty("title").GetString()).ToHashSet(StringComparer.Ordinal);
        var known = (await app.FormAsync("asyncapi-ambassador")).Entries().Where(entry => !entry.GetProperty("isFaulty").GetBoolean()).Select(entry => entry.Value("title")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(known.Order(StringComparer.Ordinal), titles.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Sheets_are_safe_to_open_and_leave_empty_what_is_not_known()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(
            FormApp.Draft("formula", Kind.BlogPost, "=HYPERLINK(\"http://evil.example/\")") with { Topics = ["dotnet"], Metrics = new Dictionary<string, double> { ["views"] = 1200 } },
            FormApp.Draft("film", Kind.Video, "@SUM(A1) film") with { Role = Role.Host, Topics = ["dotnet"] });
        await app.AnsweredAsync("microsoft-mvp", """{"all": {"audience": "Developer"}}""");
        var (status, csv, response) = await app.ExportAsync("microsoft-mvp");
        Assert.Equal((200, "text/csv"), (status, response.Content.Headers.ContentType!.MediaType));
        var lines = csv.Text().TrimStart('\uFEFF').Split("\r\n");
        Assert.StartsWith("Activity type,Title,Date,", lines[0].Replace("Description,Private description,", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil.example/\"\")\"", csv.Text(), StringComparison.Ordinal);
        Assert.Contains("'@SUM(A1) film", csv.Text(), StringComparison.Ordinal);
        Assert.Contains(",1200,", csv.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(",0,", csv.Text(), StringComparison.Ordinal);

        var markdown = (await app.ExportAsync("microsoft-mvp", "?format=markdown")).Content.Text();
        Assert.Contains("- Number of views: 1200", markdown, StringComparison.Ordinal);
        var xlsx = (await app.ExportAsync("microsoft-mvp", "?format=xlsx")).Content;
        using var book = DocumentFormat.OpenXml.Packaging.SpreadsheetDocument.Open(new MemoryStream(xlsx), isEditable: false);
        Assert.Empty(new DocumentFormat.OpenXml.Validation.OpenXmlValidator().Validate(book));
        Assert.Single(book.WorkbookPart!.WorksheetParts);
    }

    [Fact]
    public async Task Programme_without_a_form_on_file_has_a_sheet_of_what_the_ledger_has()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("talk", Kind.Talk) with { Metrics = new Dictionary<string, double> { ["attendees"] = 40 } });
        var csv = (await app.ExportAsync("java-champion")).Content.Text();
        Assert.Contains("Title,Type,Date,Link,Description,Topics,Numbers\r\nTitle of talk,talk,2026-05-20,https://example.org/talk,,,attendees: 40", csv, StringComparison.Ordinal);
    }

    [Fact]
    public Task No_file_has_a_value_that_is_neither_in_the_ledger_nor_answered() => Properties.HoldAsync(25, async (app, seed) =>
    {
        var random = new Random(seed);
        await app.HarvestAsync([.. Enumerable.Range(0, 12).Select(n => Random(random, n))]);
        foreach (var programme in new[] { "google-developer-expert", "docker-captain", "github-star", "microsoft-mvp", "sitecore-mvp" })
        {
            var form = await app.FormAsync(programme);
            var known = (await ExportReader.EntriesAsync(app)).ToDictionary(entry => entry.Id, StringComparer.Ordinal);
            foreach (var entry in form.Entries())
                AssertKnown(Catalog.Find(programme)!, known[entry.Id()], entry);
            Assert.Equal(form.Entries().Count(entry => entry.Findings().Any(finding => finding.StartsWith("fault ", StringComparison.Ordinal))), form.GetProperty("counts").GetProperty("faulty").GetInt32());
        }
    });

    /// <summary>Each value is one of the form, or it stands in the entry.</summary>
    private static void AssertKnown(Programme programme, Contribution entry, JsonElement filled)
    {
        var values = entry.Effective();
        var form = ProgrammeForm.Of(programme);
        var group = form.GroupOf(values.Kind, values.Role)!;
        var ofLedger = values.Topics.Concat(entry.EffectiveMetrics().Values.Select(metric => metric.Value.ToString(CultureInfo.InvariantCulture)))
            .Append(values.Title).Append(values.Summary).Append(values.Url is null ? null : FormText.Address(values.Url)).Append(entry.Private ? "true" : "false").OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var value in filled.GetProperty("values").EnumerateObject())
        {
            var field = group.Fields.First(known => known.Name == value.Name);
            foreach (var text in FormText.Split(field, value.Value.GetString()!))
            {
                var isWord = programme.Types.Values.Contains(text) || field.Words.Values.Contains(text) || form.Lists.GetValueOrDefault("areas")?.Contains(text) == true || text == field.Value;
                var isDay = field.Type == FieldType.Day && text == values.When.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                var isEnd = field.From == FieldSource.EndDay && text == values.EndsAt?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                Assert.True(isWord || isDay || isEnd || ofLedger.Contains(text), $"{programme.Id} {value.Name}: {text}");
            }
        }
    }

    private static Draft Random(Random random, int n)
    {
        var title = ExportReader.HostileTitles[random.Next(ExportReader.HostileTitles.Length)];
        var kind = Enum.GetValues<Kind>()[random.Next(14)];
        return FormApp.Draft($"entry{n}", kind, title) with
        {
            Role = Enum.GetValues<Role>()[random.Next(8)],
            Url = random.Next(3) switch { 0 => null, 1 => "javascript:alert(1)", _ => $"https://müller.example/{n}?a=[{n}]&b=ü#x#y" },
            Summary = random.Next(2) == 0 ? null : title,
            When = random.Next(5) == 0 ? null : new DateTimeOffset(2026, 5, random.Next(1, 31), 12, 0, 0, TimeSpan.Zero),
            EndsAt = random.Next(2) == 0 ? null : new DateTimeOffset(2026, 5, 31, 12, 0, 0, TimeSpan.Zero),
            Topics = random.Next(2) == 0 ? [] : ["Android", "dotnet", "a;b", title],
            Metrics = random.Next(3) switch { 0 => new Dictionary<string, double>(), 1 => new Dictionary<string, double> { ["views"] = 0, ["attendees"] = 12.5 }, _ => new Dictionary<string, double> { ["views"] = random.Next(1, 9999), ["minutes"] = 45 } },
        };
    }

    /// <summary>A ledger of hostile titles, with and without addresses, dates and numbers.</summary>
    private static Task HarvestHostileAsync(LedgerFixture app, string about) => app.HarvestAsync([.. ExportReader.HostileTitles.SelectMany((title, n) => new[]
    {
        FormApp.Draft($"with{n}", (Kind)(n % 14), about + title) with { Summary = title, Topics = ["android", title], Url = $"https://müller.example/in(side)/{n}?a=[1]&copy;=ü|2#x#y", Metrics = new Dictionary<string, double> { ["views"] = n } },
        FormApp.Draft($"without{n}", (Kind)(n % 14), about + title) with { Url = null, When = null, Metrics = new Dictionary<string, double> { ["views"] = 1.5, ["attendees"] = 0 } },
    })]);

    private static void AssertContributions(JsonElement person, IReadOnlyList<string>? types)
    {
        var contributions = person.GetProperty("contributions").EnumerateArray().ToList();
        Assert.NotEmpty(contributions);
        Assert.All(contributions, item =>
        {
            Assert.Equal(["type", "title", "date", "link"], item.EnumerateObject().Select(property => property.Name));
            if (types is not null)
                Assert.Contains(item.GetProperty("type").GetString(), types);
            Assert.NotEqual("", item.GetProperty("title").GetString());
            Assert.Equal(["year", "month"], item.GetProperty("date").EnumerateObject().Select(property => property.Name));
            Assert.Equal((2026, "May"), (item.GetProperty("date").GetProperty("year").GetInt32(), item.GetProperty("date").GetProperty("month").GetString()));
            Assert.Matches(UriText, item.GetProperty("link").GetString());
        });
    }

    /// <summary>A draft has no other fields than the form's, and each within its limits.</summary>
    private static void AssertFits(Form form, string slug, JsonElement body)
    {
        var fields = form.Groups.Where(group => group.Name == slug).SelectMany(group => group.Fields).ToLookup(field => field.Name, StringComparer.Ordinal);
        Check(body, "");

        void Check(JsonElement value, string path)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in value.EnumerateObject())
                    Check(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                return;
            }

            var field = fields[path].First();
            switch (field.Type)
            {
                case FieldType.Whole:
                    Assert.True(value.GetInt64() >= field.AtLeast);
                    break;
                case FieldType.Flag:
                    Assert.True(value.ValueKind is JsonValueKind.True or JsonValueKind.False);
                    break;
                case FieldType.List:
                    Assert.All(value.EnumerateArray(), item => Assert.Contains(item.GetString(), form.AllowedOf(field)!));
                    Assert.Equal(value.GetArrayLength(), value.EnumerateArray().Select(item => item.GetString()).Distinct(StringComparer.Ordinal).Count());
                    break;
                default:
                    var text = value.GetString()!;
                    Assert.InRange(text.EnumerateRunes().Count(), field.MinLength ?? 1, field.MaxLength ?? int.MaxValue);
                    Assert.True(field.Pattern is null || Regex.IsMatch(text, field.Pattern, RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan), text);
                    Assert.DoesNotMatch("[\u202A-\u202E\u2066-\u2069]", text);
                    if (form.AllowedOf(field) is { } allowed)
                        Assert.Contains(text, fields[path].SelectMany(known => form.AllowedOf(known) ?? allowed));
                    break;
            }
        }
    }
}
