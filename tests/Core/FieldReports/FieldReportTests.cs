using System.CommandLine;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Functions.Cli;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.FieldReports;

/// <summary>Feeds, calendars and their answers over HTTP as people reported them to be misread elsewhere.</summary>
public sealed class FieldReportTests
{
    private const string Set = "field-reports";

    private static readonly IReadOnlyDictionary<string, JsonElement> Cases = ReportCases.Of(Set);

    public static TheoryData<string> Reports => [.. Cases.Keys];

    [CorporaTheory]
    [MemberData(nameof(Reports))]
    public async Task What_was_reported_is_read_right(string id)
    {
        var report = Cases[id];
        var expected = report.GetProperty("expect");
        switch (report.GetProperty("kind").GetString())
        {
            case "feed":
                Check(expected, await ParseAsync("feed", "--base", "https://blog.example.com/feed.xml", Corpora.Path(Set, "input", id + ".xml")));
                break;
            case "ical":
                var window = report.GetProperty("window");
                Check(expected, await ParseAsync(
                    "ical", "--from", window.GetProperty("from").GetString()!, "--to", window.GetProperty("to").GetString()!, Corpora.Path(Set, "input", id + ".ics")));
                break;
            case "http":
                await CheckLedgerAsync(expected, await PlayAsync(report.GetProperty("answer")), isSpaceLoose: false);
                break;
            default:
                await CheckLedgerAsync(expected, await PlayAsync(report), report.TryGetProperty("loose_space", out _));
                break;
        }
    }

