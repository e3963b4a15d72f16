using System.Globalization;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Feeds as blogs publish them, each a blog of its own: all of it lands, and the second time nothing is written.</summary>
public sealed class RealFeedsLandTests
{
    [CorporaFact]
    public Task Every_real_feed_with_validators_is_harvested_once() => LandsAsync(validators: true);

    [CorporaFact]
    public Task Every_real_feed_without_validators_is_harvested_once() => LandsAsync(validators: false);

    private static async Task LandsAsync(bool validators)
    {
        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(Corpora.Path("real-feeds", "expected.json")));
        var blogs = new Blogs();
        var feeds = new List<(string File, string Address, int? Count)>();
        foreach (var feed in expected.RootElement.EnumerateObject())
        {
            var kind = feed.Value.GetProperty("kind").GetString();
            if (kind == "rdf")
                continue;
            var address = string.Create(CultureInfo.InvariantCulture, $"https://blog{feeds.Count}.example/feed");
            var bytes = await File.ReadAllBytesAsync(Corpora.Path("real-feeds", "input", feed.Name));
            blogs.NothingElse(new Uri(address).Host);
            var tag = $"\"{feeds.Count}\"";
            blogs.On(address, request => validators && request.Headers.IfNoneMatch.Any(e => e.Tag == tag)
                ? ScriptedWeb.Answer(304, [])
                : ScriptedWeb.Answer(200, bytes, "application/xml", validators ? [("ETag", tag)] : []));
            int? count = feed.Value.TryGetProperty("consensus", out var consensus) ? Count(consensus) : null;
            feeds.Add((feed.Name, address, count));
        }

        await using var app = await AppFixture.StartAsync(blogs.Web, new TestClock(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero)));
        var connections = new List<(string File, string Id, int? Count)>();
        foreach (var (file, address, count) in feeds)
            connections.Add((file, await app.ConnectAsync(address), count));

        Assert.Empty(app.Failures);
        var bySighting = (await app.LedgerAsync()).SelectMany(e => e.GetProperty("sightings").EnumerateArray())
            .GroupBy(s => s.GetProperty("connection").GetString()!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var wrong = connections.Where(c => c.Count is { } count && count != bySighting.GetValueOrDefault(c.Id))
            .Select(c => $"{c.File}: {bySighting.GetValueOrDefault(c.Id)} instead of {c.Count}");
        Assert.Empty(wrong);

        var before = await app.DumpAsync("ledger");
        foreach (var (file, id, _) in connections)
        {
            await app.PostAsync($"/connections/{id}/harvest", "{}");
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            app.Table.Forget();
            await app.DrainAsync();
            Assert.True(app.Table.Operations.Count <= 4, $"{file}: {string.Join(", ", app.Table.Operations)}");
        }

        Assert.Equal(before, await app.DumpAsync("ledger"));
        await InterleavingTests.AssertCountsAsync(app);
    }

    /// <summary>An id that comes again with the same link and title is the same thing told twice.</summary>
    private static int Count(JsonElement consensus)
    {
        var repeated = consensus.GetProperty("entries").EnumerateArray()
            .Where(e => e.TryGetProperty("id", out _))
            .GroupBy(e => $"{e.GetProperty("id")} {Field(e, "link")} {Field(e, "title")}", StringComparer.Ordinal).Sum(g => g.Count() - 1);
        return consensus.GetProperty("count").GetInt32() - repeated;
    }

    private static string Field(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.ToString() : "";
}
