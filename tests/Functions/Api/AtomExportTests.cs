using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Model;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>The ledger as an Atom feed, read back by feedsmith.</summary>
public sealed class AtomExportTests
{
    [Fact]
    public async Task Atom_contains_the_whole_ledger()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.SendAsync(HttpMethod.Put, "/me", """{"name":"Ada <b>L</b> & Co"}""");
        await new Scenario(11).FillAsync(app);
        await ExportReader.HarvestHostileAsync(app);
        var (_, feed) = await ExportReader.ExportAsync(app, "atom");
        Assert.Equal("Contributions of Ada <b>L</b> & Co", feed.GetProperty("title").Text("value"));
        Assert.Equal("Ada <b>L</b> & Co", feed.GetProperty("authors")[0].Text("name"));
        Assert.StartsWith("urn:uuid:", feed.Text("id"), StringComparison.Ordinal);
        Assert.Equal("http://localhost/api/ledger?format=atom&limit=all&review=all", feed.GetProperty("links")[0].Text("href"));
        Assert.Equal("self", feed.GetProperty("links")[0].Text("rel"));
        var entries = await ExportReader.EntriesAsync(app);
        Assert.Equal(entries.Count, feed.GetProperty("entries").GetArrayLength());
        foreach (var (item, entry) in feed.GetProperty("entries").EnumerateArray().Zip(entries))
        {
            var values = entry.Effective();
            Assert.Equal(Valid(values.Title), item.GetProperty("title").Text("value"));
            Assert.Equal(values.Url, item.TryGetProperty("links", out var links) ? links[0].Text("href") : null);
            Assert.Equal(values.When, Time(item.Text("published")!));
            Assert.Equal(entry.Sightings.Max(s => s.LastSeen), Time(item.Text("updated")!));
            var (kind, topics) = (item.GetProperty("categories")[0], item.GetProperty("categories").EnumerateArray().Skip(1));
            Assert.Equal((EnumText<Kind>.Of(values.Kind), "urn:contributioningest:kind"), (kind.Text("term"), kind.Text("scheme")));
            Assert.Equal(values.Topics.Select(Valid), topics.Select(t => t.Text("term")));
            Assert.Equal(values is { Url: not null, Summary: { } summary } ? Valid(summary) : null, item.TryGetProperty("summary", out var read) ? read.Text("value") : null);
            Assert.Equal(values.Url is null ? Valid(values.Summary ?? values.Title) : null, item.TryGetProperty("content", out var content) ? content.Text("value") : null);
        }
    }

    [Fact]
    public async Task Date_that_nobody_gave_or_that_is_still_to_come_is_not_published_in_Atom()
    {
        await using var app = await LedgerFixture.StartAsync("America/New_York");
        await app.HarvestAsync(
            LedgerFixture.Draft("coming") with { When = LedgerFixture.Now.AddDays(20) },
            LedgerFixture.Draft("unknown") with { When = null },
            LedgerFixture.Draft("derived", "2026-06-01T00:00:00Z") with { DatePrecision = DatePrecision.Derived },
            LedgerFixture.Draft("day", "2026-05-20T00:00:00Z") with { DatePrecision = DatePrecision.Day },
            LedgerFixture.Draft("exact", "2026-05-10T08:30:00.5Z"));
        var (_, feed) = await ExportReader.ExportAsync(app, "atom");
        var published = feed.GetProperty("entries").EnumerateArray().ToDictionary(e => e.GetProperty("title").Text("value")!, e => e.Text("published"), StringComparer.Ordinal);
        Assert.Equal([null, null, null, "2026-05-20T12:00:00Z", "2026-05-10T08:30:00.5Z"], from name in (string[])["coming", "unknown", "derived", "day", "exact"] select published["Title of " + name]);
    }

    [Fact]
    public async Task Ids_in_Atom_stay_the_same_for_an_entry_and_differ_between_people_and_queries()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one"), LedgerFixture.Draft("two", "2026-06-02T10:00:00Z"));
        var (_, first) = await ExportReader.ExportAsync(app, "atom", "limit=1");
        var (_, whole) = await ExportReader.ExportAsync(app, "atom", "limit=all");
        var (_, talks) = await ExportReader.ExportAsync(app, "atom", "limit=all&kind=blogPost");
        Assert.Equal(first.Text("id"), whole.Text("id"));
        Assert.NotEqual(whole.Text("id"), talks.Text("id"));
        Assert.Equal(Ids(whole)[..1], Ids(first));
        Assert.Equal(Ids(whole), Ids(talks));
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + (await app.WalkAsync("limit=1"))[0], """{"title":"Another","when":"2026-04-04"}""");
        Assert.Equal(Ids(whole).Order(StringComparer.Ordinal), Ids((await ExportReader.ExportAsync(app, "atom")).Read).Order(StringComparer.Ordinal));

        await app.EnterAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one"), LedgerFixture.Draft("two", "2026-06-02T10:00:00Z"));
        var (_, theirs) = await ExportReader.ExportAsync(app, "atom", "limit=all");
        Assert.Empty(Ids(whole).Append(whole.Text("id")!).Intersect(Ids(theirs).Append(theirs.Text("id")!), StringComparer.Ordinal));
    }

    [Fact]
    public async Task Page_in_Atom_links_the_next_one_and_is_as_new_as_its_newest_change()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(1, 5).Select(n => LedgerFixture.Draft($"n{n}", $"2026-05-0{n}T10:00:00Z"))]);
        app.Clock.Advance(TimeSpan.FromHours(3));
        var titles = new List<string>();
        for (var path = "/api/ledger?limit=2&format=atom"; path is not null;)
        {
            var feed = await ExportReader.ReadAsync("atom", await app.Client.GetByteArrayAsync(new Uri(path, UriKind.RelativeOrAbsolute)));
            Assert.Equal(LedgerFixture.Now, Time(feed.Text("updated")!));
            titles.AddRange(feed.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("title").Text("value")!));
            path = feed.GetProperty("links").EnumerateArray().SingleOrDefault(l => l.Text("rel") == "next") is { ValueKind: JsonValueKind.Object } link ? link.Text("href") : null;
        }

        Assert.Equal(["Title of n5", "Title of n4", "Title of n3", "Title of n2", "Title of n1"], titles);
        var (_, whole) = await ExportReader.ExportAsync(app, "atom");
        Assert.Equal(LedgerFixture.Now.AddHours(3), Time(whole.Text("updated")!));
    }

    [Fact]
    public async Task Feed_has_what_RFC_4287_requires_even_of_an_empty_ledger_without_a_name()
    {
        await using var app = await LedgerFixture.StartAsync();
        var feed = XDocument.Load(new MemoryStream((await ExportReader.ExportAsync(app, "atom")).Document)).Root!;
        Assert.Equal(["id", "title", "updated", "author", "link"], feed.Elements().Select(e => e.Name.LocalName));
        Assert.Equal(["Contributions", "unknown"], from name in (string[])["title", "author"] select feed.Element(feed.Name.Namespace + name)!.Value);
        Assert.NotEqual("", feed.Elements().First().Value);
    }

    [Fact]
    public async Task Characters_that_XML_cannot_hold_are_dropped_from_Atom()
    {
        await using var output = new MemoryStream();
        var head = new FeedHead("ledger", "http://localhost/", null, LedgerFixture.Now, LedgerFixture.Now);
        await LedgerAtom.WriteAsync(output, ExportReader.RawAsync("a\0\u0001\u001F\uFFFE\uFFFF\uD83Db🎉\uDE00"), new LedgerOwner("p", "\0Ada", DateTimeZone.Utc), head, CancellationToken.None);
        Assert.DoesNotContain('\0', Encoding.UTF8.GetString(output.ToArray()));
        var feed = await ExportReader.ReadAsync("atom", output.ToArray());
        Assert.Equal("ab🎉", feed.GetProperty("entries")[0].GetProperty("title").Text("value"));
        Assert.Equal("Ada", feed.GetProperty("authors")[0].Text("name"));
    }

    private static List<string> Ids(JsonElement feed) => [.. feed.GetProperty("entries").EnumerateArray().Select(e => e.Text("id")!)];

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Valid(string text) => text.Replace("\uFFFE", "", StringComparison.Ordinal).Replace("\uFFFF", "", StringComparison.Ordinal);
}
