using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

/// <summary>What a place only suggests is shown, counts nowhere until it is accepted, and never comes back once it is rejected.</summary>
public sealed class SuggestionTests
{
    [Fact]
    public async Task Suggestion_counts_once_it_is_accepted()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Suggested());
        Assert.Equal(0, (await app.GetAsync("/ledger")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, await CountAsync(app));
        var entry = (await app.GetAsync("/ledger?review=suggested")).GetProperty("items")[0];
        Assert.Equal("suggested", entry.GetProperty("review").GetString());

        await app.SendAsync(HttpMethod.Patch, $"/ledger/{entry.GetProperty("id")}", """{"review":"accepted"}""");
        Assert.Equal(1, await CountAsync(app));
        Assert.Equal(0, (await app.Reader.SuggestedAsync(app.Person, 10, CancellationToken.None)).Count);
        await app.HarvestAsync(Suggested() with { Summary = "Changed" });
        Assert.Equal(1, await CountAsync(app));
    }

    [Fact]
    public async Task Rejected_suggestion_stays_rejected()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Suggested());
        var entry = (await app.GetAsync("/ledger?review=suggested")).GetProperty("items")[0];
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{entry.GetProperty("id")}", """{"review":"rejected"}""");
        await app.HarvestAsync(Suggested() with { Summary = "Changed" });
        Assert.Equal(0, (await app.GetAsync("/ledger?review=suggested")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, await CountAsync(app));
    }

    [Fact]
    public async Task What_another_place_knows_for_certain_is_no_suggestion_any_more()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Observer("a"), Suggested());
        Assert.Equal((1, 0), ((await app.Reader.SuggestedAsync(app.Person, 10, CancellationToken.None)).Count, await CountAsync(app)));
        await app.HarvestAsync(LedgerFixture.Observer("b"), Suggested() with { IsSuggestion = false });
        Assert.Equal((0, 1), ((await app.Reader.SuggestedAsync(app.Person, 10, CancellationToken.None)).Count, await CountAsync(app)));
    }

    [Fact]
    public async Task Newest_suggestions_of_all_months_are_found_with_their_number()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(1, 9).Select(month => Suggested() with { NativeId = $"m{month}", Title = $"Month {month}", Url = $"https://a.example/{month}", When = new DateTimeOffset(2025, month, 3, 12, 0, 0, TimeSpan.Zero) })]);
        var (newest, count) = await app.Reader.SuggestedAsync(app.Person, 3, CancellationToken.None);
        Assert.Equal((9, "Month 9, Month 8, Month 7"), (count, string.Join(", ", newest.Select(entry => entry.Effective().Title))));
    }

    private static Draft Suggested() => LedgerFixture.Draft("guest", kind: Kind.PodcastEpisode) with { IsSuggestion = true };

    private static async Task<int> CountAsync(LedgerFixture app) => (await app.GetAsync("/ledger/summary?from=2025-01-01&to=2026-12-31")).GetProperty("public").GetProperty("total").GetInt32();
}
