using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Talk lists of personal sites, in the shapes that people keep them.</summary>
public sealed class TalkListTests
{
    [Fact]
    public async Task Flat_list_gives_a_talk_for_each_item_with_its_event_and_links()
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync("""
            - title: "Queues &amp; <b>you</b>"
              date: 2019-07-31
              event: { title: Harbour Conf, url: "https://harbour.example/2019" }
              location: Bergen
              links:
                - { label: Slides, url: "https://decks.example/queues" }
                - { title: Watch it, url: "https://youtu.be/abc" }
                - { label: Recap, url: "https://blog.example/queues" }
                - { label: Video, url: "#" }
              slides_url: /decks/queues.pdf
            - talk: Tables are enough
              when: "April 7, 2020"
              conference: Sound .NET
              link: https://sound.example/tables
            - title: Not yet known
              date: TBA
            """);
        Assert.Equal("YAML", done.GetProperty("format").GetString());
        var entries = await app.EntriesAsync();
        Assert.Equal(
            ["Queues & you | 2019-07-31 | talk | Harbour Conf | -", "Tables are enough | 2020-04-07 | talk | Sound .NET | https://sound.example/tables"],
            entries.Select(Lists.Line));
        Assert.Equal("Bergen", entries[0].GetProperty("summary").GetString());
        Assert.Equal("https://harbour.example/2019", entries[0].GetProperty("container").GetProperty("url").GetString());
        Assert.Equal(
            ["slides https://decks.example/queues", "recording https://youtu.be/abc", "recap https://blog.example/queues"],
            entries[0].GetProperty("sightings")[0].GetProperty("links").EnumerateArray().Select(link => $"{link.GetProperty("relation").GetString()} {link.GetProperty("url").GetString()}"));
        Assert.Equal((2, 1), (done.Count("new"), done.Count("wrong")));
        Assert.Contains(Lists.Faults(done), fault => fault.StartsWith("15 ", StringComparison.Ordinal) && fault.Contains("no date", StringComparison.Ordinal));
        Assert.Contains(Lists.Faults(done), fault => fault.Contains("/decks/queues.pdf", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Talk_with_events_gives_an_entry_for_each_delivery()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("""
            - title: Slow is smooth
              description: About queues.
              video: https://vimeo.com/1
              events:
                - name: Ruby Pier
                  url: https://pier.example
                  date: 2015-05-20
                  slides_url: tk
                - name: Quay Days
                  date: May 2017
                  slides_url: https://speakerdeck.com/me/slow
                - date: "9 Oct 2019"
                  place: Lisbon
            """);
        Assert.Equal(
            ["Slow is smooth | 2015-05-20 | talk | Ruby Pier | -", "Slow is smooth | 2017-05 | talk | Quay Days | -", "Slow is smooth | 2019-10-09 | talk | - | -"],
            (await app.EntriesAsync()).Select(Lists.Line));
    }

    [Fact]
    public async Task Event_with_items_gives_an_entry_for_each_item_and_none_for_what_was_not_accepted()
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync("""
            - event: Container Week
              date: 2021-11-01
              location: Online
              items:
                - { title: Small images, type: talk, slides: "https://decks.example/small" }
                - { title: Hands on, type: workshop }
                - { title: At the stand, type: booth }
                - { title: On air, type: podcast }
                - { title: Bigger images, type: rejected }
                - { title: Other images, type: declined }
            - event: Registry Day
              date: 2022-03-15
              items:
                - { title: Still waiting, type: talk, status: submitted }
                - { title: Layers, type: talk }
            """);
        Assert.Equal(
            ["At the stand event", "Hands on workshop", "Layers talk", "On air podcastEpisode", "Small images talk"],
            (await app.EntriesAsync()).Select(entry => $"{entry.GetProperty("title").GetString()} {entry.GetProperty("kind").GetString()}").Order(StringComparer.Ordinal));
        Assert.All(await app.EntriesAsync(), entry => Assert.Contains(entry.GetProperty("container").GetProperty("name").GetString(), new[] { "Container Week", "Registry Day" }));
        Assert.Equal((5, 3), (done.Count("new"), done.Count("leftOut")));
        var looked = await app.LookAsync("- {title: Bigger images, date: 2021-11-01, type: rejected}");
        Assert.Contains("rejected", looked.GetProperty("rows")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Periods_with_talks_are_read_although_they_are_indented_with_tabs_and_name_some_talks_twice()
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync(
            "upcoming:\n\t- title: Soon\n\t  date: 2026-09-01\n\t  event: Late Summer\n2018:\n\t- title: Grids\n\t  date: \"15 Sept 2018\"\n\t  event: Layout Land\n"
            + "\t- title: Undated\n\t  event: Layout Land\nfeatured_talks:\n\t- title: Grids\n\t  description: The best one\n");
        Assert.Equal(
            ["Undated | 2018 | talk | Layout Land | -", "Grids | 2018-09-15 | talk | Layout Land | -", "Soon | 2026-09-01 | talk | Late Summer | -"],
            (await app.EntriesAsync()).Select(Lists.Line));
        Assert.Contains("tabs", done.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal((3, 1, 0), (done.Count("new"), done.Count("leftOut"), done.Count("wrong")));
        Assert.Equal("scheduled", (await app.EntriesAsync())[2].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Template_of_a_curriculum_vitae_calls_the_talk_a_company()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("""[{"company": "Typing at speed", "job_title": "Snake Con", "dates": "Friday, April 7, 2017", "quote": "How types help."}]""");
        var entry = Assert.Single(await app.EntriesAsync());
        Assert.Equal("Typing at speed | 2017-04-07 | talk | Snake Con | -", Lists.Line(entry));
        Assert.Equal("How types help.", entry.GetProperty("summary").GetString());
    }

    [Fact]
    public async Task Json_with_years_as_names_and_titles_that_are_addresses_is_read()
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync("""
            {
              // by hand
              "talks": {
                "2020": [
                  {"title": "https://talks.example/one", "date": {"year": 2020, "month": "September"}, "tags": ["c#", {"name": "azure"}]},
                ],
                "2021": [{"title": "[Two](https://talks.example/two)", "date": "2021-01-02", "rejected": false, "event": "n/a"}, {"title": "Three", "date": "2021-02-03", "accepted": false}]
              }
            }
            """);
        Assert.Equal("JSON", done.GetProperty("format").GetString());
        Assert.Equal(
            ["https://talks.example/one | 2020-09 | talk | - | https://talks.example/one", "Two | 2021-01-02 | talk | - | https://talks.example/two"],
            (await app.EntriesAsync()).Select(Lists.Line));
        Assert.Equal(["c#", "azure"], (await app.EntriesAsync())[0].GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()));
    }

    [Fact]
    public async Task Anchors_and_merged_fields_of_yaml_are_followed()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("""
            defaults: &conf { event: Loop Conf, location: Oslo }
            talks:
              - <<: *conf
                title: Once
                date: 2020-01-02
              - <<: *conf
                title: Again
                date: 2020-01-03
                event: Other Conf
            """);
        Assert.Equal(["Once | 2020-01-02 | talk | Loop Conf | -", "Again | 2020-01-03 | talk | Other Conf | -"], (await app.EntriesAsync()).Select(Lists.Line));
    }

    [Fact]
    public async Task Broken_list_is_refused_with_the_place_where_it_breaks()
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Contains("line 3", await app.RefusalAsync("[\n{\"title\": \"One\"}\n{\"title\": \"Two\"}]"), StringComparison.Ordinal);
        Assert.Contains("line 2", await app.RefusalAsync("- title: One\n  date: \"2020\n"), StringComparison.Ordinal);
        Assert.Contains("title", await app.RefusalAsync("site: Mine\ntheme: dark\n"), StringComparison.Ordinal);
    }
}
