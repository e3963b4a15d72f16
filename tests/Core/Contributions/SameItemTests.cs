using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

/// <summary>Which items are one contribution, within a connection and across two.</summary>
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

    [Fact]
    public async Task Item_that_comes_with_the_id_of_another_is_an_entry_of_its_own()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Unreliable("first", "guid"));

        await app.HarvestAsync(Unreliable("second", "guid") with { When = LedgerFixture.Now.AddDays(-3) });

        Assert.Equal(2, (await app.WalkAsync("")).Count);
    }

    [Fact]
    public async Task Item_that_gets_a_new_id_at_every_read_is_one_entry_with_five_more_ids_at_most()
    {
        await using var app = await LedgerFixture.StartAsync();
        for (var read = 0; read < 8; read++)
            await app.HarvestAsync(Unreliable("first", $"guid {read}"));

        Assert.Single(await app.WalkAsync(""));
        Assert.Equal(1 + 5, await app.Table.RangeAsync(TableNames.Ledger, app.Person, "k|", "k}", null, default).CountAsync());
    }

    [Fact]
    public async Task What_an_API_says_counts_before_a_feed_that_was_connected_earlier()
    {
        await using var app = await LedgerFixture.StartAsync();
        var draft = LedgerFixture.Draft("film");
        await app.HarvestAsync(LedgerFixture.Observer("a"), draft);
        await app.HarvestAsync(new SightingContext(Identity.Hash("b"), "youtube", "channel", Verified: false, LedgerFixture.Now, []), draft with { Title = "By the API" });

        await app.HarvestAsync(LedgerFixture.Observer("a"), draft with { Title = "By the feed" });

        Assert.Equal("By the API", Assert.Single((await app.GetAsync("/ledger")).GetProperty("items").EnumerateArray()).GetProperty("title").GetString());
    }

    private static Draft Unreliable(string name, string id) => LedgerFixture.Draft(name) with { NativeId = id, IdIsReliable = false };
}
