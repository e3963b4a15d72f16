using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>Templates on <c>/log</c> and <c>/log/templates</c>, without scripts.</summary>
public sealed class TemplatePageTests
{
    [Fact]
    public async Task Template_is_logged_for_today_by_one_button_and_undone()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await KeepAsync(site);
        await site.OpenAsync("/log");
        Assert.Contains("Log again, for today", site.Text, StringComparison.Ordinal);

        await PressAsync(site, "Monthly meetup");

        Assert.Contains("“Monthly meetup” is in the ledger, for today.", site.Text, StringComparison.Ordinal);
        var entry = Assert.Single(await site.App.LedgerAsync());
        Assert.Equal((site.App.Clock.GetUtcNow().UtcDateTime.Date, 40), (entry.GetProperty("when").GetDateTimeOffset().UtcDateTime.Date, entry.GetProperty("metrics").GetProperty("attendees").GetProperty("value").GetInt32()));
        await site.UndoAsync();
        Assert.Empty(await site.App.LedgerAsync());
    }

    [Fact]
    public async Task Button_that_is_pressed_twice_logs_once_a_day()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await KeepAsync(site);
        await site.OpenAsync("/log");
        var (token, once) = (site.Browser.Token, site.Value("once"));
        foreach (var days in new[] { 0, 0, 1 })
        {
            site.App.Clock.Advance(TimeSpan.FromDays(days));
            await site.Browser.PostAsync("/log/again", ("csrf", token), ("once", once), ("template", id));
        }

        Assert.Equal(2, (await site.App.LedgerAsync()).Count);
        await site.App.SendAsync(HttpMethod.Delete, "/templates/" + id);
        await site.OpenAsync("/log");
        await site.Browser.SubmitAsync("/log/again", ("template", id));
        Assert.Contains("There is no such template any more. Nothing was logged.", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_three_last_used_come_first_then_the_others_by_title()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        foreach (var title in new[] { "Echo", "Delta", "Charlie", "Bravo", "Alpha" })
        {
            var id = await KeepAsync(site, title);
            site.App.Clock.Advance(TimeSpan.FromMinutes(1));
            await site.App.PostAsync($"/templates/{id}/log", "{}");
        }

        await site.OpenAsync("/log");
        Assert.Equal(["Alpha", "Bravo", "Charlie", "Delta", "Echo"], Buttons(site).Select(button => button.Title));
        site.App.Clock.Advance(TimeSpan.FromMinutes(1));
        await PressAsync(site, "Echo");
        await site.OpenAsync("/log");
        Assert.Equal(["Echo", "Alpha", "Bravo", "Charlie", "Delta"], Buttons(site).Select(button => button.Title));
    }

    [Fact]
    public async Task Another_day_opens_the_form_filled_in_and_an_end_makes_it_one_entry_with_a_range()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await KeepAsync(site, more: ""","role":"host","topics":["Azure"],"metrics":{"attendees":40,"talks":2},"note":"At the library","private":true""");
        await site.OpenAsync("/log");
        await site.OpenAsync(site.Link("Another day"));
        var form = site.Form("/log");
        Assert.Equal(("Monthly meetup", "organising", "Azure", "40", "At the library", "true", ""), (form["title"], form["kind"], form["topics"], form["attendees"], form["note"], form["private"], form["when"]));

        (form["when"], form["endsAt"]) = ("1 Jan 2026", "31 Dec 2026");
        await site.Browser.SubmitAsync("/log", [.. form.Select(field => (field.Key, field.Value))]);

        var entry = Assert.Single(await site.App.LedgerAsync());
        Assert.Equal(("2026-01-01T12:00:00Z", "2026-12-31T12:00:00Z", "host"), (entry.GetProperty("when").GetString(), entry.GetProperty("endsAt").GetString(), entry.GetProperty("role").GetString()));
        Assert.Equal(2, entry.GetProperty("metrics").GetProperty("talks").GetProperty("value").GetInt32());
        Assert.True((await site.App.GetAsync("/templates")).GetProperty("items")[0].TryGetProperty("lastUsed", out _), id);
    }

    [Fact]
    public async Task End_before_the_start_is_a_fault_at_its_field()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/log");
        await site.Browser.SubmitAsync("/log", ("title", "Course"), ("kind", "workshop"), ("when", "20 May 2026"), ("endsAt", "19 May 2026"), ("minutes", "long"));
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Contains("'endsAt' is before 'when'.", site.Text, StringComparison.Ordinal);
        Assert.Contains("That is no number.", site.Text, StringComparison.Ordinal);
        Assert.Equal("19 May 2026", site.Value("endsAt"));
    }

    [Fact]
    public async Task What_is_logged_can_be_kept_at_once_and_once_only()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        foreach (var minutes in new[] { "60", "90" })
        {
            await site.OpenAsync("/log");
            await site.Browser.SubmitAsync("/log", ("title", "Answering"), ("kind", "mentoring"), ("when", "20 May 2026"), ("minutes", minutes), ("keep", "true"));
            Assert.Contains("“Answering” is in the ledger. It is kept as a template.", site.Text, StringComparison.Ordinal);
        }

        var template = Assert.Single((await site.App.GetAsync("/templates")).GetProperty("items").EnumerateArray());
        Assert.Equal(("Answering", "mentoring", 90), (template.GetProperty("title").GetString(), template.GetProperty("kind").GetString(), template.GetProperty("metrics").GetProperty("minutes").GetInt32()));
    }

    [Fact]
    public async Task Entry_is_kept_as_template_which_is_changed_deleted_and_brought_back()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("Monthly <b>meetup</b>", "organising", more: ""","metrics":{"attendees":40,"talks":2},"note":"Ключ"}""".TrimEnd('}'));
        await site.OpenAsync("/ledger/" + id);
        await site.OpenAsync(site.Link("Keep as template"));
        Assert.Equal(("Monthly <b>meetup</b>", "40"), (site.Value("title"), site.Value("attendees")));
        await SubmitAsync(site, "/log/templates");
        Assert.Contains("“Monthly <b>meetup</b>” is kept.", site.Text, StringComparison.Ordinal);

        var path = site.Browser.Page.Split("href=\"").Select(part => part.Split('"')[0]).First(link => link.StartsWith("/log/templates/", StringComparison.Ordinal) && !link.EndsWith("/new", StringComparison.Ordinal));
        await site.OpenAsync(path);
        await SubmitAsync(site, path, ("title", ""), ("kind", ""), ("attendees", "many"));
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.All(["Say what it is.", "Choose what it is.", "That is no number."], fault => Assert.Contains(fault, site.Text, StringComparison.Ordinal));
        await SubmitAsync(site, path, ("title", "Meetup"), ("kind", "event"), ("attendees", "45"));
        var saved = Assert.Single((await site.App.GetAsync("/templates")).GetProperty("items").EnumerateArray());
        Assert.Equal(("Meetup", "event"), (saved.GetProperty("title").GetString(), saved.GetProperty("kind").GetString()));

        await site.OpenAsync(path);
        await site.Browser.SubmitAsync(path + "/delete");
        Assert.Contains("“Meetup” is deleted. What was logged with it stays.", site.Text, StringComparison.Ordinal);
        Assert.Contains("No templates yet", site.Text, StringComparison.Ordinal);
        await site.UndoAsync();
        var back = Assert.Single((await site.App.GetAsync("/templates")).GetProperty("items").EnumerateArray());
        foreach (var name in new[] { "title", "kind", "role", "topics", "metrics", "note", "private" })
            Assert.Equal(saved.TryGetProperty(name, out var was) ? was.GetRawText() : null, back.TryGetProperty(name, out var now) ? now.GetRawText() : null);
        Assert.Single(await site.App.LedgerAsync());
    }

    [Fact]
    public async Task Way_back_that_is_no_template_keeps_nothing()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/log/templates/new");
        foreach (var values in new[] { "{", "[]", "7", """{"title":"x","kind":"talk","when":"2026-05-20"}""" })
        {
            await site.Browser.SubmitAsync("/log/templates", ("values", values));
            await site.OpenAsync("/log/templates/new");
        }

        var kept = (await site.App.GetAsync("/templates")).GetProperty("items");
        Assert.True(kept.GetArrayLength() <= 1, kept.GetRawText());
    }

    private static async Task<string> KeepAsync(LedgerSiteFixture site, string title = "Monthly meetup", string more = ""","metrics":{"attendees":40}""") =>
        (await site.App.PostAsync("/templates", $$"""{"title":{{JsonSerializer.Serialize(title)}},"kind":"organising"{{more}}}""")).Body.GetProperty("id").GetString()!;

    private static List<(string Id, string Title)> Buttons(LedgerSiteFixture site) =>
        [.. Regex.Matches(site.Browser.Page, "<button name=\"template\" value=\"(?<id>[^\"]*)\">.*?<bdi>(?<title>[^<]*)</bdi>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, Timeout.InfiniteTimeSpan).Select(match => (match.Groups["id"].Value, match.Groups["title"].Value))];

    private static Task PressAsync(LedgerSiteFixture site, string title) =>
        site.Browser.SubmitAsync("/log/again", ("once", site.Value("once")), ("template", Buttons(site).Single(button => button.Title == title).Id));

    /// <summary>Sends the form with some fields typed over.</summary>
    private static Task SubmitAsync(LedgerSiteFixture site, string action, params (string Name, string Value)[] typed)
    {
        var form = site.Form(action);
        foreach (var (name, value) in typed)
            form[name] = value;
        return site.Browser.SubmitAsync(action, [.. form.Select(field => (field.Key, field.Value))]);
    }
}
