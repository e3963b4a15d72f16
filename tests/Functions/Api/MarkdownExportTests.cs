using System.Globalization;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Model;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>The ledger as a document in Markdown, read back by micromark as GitHub reads it.</summary>
public sealed class MarkdownExportTests
{
    [Fact]
    public async Task Markdown_has_a_heading_for_each_month_and_below_it_an_item_for_each_entry()
    {
        await using var app = await LedgerFixture.StartAsync("America/New_York");
        await app.SendAsync(HttpMethod.Put, "/me", """{"name":"Ada"}""");
        await app.HarvestAsync(
            LedgerFixture.Draft("coming", "2026-07-01T03:00:00Z", Kind.Event) with { Status = Status.Scheduled, Container = new Container("Sound .NET", "https://meetup.com/sound") },
            LedgerFixture.Draft("merged", "2026-06-10T10:00:00Z", Kind.PullRequest) with { Status = Status.Merged, Metrics = new Dictionary<string, double> { ["additions"] = 12, ["comments"] = 3 } },
            LedgerFixture.Draft("derived", "2026-06-01T00:00:00Z") with { DatePrecision = DatePrecision.Derived, Metrics = new Dictionary<string, double> { ["downloads"] = 1 } },
            LedgerFixture.Draft("film", "2026-05-01T10:00:00Z", Kind.Video) with { Url = null, Metrics = new Dictionary<string, double> { ["views"] = 1234.5, ["likes"] = 9 } },
            LedgerFixture.Draft("unknown") with { When = null });
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Typed","kind":"talk","when":"2026-05-31","private":true,"metrics":{"attendees":0}}""");
        var text = await app.Client.GetStringAsync(new Uri("/api/ledger?format=markdown&limit=all", UriKind.Relative));
        Assert.Equal(
            """
            # Contributions of Ada

            ## June 2026

            - 2026-06-30 · event, scheduled · [Title of coming](https://example.org/coming) · [Sound .NET](https://meetup.com/sound)
            - first seen 2026-06-15 · blog post · [Title of unknown](https://example.org/unknown)
            - 2026-06-10 · pull request, merged · [Title of merged](https://example.org/merged) · comments: 3
            - about 2026-06-01 · blog post · [Title of derived](https://example.org/derived) · downloads: 1

            ## May 2026

            - 2026-05-31 · talk · Typed · attendees: 0 · private
            - 2026-05-01 · video · Title of film · views: 1,234.5

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public async Task Markdown_contains_the_whole_ledger_and_hostile_text_stays_text()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.SendAsync(HttpMethod.Put, "/me", """{"name":"Ada <b>L</b> [x](javascript:1) C# #"}""");
        await new Scenario(13).FillAsync(app);
        await ExportReader.HarvestHostileAsync(app);
        var (_, blocks) = await ExportReader.ExportAsync(app, "markdown");
        Assert.Equal((1, "Contributions of Ada <b>L</b> [x](javascript:1) C# #"), (blocks[0].GetProperty("depth").GetInt32(), TextOf(blocks[0])));
        var entries = await ExportReader.EntriesAsync(app);
        var items = blocks.EnumerateArray().Where(b => b.Text("type") == "item").ToList();
        Assert.Equal(entries.Count, items.Count);
        string? month = null;
        var at = 0;
        foreach (var block in blocks.EnumerateArray().Skip(1))
        {
            if (block.Text("type") == "heading")
            {
                Assert.Equal(2, block.GetProperty("depth").GetInt32());
                Assert.NotEqual(month, month = TextOf(block));
                continue;
            }

            var values = entries[at++].Effective();
            Assert.Equal(values.When.ToString("MMMM yyyy", CultureInfo.InvariantCulture), month);
            AssertItem(block, entries[at - 1]);
        }

        Assert.Equal(entries.Count, at);
    }

    [Fact]
    public async Task Document_of_an_empty_ledger_says_so()
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Equal("# Contributions\n\nNo contributions.\n", await app.Client.GetStringAsync(new Uri("/api/ledger?format=markdown", UriKind.Relative)));
    }

    [Theory]
    [InlineData("https://example.org/a_(b)?q=[x]&copy;=1&d=*e*#~f~")]
    [InlineData("https://example.org/(((")]
    [InlineData("https://example.org/)](javascript:alert(1))")]
    [InlineData("https://example.org/<script>alert(1)</script>`code`\\ \"x\"")]
    public async Task Address_stays_the_address_of_its_link(string address)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one") with { Title = "`", Url = address, Container = new Container("`", address) });
        var (_, blocks) = await ExportReader.ExportAsync(app, "markdown");
        AssertItem(blocks.EnumerateArray().Last(), (await ExportReader.EntriesAsync(app))[0]);
    }

    [Fact]
    public async Task Text_with_line_ends_and_directions_stays_within_its_item()
    {
        await using var output = new MemoryStream();
        await LedgerMarkdown.WriteAsync(output, ExportReader.RawAsync("a\r\n\r\n# b\n<script>\u202Ec\u2067d\0"), new LedgerOwner("p", "A\n\n# B", DateTimeZone.Utc), CancellationToken.None);
        Assert.Equal(
            "# Contributions of A \\# B\n\n## June 2026\n\n- 2026-06-15 · talk · a # b &lt;script>cd · a # b &lt;script>cd\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    /// <summary>The item has a paragraph of text and, if the entry has them, the links of title and container: nothing else.</summary>
    private static void AssertItem(JsonElement item, Contribution entry)
    {
        var values = entry.Effective();
        Assert.Equal(["paragraph"], item.GetProperty("blocks").EnumerateArray().Select(b => b.GetString()));
        var date = values.When.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var kind = CamelCase.ToWords(EnumText<Kind>.Of(values.Kind)) + (values.Status == Status.Published ? "" : ", " + EnumText<Status>.Of(values.Status));
        string?[] parts =
        [
            date, kind, Line(values.Title), values.Container is null ? null : Line(values.Container.Name),
            entry.EffectiveMetrics().TryGetValue("views", out var views) ? $"views: {views.Value}" : null, entry.Private ? "private" : null,
        ];
        Assert.Equal(string.Join(" · ", parts.OfType<string>()), TextOf(item));
        var links = item.GetProperty("parts").EnumerateArray().Where(p => p.Text("type") != "text").ToList();
        Assert.All(links, link => Assert.Equal(("link", true), (link.Text("type"), link.GetProperty("only").GetBoolean())));

        // GitHub also links addresses that stand in text for themselves, even escaped ones.
        var meant = links.Where(l => !IsItself(l.Text("text")!, l.Text("url")!)).Select(l => (l.Text("text"), l.Text("url")));
        var expected = new[] { (Text: values.Title, values.Url), (Text: values.Container?.Name ?? "", values.Container?.Url) }.Where(e => e.Url is not null);
        Assert.Equal(expected.Select(e => (Line(e.Text), e.Url)), meant);
    }

    private static bool IsItself(string text, string url) => url == text || url == "http://" + text || url == "mailto:" + text;

    private static string? Line(string text) => Normaliser.Line(text, text.Length);

    private static string TextOf(JsonElement block) => string.Concat(block.GetProperty("parts").EnumerateArray().Select(p => p.Text("text")));
}
