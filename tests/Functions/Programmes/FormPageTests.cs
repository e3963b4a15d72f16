using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Site;
using Xunit;

namespace ContributionIngest.Tests.Functions.Programmes;

/// <summary>The pages of a form, in a browser without scripts.</summary>
public sealed class FormPageTests
{
    private const string Stars = "/programmes/github-star/form";

    [Fact]
    public async Task Fault_is_settled_in_place_and_the_button_counts()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("Seen by all", "talk", more: ",\"url\":\"https://blog.example/talk\"");
        var bad = await site.LogAsync("Without a link", "mentoring");
        await site.OpenAsync(Stars);
        Assert.Contains("2 contributions for the form, 1 has a fault", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 contribution lacks something", site.Text, StringComparison.Ordinal);
        Assert.Contains("It has no address. Give one for this form, or in the ledger.", site.Text, StringComparison.Ordinal);
        Assert.Equal("/api/programmes/github-star/export?format=json&faulty=skip", site.Link("Export 1, 1 has a fault (JSON)"));
        Assert.Contains("The form is reported by participants, seen 2026", site.Text, StringComparison.Ordinal);

        await site.Browser.SubmitAsync(Stars, ($"entry.{bad}.url", "javascript:alert(1)"));
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Contains("Not saved: one answer needs another look.", site.Text, StringComparison.Ordinal);
        Assert.Contains("“javascript:alert(1)” is no web address. Give an address with http:// or https://.", site.Text, StringComparison.Ordinal);
        Assert.Equal("javascript:alert(1)", site.Value($"entry.{bad}.url"));

        await site.Browser.SubmitAsync(Stars, ($"entry.{bad}.url", "https://blog.example/mentoring"));
        Assert.Equal(Stars, site.Browser.Path);
        Assert.Contains("1 answer is saved.", site.Text, StringComparison.Ordinal);
        Assert.Contains("2 contributions for the form, none has a fault", site.Text, StringComparison.Ordinal);
        Assert.Equal("/api/programmes/github-star/export?format=json", site.Link("Export 2 (JSON)"));
        Assert.False((await site.EntryAsync(bad)).TryGetProperty("url", out _));
    }

    [Fact]
    public async Task Questions_come_first_and_are_asked_once()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("JSON Schema in a day", "talk", more: ",\"url\":\"https://blog.example/day\"");
        await site.OpenAsync("/programmes/json-schema-ambassador/form");
        Assert.Contains("10 questions without an answer.", site.Text, StringComparison.Ordinal);
        Assert.Contains("Something about you is missing, which the form cannot be without.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync(
            "/programmes/json-schema-ambassador/form", ("person.name", "Ada"), ("person.title", "Analyst"), ("person.bio", "Writes\nprograms."), ("person.img", "https://example.org/a.png"), ("person.github", "ada-l"), ("person.company", "Engines"), ("person.country", "Sweden"));
        Assert.Contains("7 answers are saved.", site.Text, StringComparison.Ordinal);
        Assert.Contains("Export 1 (JSON)", site.Text, StringComparison.Ordinal);

        // Another form that wants the same has it already.
        await site.OpenAsync("/programmes/asyncapi-ambassador/form");
        Assert.Equal(("Ada", "ada-l"), (site.Value("person.name"), site.Value("person.github")));
        await site.Browser.SubmitAsync("/programmes/asyncapi-ambassador/form", ("person.name", ""));
        Assert.Equal("", site.Value("person.name"));
    }

    [Fact]
    public async Task Boxes_are_ticked_once_for_all_and_an_entry_may_differ()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var post = await site.LogAsync("Fast tables", "blogPost", more: ",\"url\":\"https://blog.example/fast\",\"topics\":[\"dotnet\"]");
        var path = "/programmes/microsoft-mvp-renewal/form";
        await site.OpenAsync(path);
        Assert.Contains("Who is it for?", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 contribution has none.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync(path, ("all.audience", ""), ("all.audience", "Developer"), ("all.audience", "Student"));
        Assert.Contains("1 contribution for the form, none has a fault", site.Text, StringComparison.Ordinal);

        await site.OpenAsync($"{path}?entry={post}");
        Assert.Contains("The form's fields of “Fast tables”", site.Text, StringComparison.Ordinal);
        Assert.Contains("Your answer for all.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync($"{path}?entry={post}", ($"entry.{post}.audience", "IT Pro"), ($"entry.{post}.title", "Fast tables"), ($"entry.{post}.views", "340"));
        Assert.Contains("2 answers are saved.", site.Text, StringComparison.Ordinal);
        Assert.Equal(340, (await site.EntryAsync(post)).GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32());

        await site.OpenAsync("/programmes/microsoft-mvp-renewal/sheet");
        Assert.Contains("1 contribution to copy into the form", site.Text, StringComparison.Ordinal);
        Assert.Contains("Target audience IT Pro", site.Text, StringComparison.Ordinal);
        Assert.Contains("Number of views 340", site.Text, StringComparison.Ordinal);
        Assert.Equal($"{path}?entry={post}", site.Link("Change for this form"));
    }

    [Fact]
    public async Task Many_entries_come_in_pages_and_private_ones_when_wanted()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        for (var n = 0; n < 51; n++)
            await site.LogAsync($"Mentored {n}", "mentoring", more: n == 50 ? ",\"private\":true" : "");
        await site.OpenAsync(Stars);
        Assert.Contains("50 contributions for the form, 50 have faults", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 private one is left out.", site.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Page 1", site.Text, StringComparison.Ordinal);
        await site.OpenAsync(Stars + "?private=include");
        Assert.Contains("51 contributions for the form, 51 have faults", site.Text, StringComparison.Ordinal);
        Assert.Contains("Page 1 of 2", site.Text, StringComparison.Ordinal);
        await site.OpenAsync(site.Link("Next"));
        Assert.Contains("Page 2 of 2", site.Text, StringComparison.Ordinal);
        await site.OpenAsync(Stars + "?page=99&private=include");
        Assert.Contains("Page 2 of 2", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Title_with_hidden_characters_is_saved_without_them()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft("Invoice \u202Egnp.exe"));
        await site.OpenAsync(Stars);
        Assert.Contains("It has invisible characters, which change how the text around it is shown. Save it once without them.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync(Stars, ($"entry.{id}.title", site.Value($"entry.{id}.title")));
        Assert.Contains("1 contribution for the form, none has a fault", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_programme_and_foreign_entry_are_not_found()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync("/programmes/nothing/form")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync("/programmes/nothing/sheet")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync(Stars + "?entry=aaaaaaaaaaaaaaaaaaaaaaaaaa")).Status);
        await site.OpenAsync(Stars);
        Assert.Contains("No contribution for the form", site.Text, StringComparison.Ordinal);
        Assert.Contains("Nothing to hand in yet", site.Text, StringComparison.Ordinal);
    }
}