    private static async Task<JsonElement> ParseAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        await ParseCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = TextWriter.Null });
        return JsonElement.Parse(output.ToString());
    }

    private static void Check(JsonElement expected, JsonElement actual)
    {
        foreach (var value in expected.EnumerateObject())
        {
            if (value.Name == "occurrences")
            {
                Assert.Equal(value.Value.Strings(), actual.GetProperty("occurrences").EnumerateArray().Select(occurrence => occurrence[1].GetString()).Order(StringComparer.Ordinal));
                continue;
            }

            var found = ReportCases.Folded(actual.At(value.Name.TrimEnd('^')));
            var wanted = value.Value.ValueKind == JsonValueKind.String ? ReportCases.Folded(value.Value.GetString()) : value.Value.ValueKind == JsonValueKind.Null ? null : value.Value.GetRawText();
            if (value.Name.EndsWith('^'))
                Assert.StartsWith(wanted!, found, StringComparison.Ordinal);
            else
                Assert.Equal(wanted, found);
        }
    }

    /// <summary>Connects what is to be read, in order; every further answer is read by a harvest of its own.</summary>
    private static async Task<AppFixture> PlayAsync(JsonElement report)
    {
        if (!report.TryGetProperty("reads", out var reads))
            return await PlayAnswerAsync(report);
        var answers = new Dictionary<string, string>(StringComparer.Ordinal);
        var addresses = reads.EnumerateArray().ToDictionary(
            read => read.GetProperty("connection").GetString()!,
            read => $"https://{read.GetProperty("connection").GetString()}.example/{(read.GetProperty("source").GetString() == "meetup" ? "calendar.ics" : "feed.xml")}",
            StringComparer.Ordinal);
        var pages = report.TryGetProperty("pages", out var all) ? all.EnumerateObject().ToDictionary(page => page.Name, page => page.Value.GetString()!, StringComparer.Ordinal) : [];
        var web = new ScriptedWeb(request =>
        {
            var address = request.RequestUri!;
            var file = answers.GetValueOrDefault(address.AbsoluteUri) ?? pages.GetValueOrDefault(address.AbsolutePath);
            if (file is null)
                return ScriptedWeb.Answer(HttpStatusCode.NotFound);
            var body = Encoding.UTF8.GetString(ReportCases.Input(Set, file));
            foreach (var (name, other) in addresses)
                body = body.Replace("{{" + name + "}}", other, StringComparison.Ordinal);
            var type = Path.GetExtension(file) switch { ".ics" => "text/calendar", ".html" => "text/html", _ => "application/xml" };
            return ScriptedWeb.Answer(HttpStatusCode.OK, body, type);
        });
        var app = await AppFixture.StartAsync(web);
        foreach (var read in reads.EnumerateArray())
        {
            var address = addresses[read.GetProperty("connection").GetString()!];
            string? connection = null;
            foreach (var file in read.GetProperty("answers").EnumerateArray().Select(answer => answer.GetString()!))
            {
                answers[address] = file;
                if (connection is null)
                {
                    var options = read.TryGetProperty("options", out var own) ? own.EnumerateObject().ToDictionary(o => o.Name, o => o.Value.GetString()!, StringComparer.Ordinal) : null;
                    connection = await app.ConnectAsync(address, read.GetProperty("source").GetString()!, options);
                    continue;
                }

                app.Clock.Advance(TimeSpan.FromHours(1));
                await app.HarvestAsync(connection);
            }
        }

        return app;
    }

    private static async Task<AppFixture> PlayAnswerAsync(JsonElement answer)
    {
        var headers = answer.GetProperty("headers").EnumerateObject().Select(header => (header.Name, header.Value.GetString()!)).ToArray();
        var body = Packed(ReportCases.Input(Set, answer.GetProperty("body").GetString()!), answer.TryGetProperty("packed", out var packed) ? packed.GetString() : null);
        var cookie = answer.TryGetProperty("cookie", out var needed) ? needed.GetString() : null;
        var web = new ScriptedWeb(request => cookie is not null && !(request.Headers.TryGetValues("Cookie", out var sent) && sent.Any(value => value.Contains(cookie, StringComparison.Ordinal)))
            ? ScriptedWeb.Answer(302, [], null, ("Location", request.RequestUri!.AbsoluteUri), ("Set-Cookie", cookie + "; Path=/"))
            : ScriptedWeb.Answer(answer.GetProperty("status").GetInt32(), body, null, headers));
        var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync("https://a.example/feed.xml");
        return app;
    }

    private static byte[] Packed(byte[] body, string? how)
    {
        using var packed = new MemoryStream();
        using (Stream stream = how switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => packed,
        })
            stream.Write(body);
        return packed.ToArray();
    }

    private static async Task CheckLedgerAsync(JsonElement expected, AppFixture played, bool isSpaceLoose)
    {
        await using var app = played;
        var entries = await app.LedgerAsync();
        IEnumerable<string?> All(string name) => entries.Select(entry => ReportCases.Folded(entry.At(name))).Order(StringComparer.Ordinal);
        string? Spaced(string? text) => isSpaceLoose ? text?.Replace(" ", "", StringComparison.Ordinal) : text;
        foreach (var value in expected.EnumerateObject())
        {
            switch (value.Name)
            {
                case "entries":
                    Assert.Equal(value.Value.GetInt32(), entries.Count);
                    break;
                case "titles" or "statuses" or "whens" or "summaries":
                    var name = value.Name switch { "titles" => "title", "statuses" => "status", "whens" => "when", _ => "summary" };
                    Assert.Equal(value.Value.Strings().Select(Spaced), All(name).Select(Spaced));
                    break;
                case "sightings":
                    Assert.Equal(value.Value.EnumerateArray().Select(count => count.GetInt32()), entries.Select(entry => entry.GetProperty("sightings").GetArrayLength()).Order());
                    break;
                case "blog_posts":
                    Assert.Equal(value.Value.Strings(), entries.Where(entry => entry.At("kind") == "blogPost").Select(entry => ReportCases.Folded(entry.At("title"))).Order(StringComparer.Ordinal));
                    break;
                case "not_scheduled":
                    Assert.Empty(value.Value.Strings().Intersect(entries.Where(entry => entry.At("status") == "scheduled").Select(entry => entry.At("when")), StringComparer.Ordinal));
                    break;
                case "summary":
                    var summary = await app.GetAsync($"/ledger/summary?from={value.Value.At("from")}&to={value.Value.At("to")}");
                    Assert.Equal(value.Value.At("total"), summary.At("public.total") ?? summary.At("total"));
                    break;
                default:
                    Assert.Fail($"Nobody knows what '{value.Name}' asks for.");
                    break;
            }
        }
    }
}
