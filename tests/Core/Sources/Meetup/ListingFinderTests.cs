using System.Net;
using ContributionIngest.Core.Sources;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

public sealed class ListingFinderTests : IDisposable
{
    private const string Ical = "https://www.meetup.com/sound-dotnet/events/ical/";
    private readonly ListingSite site = new();

    [Theory]
    [InlineData("sound-dotnet")]
    [InlineData("Sound-DotNet")]
    [InlineData("meetup.com/sound-dotnet")]
    [InlineData("https://www.meetup.com/sound-dotnet")]
    [InlineData("https://www.meetup.com/Sound-DotNet/")]
    [InlineData("http://meetup.com/sound-dotnet/events/")]
    [InlineData("https://www.meetup.com/fr-FR/sound-dotnet/events/past/")]
    [InlineData("https://www.meetup.com/pt-BR/sound-dotnet/members/?op=leaders#list")]
    [InlineData("https://www.meetup.com/sound-dotnet/events/ical/")]
    [InlineData("webcal://www.meetup.com/sound-dotnet/events/ical/")]
    [InlineData("https://www.meetup.com/de-DE/sound-dotnet/events/305551234/?eventOrigin=group_upcoming_events")]
    [InlineData("https://www.meetup.com/sound-dotnet/events/pwdqjtygcnbfb/ical/Evening.ics")]
    [InlineData("  sound-dotnet ")]
    public async Task Group_is_found_by_any_of_its_addresses(string typed)
    {
        site.On(Ical, ListingSite.Calendar(head: "PRODID:-//Meetup//Meetup Events v1.0//EN\nX-WR-CALNAME:Events - Sound .NET\n"));
        var place = await site.ResolveAsync(typed);
        Assert.Equal(("meetup:sound-dotnet", Ical, "Sound .NET", "https://www.meetup.com/sound-dotnet/"), (place.Origin, place.Address, place.Title, place.Url));
    }

    [Theory]
    [InlineData("https://www.meetup.com/")]
    [InlineData("https://www.meetup.com/find/?keywords=dotnet")]
    [InlineData("https://www.meetup.com/pro/network")]
    [InlineData("https://www.meetup.com/fr-FR/login/")]
    public async Task Page_of_Meetup_itself_is_no_group(string typed)
    {
        Assert.Equal("noGroup", (await RefusalAsync(typed)).Code);
        Assert.Empty(site.Web.Asked);
    }

    [Fact]
    public async Task Unknown_group_and_private_group_are_distinguished()
    {
        site.On(Ical, "gone", "text/html", HttpStatusCode.NotFound).On("https://www.meetup.com/sound-dotnet/", "gone", "text/html", HttpStatusCode.NotFound);
        var wrong = await RefusalAsync("sound-dotnet");
        Assert.Equal((Failure.Terminal, "missing"), (wrong.Failure, wrong.Code));
        Assert.Contains("'sound-dotnet'", wrong.Message, StringComparison.Ordinal);
        site.On(Ical, "<!doctype html><title>Log in</title>", "text/html").On("https://www.meetup.com/sound-dotnet/", "<!doctype html><title>Log in</title>", "text/html");
        Assert.Equal("notPublic", (await RefusalAsync("sound-dotnet")).Code);
    }

    [Fact]
    public async Task Renamed_group_resolves_to_its_current_name()
    {
        site.On(Ical, "", "text/html", HttpStatusCode.MovedPermanently, ("Location", "https://www.meetup.com/oresund-dotnet/events/ical/"))
            .On("https://www.meetup.com/oresund-dotnet/events/ical/", ListingSite.Calendar());
        Assert.Equal("meetup:oresund-dotnet", (await site.ResolveAsync("sound-dotnet")).Origin);
    }

