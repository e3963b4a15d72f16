using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary><c>/ledger/{id}</c> and its buttons.</summary>
public sealed class EntryPageTests
{
    [Fact]
    public async Task Entry_shows_what_is_known_how_and_since_when()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("Data that survives the tunnel", when: "2026-02-05", more: ""","metrics":{"attendees":110},"topics":["SQLite"],"note":"Slides are late","url":"https://oresund.example/tunnel" """);

        await site.OpenAsync("/ledger/" + id);

        Assert.Contains("Talk · speaker", site.Text, StringComparison.Ordinal);
        Assert.Contains("Thursday 5 February 2026", site.Text, StringComparison.Ordinal);
        Assert.Contains("Attended 110 typed by you on 1 Jun 2026 Topics SQLite Note Slides are late", site.Text, StringComparison.Ordinal);
        Assert.Contains("Evidence: 1 page oresund.example/tunnel Logged by you, first on 1 Jun 2026", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 Jun 2026 You typed 110 attended. 1 Jun 2026 Logged by you.", site.Text, StringComparison.Ordinal);
        Assert.Contains("<a class=\"button plain\" href=\"https://oresund.example/tunnel\" rel=\"noreferrer nofollow\">", site.Browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Number_that_was_typed_anew_says_what_it_was_before()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk", more: ""","metrics":{"attendees":64}""");
        site.App.Clock.Advance(TimeSpan.FromDays(2));
        await site.App.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"metrics":{"attendees":110}}""");
        await site.OpenAsync("/ledger/" + id);
        Assert.Contains("3 Jun 2026 You typed 110 attended. Before: 64 1 Jun 2026 You typed 64 attended. 1 Jun 2026 Logged by you.", site.Text, StringComparison.Ordinal);
        Assert.Contains("46 more attended since 1 Jun 2026", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_number_is_not_known_and_never_zero()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/ledger/" + await site.LogAsync("A talk"));
        Assert.Contains("Attended not known", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Number_that_was_measured_several_times_is_drawn_and_can_be_read_as_a_table()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var draft = LedgerSiteFixture.Draft();
        string id = "";
        foreach (var views in new[] { 100, 250, 3870 })
        {
            id = await site.HarvestAsync(draft with { Metrics = new Dictionary<string, double>(StringComparer.Ordinal) { ["views"] = views } });
            site.App.Clock.Advance(TimeSpan.FromDays(9));
        }

        await site.OpenAsync("/ledger/" + id);

        Assert.Contains("Views 3,870 measured by the feed on 19 Jun 2026", site.Text, StringComparison.Ordinal);
        Assert.Contains("3,770 more views since 1 Jun 2026", site.Text, StringComparison.Ordinal);
        Assert.Equal(3, site.Browser.Page.Split("<circle").Length - 1);
        Assert.Contains("3 values. Show as a table Day Views How 19 Jun 2026 3,870 measured 10 Jun 2026 250 measured 1 Jun 2026 100 measured", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Date_that_is_not_known_is_said_to_be_so()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/ledger/" + await site.HarvestAsync(LedgerSiteFixture.Draft() with { When = null }));
        Assert.Contains("No date is known. This is the day on which it was first seen.", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_malformed_and_foreign_ids_get_the_same_page()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var other = await site.Get<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Since = now }, CancellationToken.None);
        var draft = LedgerSiteFixture.Draft();
        var foreign = await site.HarvestAsync(draft, other.Id);
        var pages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in new[] { foreign, Identity.Hash("unknown"), "x", "%20" })
        {
            await site.OpenAsync("/ledger/" + id);
            Assert.Equal(HttpStatusCode.NotFound, site.Browser.Status);
            pages.Add(site.Browser.Page.Replace(site.Browser.Token, "", StringComparison.Ordinal));
            foreach (var form in new[] { "private", "review", "restore", "edit", "delete" })
            {
                await site.OpenAsync("/settings");
                await site.Browser.SubmitAsync($"/ledger/{id}/{form}", ("value", "true"));
                Assert.Equal(HttpStatusCode.NotFound, site.Browser.Status);
            }
        }

        Assert.Contains("There is no such contribution", Assert.Single(pages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Button_acts_at_once_and_can_be_undone()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A <b>talk</b>");
        await site.OpenAsync("/ledger/" + id);

        await site.Browser.SubmitAsync($"/ledger/{id}/private", ("value", "true"));
        Assert.Equal("/ledger/" + id, site.Browser.Path);
        Assert.Contains("“A <b>talk</b>” is private now. Undo", site.Text, StringComparison.Ordinal);
        Assert.True((await site.EntryAsync(id)).GetProperty("private").GetBoolean());
        var before = await site.App.DumpAsync("ledger");
        await site.Browser.SubmitAsync($"/ledger/{id}/private", ("value", "true"));
        Assert.Equal(before, await site.App.DumpAsync("ledger"));
        await site.Browser.SubmitAsync($"/ledger/{id}/private", ("value", "false"));
        await site.UndoAsync();
        Assert.True((await site.EntryAsync(id)).GetProperty("private").GetBoolean());
        await site.UndoAsync();
        Assert.Contains("is public now.", site.Text, StringComparison.Ordinal);
        Assert.False((await site.EntryAsync(id)).GetProperty("private").GetBoolean());

        await site.Browser.SubmitAsync($"/ledger/{id}/review", ("value", "rejected"));
        Assert.Contains("“A <b>talk</b>” is not yours any more. Undo", site.Text, StringComparison.Ordinal);
        Assert.Equal("rejected", (await site.EntryAsync(id)).GetProperty("review").GetString());
        await site.UndoAsync();
        Assert.Equal("new", (await site.EntryAsync(id)).GetProperty("review").GetString());
    }

    [Theory]
    [InlineData("private", "maybe")]
    [InlineData("review", "stolen")]
    public async Task Button_with_a_value_that_there_is_not_changes_nothing(string form, string value)
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        await site.OpenAsync("/ledger/" + id);
        var before = await site.App.DumpAsync("ledger");
        await site.Browser.SubmitAsync($"/ledger/{id}/{form}", ("value", value));
        Assert.Contains("Nothing was chosen, so nothing was changed.", site.Text, StringComparison.Ordinal);
        Assert.Equal(before, await site.App.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Form_without_the_pages_token_is_refused()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        await site.OpenAsync("/ledger/" + id);
        var before = await site.App.DumpAsync("ledger");
        foreach (var path in new[] { $"/ledger/{id}/private", $"/ledger/{id}/review", $"/ledger/{id}/restore", $"/ledger/{id}/edit", $"/ledger/{id}/delete", "/ledger/several", "/log" })
        {
            await site.Browser.PostAsync(path, ("value", "true"), ("do", "private"), ("entry", id), ("title", "x"), ("kind", "talk"), ("when", "2026-05-20"));
            Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        }

        Assert.Equal(before, await site.App.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Way_back_that_somebody_put_into_the_cookie_is_not_shown()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        await site.OpenAsync("/ledger/" + id);
        await site.Browser.SubmitAsync($"/ledger/{id}/private", ("value", "true"));
        foreach (var cookie in new[] { "eyJUZXh0IjoiSGkifQ", "s2.AAAA", "!aGk" })
        {
            site.Browser.SetCookie("said", cookie);
            await site.OpenAsync("/ledger/" + id);
            Assert.Equal(HttpStatusCode.OK, site.Browser.Status);
            Assert.DoesNotContain("role=\"status\"", site.Browser.Page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task History_tells_changes_in_sentences_and_puts_back_what_was_edited()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft("Working title"));
        site.App.Clock.Advance(TimeSpan.FromDays(1));
        await site.HarvestAsync(LedgerSiteFixture.Draft("Published title"));
        site.App.Clock.Advance(TimeSpan.FromDays(1));
        await site.App.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"title":"My title","when":"2026-05-01"}""");

        await site.OpenAsync("/ledger/" + id);
        Assert.Contains("History: 3 changes", site.Text, StringComparison.Ordinal);
        Assert.Contains("3 Jun 2026 You changed the title. Before: “Published title” Put it back", site.Text, StringComparison.Ordinal);
        Assert.Contains("3 Jun 2026 You changed the date. Before: Friday 22 May 2026 Put it back", site.Text, StringComparison.Ordinal);
        Assert.Contains("2 Jun 2026 The title changed. Before: “Working title” 1 Jun 2026 First seen at the feed.", site.Text, StringComparison.Ordinal);

        await site.Browser.SubmitAsync($"/ledger/{id}/restore", ("field", "title"), ("revision", "2"));
        Assert.Contains("The title of “Published title” is as it was. Undo", site.Text, StringComparison.Ordinal);
        var entry = await site.EntryAsync(id);
        Assert.Equal(("Published title", "when"), (entry.GetProperty("title").GetString(), Assert.Single(entry.GetProperty("edited").EnumerateArray()).GetString()));

        await site.UndoAsync();
        Assert.Equal("My title", (await site.EntryAsync(id)).GetProperty("title").GetString());
        await site.Browser.SubmitAsync($"/ledger/{id}/restore", ("field", "id"), ("revision", "2"));
        Assert.Contains("There is no such value to put back.", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_logged_by_hand_is_deleted_after_a_question_and_a_harvested_one_never()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var (typed, harvested) = (await site.LogAsync("A talk"), await site.HarvestAsync(LedgerSiteFixture.Draft()));

        await site.OpenAsync("/ledger/" + typed);
        await site.OpenAsync(site.Link("Delete this entry"));
        Assert.Contains("Delete “A talk”?", site.Text, StringComparison.Ordinal);
        Assert.Contains("It cannot be undone.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync($"/ledger/{typed}/delete");
        Assert.Equal("/ledger", site.Browser.Path);
        Assert.Contains("“A talk” is deleted.", site.Text, StringComparison.Ordinal);

        await site.OpenAsync("/ledger/" + harvested);
        Assert.DoesNotContain("Delete this entry", site.Text, StringComparison.Ordinal);
        await site.OpenAsync($"/ledger/{harvested}/delete");
        Assert.Contains("A place shows it, so it would come back.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync($"/ledger/{harvested}/delete");
        Assert.Contains("A place shows it, so it would come back.", site.Text, StringComparison.Ordinal);
        Assert.Single(await site.App.LedgerAsync());
    }
}
