using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary><c>/ledger/{id}/edit</c>.</summary>
public sealed class EditPageTests
{
    [Fact]
    public async Task Only_what_was_touched_is_edited()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft() with { Topics = ["Azure"] });

        await EditAsync(site, id, ("title", "Tables are plenty"), ("topics", "Azure, SQLite"), ("metrics.attendees", "1,110"), ("note", "Ask for the recording"), ("private", "true"));

        Assert.Equal("/ledger/" + id, site.Browser.Path);
        Assert.Contains("“Tables are plenty” is saved.", site.Text, StringComparison.Ordinal);
        var entry = await site.EntryAsync(id);
        Assert.Equal(["title", "topics", "metrics"], entry.GetProperty("edited").EnumerateArray().Select(field => field.GetString()));
        Assert.Equal(("Tables are plenty", "Ask for the recording", true), (entry.GetProperty("title").GetString(), entry.GetProperty("note").GetString(), entry.GetProperty("private").GetBoolean()));
        Assert.Equal(["Azure", "SQLite"], entry.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()));
        Assert.Equal(1110, entry.GetProperty("metrics").GetProperty("attendees").GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task Nothing_touched_writes_nothing()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft());
        var before = await site.App.DumpAsync("ledger");
        await EditAsync(site, id);
        Assert.Contains("Nothing was changed.", site.Text, StringComparison.Ordinal);
        Assert.Equal(before, await site.App.DumpAsync("ledger"));
    }

    [Theory]
    [InlineData("2026-05-20", "2026-05-20", "day")]
    [InlineData("8 Oct 2025", "2025-10-08", "day")]
    [InlineData("8 September 2025", "2025-09-08", "day")]
    [InlineData("8 Sept 2025", "2025-09-08", "day")]
    [InlineData("20 May 2026, 18:30", "2026-05-20T18:30:00Z", "exact")]
    [InlineData("2026-05-20T18:30:00+02:00", "2026-05-20T16:30:00Z", "exact")]
    public async Task Date_is_read_as_people_type_it(string typed, string when, string precision)
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk", when: "2026-01-01");
        await EditAsync(site, id, ("when", typed));
        var entry = await site.EntryAsync(id);
        Assert.StartsWith(when, entry.GetProperty("when").GetString(), StringComparison.Ordinal);
        Assert.Equal(precision, entry.GetProperty("datePrecision").GetString());
    }

    [Theory]
    [InlineData("when", "31 June 2026", "June has 30 days.")]
    [InlineData("when", "2026-02-29", "February 2026 has 28 days.")]
    [InlineData("when", "May 2026", "The ledger keeps days, and a month alone has none. Type it like 20 May 2026, or 2026-05-20.")]
    [InlineData("when", "2026", "The ledger keeps days, and a year alone has none.")]
    [InlineData("when", "soon", "That is no date.")]
    [InlineData("when", "20 May 2026, 25:00", "25:00 is no time of day.")]
    [InlineData("when", "1 Jan 1950", "is not a time from 1970 to three years ahead")]
    [InlineData("endsAt", "1 Jan 2026", "It would end before it starts.")]
    [InlineData("url", "ftp://x", "is not an absolute http or https address")]
    [InlineData("kind", "stroll", "is not one of blogPost")]
    [InlineData("metrics.attendees", "many", "That is no number. Type digits, such as 40.")]
    [InlineData("metrics.attendees", "-4", "That is no number.")]
    public async Task Fault_stands_at_its_field_and_what_was_typed_stays(string field, string typed, string fault)
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        var before = await site.App.DumpAsync("ledger");

        await EditAsync(site, id, (field, typed), ("note", "Kept"));

        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        var element = field.Replace('.', '-');
        Assert.Matches($"id=\"{element}\"[^>]*aria-(invalid=\"true\"[^>]*aria-describedby=\"{element}-error|describedby=\"{element}-error[^>]*aria-invalid=\"true\")", site.Browser.Page);
        Assert.Matches($"id=\"{element}-error\"><bdi>[^<]*{Regex.Escape(WebUtility.HtmlEncode(fault)).Replace("'", "&#x27;", StringComparison.Ordinal)}", site.Browser.Page);
        if (field != "kind")
            Assert.Equal(typed, site.Value(field));
        Assert.Contains(">Kept</textarea>", site.Browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("fields need another look", site.Text, StringComparison.Ordinal);
        Assert.Equal(before, await site.App.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Several_faults_are_summed_up_on_top_and_corrected_in_one_go()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        await EditAsync(site, id, ("when", "June 2026"), ("url", "nowhere"), ("title", "Better"));
        Assert.Contains("Not saved: 2 fields need another look.", site.Text, StringComparison.Ordinal);
        Assert.Equal("#when", site.Link("When was it?"));

        await SaveAsync(site, id, ("when", "3 June 2026"), ("url", "https://talk.example/1"));

        var entry = await site.EntryAsync(id);
        Assert.Equal(("Better", "https://talk.example/1"), (entry.GetProperty("title").GetString(), entry.GetProperty("url").GetString()));
    }

    [Fact]
    public async Task Empty_field_gives_the_harvested_value_back_and_says_before_which_that_is()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft("Harvested title") with { Metrics = new Dictionary<string, double>(StringComparer.Ordinal) { ["views"] = 20 } });
        await EditAsync(site, id, ("title", "Mine"), ("kind", "article"), ("when", "1 May 2026"), ("metrics.views", "30"), ("topics", "x"));
        await site.OpenAsync($"/ledger/{id}/edit");
        foreach (var hint in new[] { "“Harvested title”", "blog post", "22 May 2026", "20, measured", "none" })
            Assert.Contains($"Empty gives back: {hint}", site.Text, StringComparison.Ordinal);

        await SaveAsync(site, id, ("title", ""), ("kind", "blogPost"), ("when", ""), ("metrics.views", ""), ("topics", ""));

        var entry = await site.EntryAsync(id);
        Assert.Empty(entry.GetProperty("edited").EnumerateArray());
        Assert.Equal(("Harvested title", "blogPost", 20), (entry.GetProperty("title").GetString(), entry.GetProperty("kind").GetString(), entry.GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32()));
    }

    [Fact]
    public async Task Change_made_elsewhere_to_the_same_field_is_shown_beside_what_was_typed_and_then_saved()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        await site.OpenAsync($"/ledger/{id}/edit");
        await site.App.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"title":"Theirs","role":"host","private":true}""");

        await SaveAsync(site, id, ("title", "Mine"), ("note", "My note"));

        Assert.Equal(HttpStatusCode.Conflict, site.Browser.Status);
        Assert.Contains("Not saved: this entry was changed elsewhere. What you typed is still here", site.Text, StringComparison.Ordinal);
        Assert.Contains("In the ledger now Theirs", site.Text, StringComparison.Ordinal);
        Assert.Equal("Mine", site.Value("title"));
        Assert.Contains(">My note</textarea>", site.Browser.Page, StringComparison.Ordinal);
        Assert.Equal("Theirs", (await site.EntryAsync(id)).GetProperty("title").GetString());

        await SaveAsync(site, id);

        var entry = await site.EntryAsync(id);
        Assert.Equal(("Mine", "My note", "host", true), (entry.GetProperty("title").GetString(), entry.GetProperty("note").GetString(), entry.GetProperty("role").GetString(), entry.GetProperty("private").GetBoolean()));
    }

    [Fact]
    public async Task Change_made_elsewhere_to_another_field_is_kept()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft());
        await site.OpenAsync($"/ledger/{id}/edit");
        await site.HarvestAsync(LedgerSiteFixture.Draft("A new title from the place"));

        await SaveAsync(site, id, ("note", "My note"));

        var entry = await site.EntryAsync(id);
        Assert.Equal(("A new title from the place", "My note"), (entry.GetProperty("title").GetString(), entry.GetProperty("note").GetString()));
        Assert.Empty(entry.GetProperty("edited").EnumerateArray());
    }

    private static async Task EditAsync(LedgerSiteFixture site, string id, params (string Name, string Value)[] typed)
    {
        await site.OpenAsync($"/ledger/{id}/edit");
        await SaveAsync(site, id, typed);
    }

    /// <summary>Sends all that the form of the page has, with what is typed in place of what was there.</summary>
    private static async Task SaveAsync(LedgerSiteFixture site, string id, params (string Name, string Value)[] typed)
    {
        var fields = site.Form($"/ledger/{id}/edit");
        foreach (var (name, value) in typed)
            fields[name] = value;
        await site.Browser.SubmitAsync($"/ledger/{id}/edit", [.. fields.Select(field => (field.Key, field.Value))]);
    }
}
