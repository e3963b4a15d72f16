using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

public sealed class EventPageTests : IDisposable
{
    private readonly ListingSite site = new();

    [Fact]
    public async Task Meetup_event_page_yields_the_event_with_its_calendar_id()
    {
        site.On("https://www.meetup.com/sound-dotnet/events/305551234/", """
            <!doctype html><script type="application/ld+json">[{"@type":"Organization","name":"Meetup"},{"@context":"https://schema.org","@type":"Event","name":"Sync, slowly","url":"https://www.meetup.com/sound-dotnet/events/305551234/",
            "description":"Two phones.","startDate":"2026-05-09T18:30+02:00","endDate":"2026-05-09T21:00+02:00","eventStatus":"https://schema.org/EventScheduled","location":{"@type":"VirtualLocation","url":"https://x.example"},"organizer":{"@type":"Organization","name":"Sound .NET"}}]</script>
            """, "text/html; charset=utf-8");
        var draft = await site.Source.LookupAsync(new Uri("https://www.meetup.com/es/sound-dotnet/events/305551234/attendees/"), default);
        Assert.Equal(("305551234", Kind.Event, Status.Published, "Sync, slowly", "Two phones.", "Sound .NET"), (draft!.NativeId, draft.Kind, draft.Status, draft.Title, draft.Summary, draft.Container!.Name));
        Assert.Equal(TimeSpan.FromMinutes(150), draft.EndsAt - draft.When);
    }

    [Fact]
    public async Task Luma_event_page_yields_the_event_and_a_calendar_page_none()
    {
        site.On("https://lu.ma/soup", """<!doctype html><script type="application/ld+json">{"@type":"Event","name":"Soup","startDate":"2026-07-03T17:00:00.000Z","organizer":[{"name":"Juna"}]}</script>""", "text/html")
            .On("https://luma.com/sound", "<!doctype html><title>Sound</title>", "text/html");
        var draft = await site.Source.LookupAsync(new Uri("https://lu.ma/soup"), default);
        Assert.Equal(("soup", Status.Scheduled, "https://lu.ma/soup"), (draft!.NativeId, draft.Status, draft.Url));
        Assert.Null(await site.Source.LookupAsync(new Uri("https://luma.com/sound"), default));
    }

    [Theory]
    [InlineData("https://www.meetup.com/sound-dotnet/")]
    [InlineData("https://www.meetup.com/sound-dotnet/events/past/")]
    [InlineData("https://www.meetup.com/find/")]
    [InlineData("https://luma.com/user/juna")]
    [InlineData("https://blog.example/sound-dotnet/events/305551234/")]
    public async Task Address_of_no_single_event_is_not_requested(string address)
    {
        Assert.Null(await site.Source.LookupAsync(new Uri(address), default));
        Assert.Empty(site.Web.Asked);
    }

    [Fact]
    public async Task Event_page_that_is_gone_is_a_failure()
    {
        site.On("https://www.meetup.com/sound-dotnet/events/305551234/", "", "text/html", System.Net.HttpStatusCode.NotFound);
        Assert.Equal("status", (await Assert.ThrowsAsync<SourceException>(() => site.Source.LookupAsync(new Uri("https://meetup.com/sound-dotnet/events/305551234"), default))).Code);
    }

    public void Dispose() => site.Dispose();
}
