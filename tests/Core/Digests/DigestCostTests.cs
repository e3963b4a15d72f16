using System.Text;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Digests;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Digests;

public sealed class DigestCostTests(ITestOutputHelper output)
{
    /// <summary>Of a person with 10,000 entries over eight years a digest reads what it shows: five weeks, what is coming, and months of counts.</summary>
    [Fact]
    public async Task Digest_for_10000_entries_reads_only_the_weeks_it_shows()
    {
        await using var app = await DigestFixture.StartAsync();
        var end = DigestFixture.At("2026-06-10T12:00:00Z");
        var drafts = Enumerable.Range(0, 10_000).Select(i => DigestFixture.Draft("e" + i, end.AddMinutes(-i * 420).ToString("O"))).ToList();
        foreach (var chunk in drafts.Chunk(2_500))
            await app.HarvestAsync(chunk);
        await app.HarvestAsync([.. drafts.Take(10).Select(d => d with { Metrics = new Dictionary<string, double>(StringComparer.Ordinal) { ["views"] = 3 } })]);
        var shown = drafts.Count(d => d.When >= DigestFixture.At("2026-05-03T22:00:00Z"));
        Assert.InRange(shown, 100, 140);

        app.App.Clock.Advance(DigestFixture.At("2026-06-08T05:59:00Z") - app.App.Clock.GetUtcNow());
        app.App.Table.Forget();
        await app.App.PassAsync(TimeSpan.FromMinutes(1));
        var rows = app.App.Table.LedgerRows;
        Assert.Equal("2026-W23", Assert.Single(await app.RecordsAsync()).GetProperty("week").GetString());
        output.WriteLine($"{rows} rows of table ledger read, of {(await app.App.DumpAsync("ledger")).Count}");

        // Entries of five weeks and 14 days ahead, 18 months of counts (January of last year to June), a few numbers of ten entries.
        Assert.InRange(rows, 100, shown + 18 + 10);
    }

    /// <summary>The widest digest there is, with the links it really has.</summary>
    [Fact]
    public async Task HTML_of_200_contributions_with_real_links_is_under_100_KB()
    {
        await using var app = await DigestFixture.StartAsync();
        var digest = Sample.Many(200);
        var person = new Person { Id = app.Person, Since = digest.MadeAt };
        var links = app.App.App.Services.GetRequiredService<DigestAddresses>().Links(person, digest);
        var parts = DigestParts.Of(digest, links);
        var html = await app.App.App.Services.GetRequiredService<DigestMailHtml>()(parts);
        output.WriteLine($"{Encoding.UTF8.GetByteCount(html)} bytes of HTML, {Encoding.UTF8.GetByteCount(DigestText.Of(parts))} of text");
        Assert.InRange(Encoding.UTF8.GetByteCount(html), 60_000, 100_000 - 1);
        Assert.Contains("and 140 more in your ledger", html, StringComparison.Ordinal);
    }
}
