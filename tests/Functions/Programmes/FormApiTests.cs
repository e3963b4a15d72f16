using System.Globalization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Tests.Functions.Api;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Programmes;

public sealed class FormApiTests
{
    private const string Experts = "google-developer-expert";

    [Fact]
    public async Task Form_has_what_the_ledger_has_and_says_what_is_open()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("post") with { Summary = "About it.", Topics = ["android", "cats"], Metrics = new Dictionary<string, double> { ["views"] = 120 } }, FormApp.Draft("talk", Kind.Talk) with { Url = null });
        var form = await app.FormAsync(Experts);
        Assert.Equal(("2025-06-01", "2026-05-31"), (form.GetProperty("from").GetString(), form.GetProperty("to").GetString()));
        Assert.Equal("""{"entries":2,"faulty":0,"private":0,"kinds":0,"notChosen":0}""", form.GetProperty("counts").GetRawText());
        var post = form.Entry("Title of post");
        Assert.Equal(("content-creation", "Articles", "About it.", "Android", "120", "2026-05-20", "https://example.org/post", "false"), (
            post.GetProperty("group").GetString(), post.Value("contentType"), post.Value("description"), post.Value("tags"), post.Value("metrics.readers"), post.Value("activityDate"), post.Value("activityUrl"), post.Value("private")));
        Assert.Equal(["note tags: No tag of the form, and left out: cats."], post.Findings());
        Assert.Equal(
            ["open description: It has no description.", "open metrics.attendees: The number is not known.", "open eventFormat: It has no answer yet.", "open activityUrl: It has no address."], form.Entry("Title of talk").Findings());
        Assert.Null(form.Entry("Title of talk").Value("country"));
    }

    [Fact]
    public async Task What_depends_on_an_answer_is_asked_once_it_is_there_and_what_no_draft_can_carry_is_said()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("talk", Kind.Talk));
        var id = (await app.FormAsync(Experts)).Entry("Title of talk").Id();
        var answered = await app.AnsweredAsync(Experts, $$$"""{"all": {"country": "Sweden"}, "entries": {"{{{id}}}": {"eventFormat": "Hybrid", "metrics.attendees": 40, "description": "How it went."}} }""");
        var talk = answered.Entry("Title of talk");
        Assert.Equal(["note cityPlaceId: Pick the city in Advocu: a draft cannot carry it.", "open inPersonAttendees: It has no answer yet."], talk.Findings());
        Assert.Equal(("Sweden", "40"), (talk.Value("country"), talk.Value("metrics.attendees")));
        Assert.Equal("all", talk.GetProperty("origins").GetProperty("country").GetString());

        var draft = (await app.ExportAsync(Experts)).Content.Json()[0];
        Assert.Equal("public-speaking", draft.GetProperty("slug").GetString());
        Assert.Contains("Pick the city in Advocu: a draft cannot carry it.", draft.GetProperty("left").EnumerateArray().Select(left => left.GetString()));
        Assert.False(draft.GetProperty("body").TryGetProperty("cityPlaceId", out _));

        // A number that the ledger knows is the person's own there.
        var metrics = (await app.GetAsync("/ledger/" + id)).GetProperty("metrics").GetProperty("attendees");
        Assert.Equal((40, "typed"), (metrics.GetProperty("value").GetInt32(), metrics.GetProperty("how").GetString()));
    }

    [Fact]
    public async Task Answers_are_kept_all_or_none_and_taken_back_with_null()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("talk", Kind.Talk));
        var id = (await app.FormAsync(Experts)).Entry("Title of talk").Id();
        var (status, problem) = await app.AnswerAsync(Experts, $$$"""
            {"person": {"shoe": "42"}, "all": {"country": "Atlantis", "metrics.attendees": 4},
             "entries": {"{{{id}}}": {"eventFormat": "Hybrid", "metrics.attendees": 0, "activityDate": "2026-01-01", "tags": ["AI", "AI"], "title": "x"}, "aaaaaaaaaaaaaaaaaaaaaaaaaa": {"title": "Long enough"}} }
            """);
        Assert.Equal(400, status);
        Assert.Equal("The form does not ask for it there.", problem.ErrorOf("person.shoe"));
        Assert.Equal("“Atlantis” is none of the form's values. Choose one of its list.", problem.ErrorOf("all.country"));
        Assert.Equal("The form does not ask for it there.", problem.ErrorOf("all.metrics.attendees"));
        Assert.Equal("It is 0; the form takes 1 or more. Correct it, or take it back if it is not known.", problem.ErrorOf($"entries.{id}.metrics.attendees"));
        Assert.Equal("The form does not ask for it there.", problem.ErrorOf($"entries.{id}.activityDate"));
        Assert.Equal("“AI” is there twice. Name each once.", problem.ErrorOf($"entries.{id}.tags"));
        Assert.Equal("It has 1 character; the form wants 3 or more. Type a longer one for this form.", problem.ErrorOf($"entries.{id}.title"));
        Assert.Equal("There is no such contribution in the form.", problem.ErrorOf("entries.aaaaaaaaaaaaaaaaaaaaaaaaaa"));
        Assert.Null((await app.FormAsync(Experts)).Entry("Title of talk").Value("eventFormat"));

        var answered = await app.AnsweredAsync(Experts, $$$"""{"entries": {"{{{id}}}": {"title": "For the form", "metrics.attendees": 12}} }""");
        Assert.Equal(("For the form", "12"), (answered.Entry("Title of talk").Value("title"), answered.Entry("Title of talk").Value("metrics.attendees")));
        Assert.Equal("Title of talk", (await app.GetAsync("/ledger/" + id)).GetProperty("title").GetString());
        var back = await app.AnsweredAsync(Experts, $$$"""{"entries": {"{{{id}}}": {"title": null, "metrics.attendees": null}} }""");
        Assert.Equal(("Title of talk", null), (back.Entry("Title of talk").Value("title"), back.Entry("Title of talk").Value("metrics.attendees")));
    }

    [Theory]
    [InlineData("""{"people": {}}""", "people")]
    [InlineData("""{"person": "Ada"}""", "person")]
    [InlineData("""{"entries": ["a"]}""", "entries")]
    [InlineData("""{"all": {"country": {"name": "Sweden"}}}""", "all.country")]
    [InlineData("""{"all": {"country": ["Swe;den"]}}""", "all.country")]
    public async Task Body_of_another_shape_is_refused(string json, string field)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, problem) = await app.AnswerAsync(Experts, json);
        Assert.Equal(400, status);
        Assert.NotNull(problem.ErrorOf(field));
    }

    [Fact]
    public async Task Lengths_count_as_the_form_counts_them()
    {
        await using var app = await LedgerFixture.StartAsync();

        // 60 emoji are 60 code points and 120 UTF-16 code units.
        var emoji = string.Concat(Enumerable.Repeat("🎉", 60));
        await app.HarvestAsync(FormApp.Draft("post", Kind.BlogPost, emoji), FormApp.Draft("two", Kind.BlogPost, "🎉🎉"));
        Assert.Contains("fault title: It has 120 characters; the form takes 100.", (await app.FormAsync("microsoft-mvp")).Entry(emoji).Findings());
        var experts = await app.FormAsync(Experts);
        Assert.DoesNotContain(experts.Entry(emoji).Findings(), finding => finding.Contains("title", StringComparison.Ordinal));
        Assert.Contains("fault title: It has 2 characters; the form wants 3 or more.", experts.Entry("🎉🎉").Findings());
    }

    [Fact]
    public async Task Private_entries_are_left_out_unless_wanted_and_rejected_ones_always()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("public"), FormApp.Draft("hidden"), FormApp.Draft("foreign"), FormApp.Draft("old") with { When = LedgerFixture.Now.AddYears(-2) });
        foreach (var entry in (await app.GetAsync("/ledger?limit=all")).GetProperty("items").EnumerateArray())
        {
            if (entry.GetProperty("title").GetString() == "Title of hidden")
                await app.SendAsync(HttpMethod.Patch, "/ledger/" + entry.Id(), """{"private": true}""");
            if (entry.GetProperty("title").GetString() == "Title of foreign")
                await app.SendAsync(HttpMethod.Patch, "/ledger/" + entry.Id(), """{"review": "rejected"}""");
        }

        var form = await app.FormAsync(Experts);
        Assert.Equal(["Title of public"], form.Entries().Select(entry => entry.GetProperty("title").GetString()));
        Assert.Equal(1, form.GetProperty("counts").GetProperty("private").GetInt32());
        Assert.DoesNotContain("hidden", (await app.ExportAsync(Experts)).Content.Text(), StringComparison.Ordinal);
        var all = await app.FormAsync(Experts, "?private=include");
        Assert.Equal(("true", 2), (all.Entry("Title of hidden").Value("private"), all.GetProperty("counts").GetProperty("entries").GetInt32()));
        Assert.Contains("Title of hidden", (await app.ExportAsync(Experts, "?private=include")).Content.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_is_refused_while_something_is_faulty_and_names_what_was_left_out()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("good"), FormApp.Draft("bad") with { Url = null });
        var (status, content, _) = await app.ExportAsync("github-star");
        Assert.Equal(422, status);
        var bad = (await app.FormAsync("github-star")).Entry("Title of bad");
        Assert.Equal("Link: It has no address. Give one for this form, or in the ledger.", content.Json().ErrorOf($"entries.{bad.Id()}.url"));
        Assert.Equal("1 of 2 have faults; see errors. Correct them, or leave them out with faulty=skip.", content.Json().GetProperty("detail").GetString());
        Assert.Equal($"/programmes/github-star/form?entry={bad.Id()}", bad.GetProperty("findings")[0].GetProperty("link").GetString());

        var (skipped, file, response) = await app.ExportAsync("github-star", "?faulty=skip");
        Assert.Equal((200, "1", "github-star-1-of-2.json"), (skipped, response.Headers.GetValues("Contributions-Left-Out").Single(), response.Content.Headers.ContentDisposition!.FileName));
        Assert.Equal("Title of good", file.Json().GetProperty("data")[0].GetProperty("title").GetString());

        await app.AnsweredAsync("github-star", $$$"""{"entries": {"{{{bad.Id()}}}": {"url": "https://example.org/seen"}} }""");
        var (whole, _, complete) = await app.ExportAsync("github-star");
        Assert.Equal((200, "github-star.json"), (whole, complete.Content.Headers.ContentDisposition!.FileName));
    }

    [Fact]
    public async Task Nothing_to_hand_in_is_said()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, content, _) = await app.ExportAsync("github-star", "?faulty=skip");
        Assert.Equal((422, "urn:contributioningest:problem:nothingToExport"), (status, content.Json().GetProperty("type").GetString()));
        await app.HarvestAsync(FormApp.Draft("bad") with { Url = null });
        (status, content, _) = await app.ExportAsync("github-star", "?faulty=skip");
        Assert.Equal((422, "All 1 contributions have faults. Without faulty=skip they are listed."), (status, content.Json().GetProperty("detail").GetString()));
        Assert.Equal(400, (await app.ExportAsync("github-star", "?format=yaml")).Status);
        Assert.Equal(400, (await app.ExportAsync("github-star", "?faulty=perhaps")).Status);
        Assert.Equal(404, (await app.ExportAsync("nothing")).Status);
    }

    [Fact]
    public async Task Days_of_the_window_are_those_remembered_unless_the_address_says_others()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("new", title: "AsyncAPI now"), FormApp.Draft("old", title: "AsyncAPI then") with { When = new DateTimeOffset(2025, 12, 1, 12, 0, 0, TimeSpan.Zero) });
        Assert.Equal(2, (await app.FormAsync("asyncapi-ambassador")).Entries().Count());
        Assert.Equal("accepted", (await app.FormAsync("asyncapi-ambassador")).GetProperty("needs").GetString());
        await app.SendAsync(HttpMethod.Put, "/programmes/asyncapi-ambassador/membership", """{"accepted": "2026-01-11"}""");
        Assert.Equal(["AsyncAPI now"], (await app.FormAsync("asyncapi-ambassador")).Entries().Select(entry => entry.GetProperty("title").GetString()));
        Assert.Equal(2, (await app.FormAsync("asyncapi-ambassador", "?accepted=2025-11-01")).Entries().Count());
        Assert.Equal("400", (await app.SendAsync(HttpMethod.Get, "/programmes/asyncapi-ambassador/form?accepted=soon")).Status.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Deadline_counts_to_the_second()
    {
        await using var app = await LedgerFixture.StartAsync();
        var first = new DateTimeOffset(2024, 11, 30, 23, 59, 0, TimeSpan.Zero);
        await app.HarvestAsync(FormApp.Draft("in") with { When = first }, FormApp.Draft("out") with { When = first.AddSeconds(-1) });
        var form = await app.FormAsync("sitecore-mvp", "?deadline=2026-05-30T23:59:00Z");
        Assert.Equal(["Title of in"], form.Entries().Select(entry => entry.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Day_on_which_something_was_first_seen_is_no_date_and_a_derived_one_is_doubted()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("unknown") with { When = null }, FormApp.Draft("derived") with { DatePrecision = DatePrecision.Derived });
        var form = await app.FormAsync("github-star");
        Assert.Contains("fault date: When it was is not known; 15 June 2026 is only the day on which it was first seen.", form.Entry("Title of unknown").Findings());
        Assert.Contains("note date: 20 May 2026 was derived from an update or an address.", form.Entry("Title of derived").Findings());
        Assert.EndsWith("/edit", form.Entry("Title of unknown").GetProperty("findings")[0].GetProperty("link").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Value_of_a_list_that_is_not_published_is_typed_once_and_offered_again()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("post"), FormApp.Draft("film", Kind.Video));
        var id = (await app.FormAsync("docker-captain")).Entry("Title of film").Id();
        await app.AnsweredAsync("docker-captain", """{"all": {"contentType": "Blog post"}}""");
        var form = await app.AnsweredAsync("docker-captain", $$$"""{"entries": {"{{{id}}}": {"contentType": "Video tutorial"}} }""");
        Assert.Equal(("Blog post", "Video tutorial"), (form.Entry("Title of post").Value("contentType"), form.Entry("Title of film").Value("contentType")));
        var question = form.GetProperty("questions").EnumerateArray().Single(asked => asked.GetProperty("key").GetString() == "contentType");
        Assert.Equal(["Video tutorial", "Blog post"], question.GetProperty("learnt").EnumerateArray().Select(value => value.GetString()!));
        Assert.Equal(("Blog post", 0), (question.GetProperty("answer").GetString(), question.GetProperty("lacking").GetInt32()));
    }

    [Fact]
    public async Task Answer_for_all_counts_only_where_the_form_takes_it()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("post") with { Role = Role.Other }, FormApp.Draft("film", Kind.Video));
        var form = await app.AnsweredAsync("microsoft-mvp", """{"all": {"role": "Author", "audience": ["Developer", "IT Pro"]}}""");
        Assert.Equal(("Author", "Developer; IT Pro"), (form.Entry("Title of post").Value("role"), form.Entry("Title of post").Value("audience")));
        Assert.Null(form.Entry("Title of film").Value("role"));
    }

    [Fact]
    public async Task Area_is_the_ledgers_and_additional_ones_differ_from_it()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("post") with { Topics = ["dotnet", "java"] }, FormApp.Draft("plain"));
        var form = await app.FormAsync("microsoft-mvp");
        Assert.Equal((".NET", "Java"), (form.Entry("Title of post").Value("primaryArea"), form.Entry("Title of post").Value("additionalAreas")));
        Assert.Contains("fault primaryArea: It is in no area yet.", form.Entry("Title of plain").Findings());
        var (post, plain) = (form.Entry("Title of post").Id(), form.Entry("Title of plain").Id());
        var answered = await app.AnsweredAsync("microsoft-mvp", $$$"""{"entries": {"{{{plain}}}": {"primaryArea": "Azure AI Foundry"}, "{{{post}}}": {"additionalAreas": ".NET"}} }""");
        Assert.Equal("Azure AI Foundry", answered.Entry("Title of plain").Value("primaryArea"));
        Assert.Contains("fault additionalAreas: “.NET” is the primary technology area already.", answered.Entry("Title of post").Findings());

        // The other form shows a newer list, in which the area has another name.
        Assert.Equal("Microsoft Foundry", (await app.FormAsync("microsoft-mvp-renewal")).Entry("Title of plain").Value("primaryArea"));
    }

    [Fact]
    public async Task Talk_at_an_event_of_the_maker_is_asked_for_and_has_fields_of_its_own()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("talk", Kind.Talk) with { Metrics = new Dictionary<string, double> { ["attendees"] = 40 } });
        var form = await app.FormAsync("microsoft-mvp");
        var id = form.Entry("Title of talk").Id();
        Assert.Contains("fault type: It has no answer yet.", form.Entry("Title of talk").Findings());
        var third = await app.AnsweredAsync("microsoft-mvp", """{"all": {"speakerType": "Speaker/Presenter at Third-party event"}}""");
        Assert.Equal("40", third.Entry("Title of talk").Value("inPersonAttendees"));
        var own = await app.AnsweredAsync("microsoft-mvp", $$$"""{"entries": {"{{{id}}}": {"speakerType": "Speaker/Presenter at Microsoft event"}} }""");
        Assert.Null(own.Entry("Title of talk").Value("inPersonAttendees"));
        Assert.Contains("fault microsoftEvent: It has no answer yet.", own.Entry("Title of talk").Findings());
    }

    [Fact]
    public async Task Only_what_was_chosen_is_handed_in_where_there_is_room_for_some_only()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("chosen"), FormApp.Draft("other"));
        var id = (await app.FormAsync("microsoft-mvp")).Entry("Title of chosen").Id();
        var memberships = app.App.Services.GetRequiredService<Memberships>();
        await memberships.ChangeAsync(app.Person, "microsoft-mvp", membership => membership with { Chosen = [id] }, CancellationToken.None);
        var form = await app.FormAsync("microsoft-mvp");
        Assert.Equal(["Title of chosen"], form.Entries().Select(entry => entry.GetProperty("title").GetString()));
        Assert.Equal(1, form.GetProperty("counts").GetProperty("notChosen").GetInt32());
    }

    [Fact]
    public async Task Answers_of_others_are_not_seen()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(FormApp.Draft("post"));
        await app.AnsweredAsync("json-schema-ambassador", FormApp.Profile);
        await app.EnterAsync();
        await app.HarvestAsync(FormApp.Draft("post"));
        Assert.Equal("{}", (await app.FormAsync("json-schema-ambassador")).GetProperty("person").GetProperty("values").GetRawText());
    }
}
