using System.Net;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>What is done with several entries at once.</summary>
public sealed class SeveralTests
{
    private const string Path = "/ledger/several";

    [Theory]
    [InlineData("private", "2 contributions are private now.", "private")]
    [InlineData("rejected", "2 contributions are not yours any more.", "review")]
    [InlineData("topic", "2 contributions have the topic “SQLite”.", "topics")]
    public async Task Act_on_several_has_one_notice_and_one_way_back_for_all(string act, string said, string field)
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var ids = new[] { await site.LogAsync("One"), await site.HarvestAsync(LedgerSiteFixture.Draft()) };
        var other = await site.LogAsync("Other");
        await site.App.SendAsync(HttpMethod.Patch, "/ledger/" + ids[0], """{"review":"accepted"}""");
        var before = await ValuesAsync(site, field, [.. ids, other]);
        await site.OpenAsync("/ledger?q=&order=newest");
        Assert.Equal(3, site.Browser.Page.Split("aria-labelledby=\"c t").Length - 1);

        await site.Browser.SubmitAsync(Path, ("do", act), ("topic", "SQLite"), ("return", site.Value("return")), ("entry", ids[0]), ("entry", ids[1]));

        Assert.Equal("/ledger?order=newest", site.Browser.Path);
        Assert.Contains(said + " Undo", site.Text, StringComparison.Ordinal);
        var after = await ValuesAsync(site, field, [.. ids, other]);
        Assert.NotEqual(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);
        Assert.Equal(before[2], after[2]);

        await site.UndoAsync();

        Assert.Contains("2 contributions are as they were.", site.Text, StringComparison.Ordinal);
        Assert.Equal("/ledger?order=newest", site.Browser.Path);
        Assert.Equal(before, await ValuesAsync(site, field, [.. ids, other]));
    }

    [Fact]
    public async Task Only_those_that_were_changed_are_changed_back()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var (open, shut) = (await site.LogAsync("Open"), await site.LogAsync("Shut", more: ""","private":true"""));
        await site.OpenAsync("/ledger");
        await site.Browser.SubmitAsync(Path, ("do", "private"), ("entry", open), ("entry", shut));
        Assert.Contains("“Open” is private now.", site.Text, StringComparison.Ordinal);
        await site.UndoAsync();
        Assert.Equal(["False", "True"], await ValuesAsync(site, "private", [open, shut]));
        await site.Browser.SubmitAsync(Path, ("do", "private"), ("entry", shut));
        Assert.Contains("Nothing was changed: they are so already.", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundred_at_once_fit_and_can_be_undone_and_more_are_left_alone()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var newest = site.App.Clock.GetUtcNow();
        await site.HarvestAllAsync([.. Enumerable.Range(0, 100).Select(number => LedgerSiteFixture.Draft() with { NativeId = $"post-{number}", Url = $"https://blog.example/{number}", When = newest.AddDays(-number) })]);
        var ids = (await site.App.LedgerAsync()).ConvertAll(entry => ("entry", entry.GetProperty("id").GetString()!));
        await site.OpenAsync("/ledger");

        await site.Browser.SubmitAsync(Path, [("do", "private"), ("return", "/ledger?kind=blogPost"), .. ids]);

        Assert.Contains("100 contributions are private now.", site.Text, StringComparison.Ordinal);
        Assert.All(await site.App.LedgerAsync(), entry => Assert.True(entry.GetProperty("private").GetBoolean()));
        await site.UndoAsync();
        Assert.Contains("100 contributions are as they were.", site.Text, StringComparison.Ordinal);
        Assert.All(await site.App.LedgerAsync(), entry => Assert.False(entry.GetProperty("private").GetBoolean()));

        await site.Browser.SubmitAsync(Path, [("do", "private"), .. ids, .. ids]);
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.All(await site.App.LedgerAsync(), entry => Assert.False(entry.GetProperty("private").GetBoolean()));
    }

    [Fact]
    public async Task Nothing_chosen_no_topic_and_ids_of_others_change_nothing()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("One");
        var other = await site.Get<ContributionIngest.Core.People.PeopleStore>().CreateAsync((person, now) => new ContributionIngest.Core.People.Person { Id = person, Since = now }, CancellationToken.None);
        var foreign = await site.HarvestAsync(LedgerSiteFixture.Draft(), other.Id);
        await site.OpenAsync("/ledger");
        var before = await site.App.DumpAsync("ledger");

        await site.Browser.SubmitAsync(Path, ("do", "private"));
        Assert.Contains("Nothing was chosen. Tick the boxes of some contributions first.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync(Path, ("do", "topic"), ("topic", " "), ("entry", id));
        Assert.Contains("Type the topic to add. Nothing was changed.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync(Path, ("do", "private"), ("entry", foreign), ("entry", "x"));
        await site.Browser.SubmitAsync(Path, ("undo.private", foreign), ("return", "https://elsewhere.example/"));
        Assert.Equal("/ledger", site.Browser.Path);
        await site.Browser.SubmitAsync(Path, ("undo.burn", id), ("return", "//elsewhere.example/ledger"));
        Assert.Equal("/ledger", site.Browser.Path);
        Assert.Equal(before, await site.App.DumpAsync("ledger"));
    }

    private static async Task<List<string>> ValuesAsync(LedgerSiteFixture site, string field, IReadOnlyList<string> ids)
    {
        var values = new List<string>();
        foreach (var id in ids)
        {
            var entry = await site.EntryAsync(id);
            values.Add($"{entry.GetProperty(field)}{(field == "topics" ? entry.GetProperty("edited").ToString() : "")}");
        }

        return values;
    }
}
