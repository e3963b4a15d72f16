using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Pages;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>The page of one event, by the JSON-LD in it.</summary>
internal sealed class EventPage(Fetcher fetcher, TimeProvider time, MeetupOptions options)
{
    public async Task<Draft?> LookAsync(Uri address, CancellationToken cancel)
    {
        var onMeetup = MeetupAddress.Of(address, options.Site);
        var onLuma = LumaPage.IsLuma(address) && address.AbsolutePath.Trim('/') is { Length: > 0 } slug && !slug.Contains('/', StringComparison.Ordinal) ? slug : null;
        if (onMeetup?.Event is null && onLuma is null)
            return null;

        // The page as it is in English, whatever language the address asked for: dates and names are the same, and the site's own words are not kept.
        var page = await new PageReader(fetcher).ReadAsync(onMeetup?.Event is null ? address : new Uri(onMeetup.EventPage(options.Site)), cancel);
        if (page is not { Kind: PageKind.Event, When: not null })
        {
            return onMeetup?.Event is null
                ? null
                : throw new SourceException(Failure.Terminal, "noEvent", $"The page at {address.Host} says nothing of an event: it may be for members only, or gone.");
        }

        var listed = new ListedEvent([onMeetup?.Event ?? onLuma!], page.When.Value)
        {
            IsSteady = onMeetup?.Event is null,
            End = page.EndsAt,
            IsDay = page.IsDay,
            Title = page.Title,
            Summary = page.Summary,
            Url = onMeetup?.Event is null ? page.Address : onMeetup.EventPage(options.Site),
            IsCancelled = page.IsCancelled,
            Topics = page.Topics,
        };
        var container = page.Owner is { } owner ? new Container(owner.Name, owner.Url) : new Container(onMeetup?.Group ?? address.Host, onMeetup?.Page(options.Site));
        return new EventDrafts(Role.Organiser, null, time.GetUtcNow()).Of(listed, listed.Names[0], container);
    }
}