    [Theory]
    [InlineData("webcal://community.example/events.ics", "https://community.example/events.ics")]
    [InlineData("community.example/events.ics", "https://community.example/events.ics")]
    [InlineData("https://calendar.google.com/calendar/embed?src=abc%40group.calendar.google.com&ctz=UTC", "https://calendar.google.com/calendar/ical/abc%40group.calendar.google.com/public/basic.ics")]
    [InlineData("https://api.lu.ma/ics/get?entity=calendar&id=cal-9hKq2", "https://api.lu.ma/ics/get?entity=calendar&id=cal-9hKq2")]
    public async Task Any_calendar_can_be_connected_by_its_address(string typed, string address)
    {
        site.On(address, ListingSite.Calendar(ListingSite.Event("1", "20260701T170000Z")));
        var place = await site.ResolveAsync(typed);
        Assert.Equal((address, address, "Our evenings"), (place.Address, place.Origin, place.Title));
    }

    [Theory]
    [InlineData("<script>{\"ical\":\"https://api2.luma.com/ics/get?entity=calendar\\u0026id=cal-9hKq2\"} cal-aaaaaaaaaa cal-bbbbbbbbbb</script>", "cal-9hKq2")]
    [InlineData("<script>{\"calendar\":{\"api_id\":\"cal-WeXyZ12345678\"},\"again\":\"cal-WeXyZ12345678\"}</script>", "cal-WeXyZ12345678")]
    public async Task Luma_page_leads_to_its_calendar(string page, string id)
    {
        site.On("https://luma.com/sound", "<!doctype html><title>Sound</title>" + page, "text/html")
            .On("https://api.lu.ma/ics/get?entity=calendar&id=" + id, ListingSite.Calendar(head: "PRODID:-//Luma//Sound//EN\nX-WR-CALNAME:Sound\n"));
        var place = await site.ResolveAsync("https://luma.com/sound");
        Assert.Equal(("Sound", "https://luma.com/sound"), (place.Title, place.Url));
        Assert.Contains(id, place.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Luma_page_with_several_calendars_is_rejected_with_how_to_find_the_address()
    {
        site.On("https://luma.com/sound", "<!doctype html>cal-aaaaaaaaaa cal-bbbbbbbbbb", "text/html");
        var refusal = await RefusalAsync("https://luma.com/sound");
        Assert.Equal("noCalendar", refusal.Code);
        Assert.Contains("iCal", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_that_links_a_calendar_leads_to_it_and_any_other_page_is_rejected()
    {
        site.On("https://community.example/", "<!doctype html><link rel=alternate type='text/calendar' href='/all.ics'><a href='webcal://community.example/b.ics'>b</a>", "text/html")
            .On("https://community.example/all.ics", ListingSite.Calendar());
        var place = await site.ResolveAsync("https://community.example/");
        Assert.Equal("https://community.example/all.ics", place.Address);
        Assert.Equal("https://community.example/b.ics", Assert.Single(place.Alternatives).Address);

        site.On("https://community.example/about", "<!doctype html><title>About &amp; more</title>", "text/html");
        Assert.Contains("“About & more”", (await RefusalAsync("https://community.example/about")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_calendar_address_is_rejected_without_being_repeated()
    {
        var refusal = await RefusalAsync("https://calendar.google.com/calendar/ical/juna%40example.org/private-0123456789abcdef/basic.ics");
        Assert.Equal("secretAddress", refusal.Code);
        Assert.DoesNotContain("0123456789abcdef", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(site.Web.Asked);
    }

    [Theory]
    [InlineData("http://127.0.0.1/a.ics", "refusedAddress")]
    [InlineData("ftp://community.example/a.ics", "refusedAddress")]
    [InlineData("not an address", "refusedAddress")]
    [InlineData("", "refusedAddress")]
    public async Task Address_that_may_not_be_requested_is_rejected_with_the_reason(string typed, string code) => Assert.Equal(code, (await RefusalAsync(typed)).Code);

    public void Dispose() => site.Dispose();

    private Task<SourceException> RefusalAsync(string typed) => Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync(typed));
}
