using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

/// <summary>When two connections show one contribution, and when they do not.</summary>
public sealed class SameItemTests
{
    [Fact]
    public async Task Second_item_of_a_connection_is_no_part_of_an_entry_it_already_sees_even_at_an_address_of_that_entry()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (blog, planet) = (LedgerFixture.Observer("a"), LedgerFixture.Observer("b"));
        var first = LedgerFixture.Draft("first");
        var copied = LedgerFixture.Draft("copied") with { Url = first.Url };
        await app.HarvestAsync(blog, first);
        await app.HarvestAsync(planet, copied);
        Assert.Single(await app.WalkAsync(""));
        await app.HarvestAsync(planet, copied with { Url = "https://example.org/second" });

        await app.HarvestAsync(blog, first, LedgerFixture.Draft("second", "2026-06-02T10:00:00Z"));

        Assert.Equal(2, (await app.WalkAsync("")).Count);
    }
}
