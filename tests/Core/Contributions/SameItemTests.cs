using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Web;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Item_that_comes_with_the_id_of_another_but_without_address_or_date_is_the_same(bool hasAddress)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Unreliable("first", "guid"));

        var second = Unreliable("second", "guid");
        await app.HarvestAsync(hasAddress ? second with { When = null } : second with { Url = null, When = LedgerFixture.Now.AddDays(-3) });

        Assert.Single(await app.WalkAsync(""));
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

    [Fact]
    public async Task What_a_verified_connection_says_counts_before_an_earlier_one()
    {
        await using var app = await LedgerFixture.StartAsync();
        var draft = LedgerFixture.Draft("film");
        await app.HarvestAsync(LedgerFixture.Observer("a"), draft);
        await app.HarvestAsync(new SightingContext(Identity.Hash("b"), "feed", "https://example.org/b", Verified: true, LedgerFixture.Now, []), draft with { Title = "Verified" });

        await app.HarvestAsync(LedgerFixture.Observer("a"), draft with { Title = "Not verified" });

        Assert.Equal("Verified", Assert.Single((await app.GetAsync("/ledger")).GetProperty("items").EnumerateArray()).GetProperty("title").GetString());
    }

    [Fact]
    public async Task At_most_twenty_entries_are_known_by_one_address()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 21).Select(n => LedgerFixture.Draft($"{n}") with { Url = "https://example.org/all" })]);

        Assert.Equal(20, (await app.Reader.KnownByAsync(app.Person, CanonicalUrl.Of("https://example.org/all")!, default)).Count);
    }

    [Fact]
    public async Task Page_that_two_feeds_name_with_and_without_www_is_one_entry()
    {
        await using var app = await LedgerFixture.StartAsync();
        var page = Unreliable("page", "one");
        await app.HarvestAsync(LedgerFixture.Observer("a"), page);

        await app.HarvestAsync(LedgerFixture.Observer("b"), page with { NativeId = "other", Url = "https://www.example.org/page" });

        Assert.Single(await app.WalkAsync(""));
    }

    [Fact]
    public async Task Items_that_lead_to_the_site_itself_are_told_apart_by_their_ids()
    {
        await using var app = await LedgerFixture.StartAsync();
        var context = LedgerFixture.Observer("a") with { OwnAddresses = ["https://example.org/blog"] };
        await app.HarvestAsync(context, Unreliable("first", "one") with { Url = "https://example.org/blog/" });

        await app.HarvestAsync(context, Unreliable("second", "two") with { Url = "https://example.org/blog/", When = LedgerFixture.Now.AddDays(-3) });

        Assert.Equal(2, (await app.WalkAsync("")).Count);
    }

    private static Draft Unreliable(string name, string id) => LedgerFixture.Draft(name) with { NativeId = id, IdIsReliable = false };
}
