using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>Finds the channel a person typed, and reads the single video an address names.</summary>
/// <param name="api">Null without a key: then the site's pages are read.</param>
internal sealed class YouTubeFinder(Fetcher fetcher, YouTubeSite site, YouTubeApi? api)
{
    private const string Try = "Type the channel's handle (@name), its address, or the address of one of its videos.";

    public async Task<Place> FindAsync(string typed, CancellationToken cancel)
    {
        if (YouTubeReference.Parse(typed, site) is not { } name)
            throw SourceException.Terminal("notYouTube", $"This names neither a channel nor a video on YouTube. {Try}");
        var found = name.Kind == ReferenceKind.VideoOrHandle
            ? await FindAsync(name with { Kind = ReferenceKind.Video }, cancel) ?? await FindAsync(name with { Kind = ReferenceKind.Handle }, cancel)
            : await FindAsync(name, cancel);
        return found is { } channel
            ? new Place(channel.Id, api?.UploadsAddress(channel.Id) ?? site.Feed(channel.Id), channel.Title, site.Channel(channel.Id)) { Push = site.Push(channel.Id) }
            : throw NotFound(name);
    }

    /// <summary>Reads a video from its watch page, which has fewer details than the API.</summary>
    /// <exception cref="SourceException">There is no such video, or the page lacks its date.</exception>
    public async Task<Draft> FetchVideoAsync(string video, CancellationToken cancel)
    {
        var page = await PageAsync($"watch?v={video}", cancel);
        if (page?.Title is not { } title || page.Video != video)
            throw SourceException.Terminal("noVideo", "YouTube's page shows no public video at this address. Check whether it opens without signing in.");
        var isDay = page.Date?.Length == 10;
        return YouTubeTime.Parse(page.Date) is { } when
            ? new Draft
            {
                NativeId = video,
                Kind = Kind.Video,
                Title = title,
                Url = site.Video(video),
                Summary = page.Description,
                When = when,
                DatePrecision = isDay ? DatePrecision.Day : DatePrecision.Exact,
                Author = page.Owner,
                Container = page.Owner is { } owner ? new Container(owner, page.Channel is { } channel ? site.Channel(channel) : null) : null,
                Topics = page.Category is { } category ? [category] : [],
                Metrics = YouTubeTime.Minutes(page.Duration) is { } minutes
                    ? new Dictionary<string, double>(StringComparer.Ordinal) { ["minutes"] = minutes }
                    : [],
            }
            : throw SourceException.Terminal(
                "noDate", "YouTube's page does not say when this video was published. Type the date yourself, or ask the operator to set YouTubeKey.");
    }

    private async Task<(string Id, string? Title)?> FindAsync(YouTubeReference name, CancellationToken cancel) => name.Kind switch
    {
        ReferenceKind.Custom => await OfPageAsync(name.Value, cancel) is { } found ? await OfIdAsync(found.Id, found.Title, cancel) : null,
        ReferenceKind.Video when api is not null => await OfVideoAsync(name.Value, cancel),
        ReferenceKind.Video => await OfPageAsync($"watch?v={name.Value}", cancel),
        ReferenceKind.Channel => await OfIdAsync(name.Value, null, cancel),
        ReferenceKind.User when api is not null => await api.ChannelAsync("forUsername", name.Value, cancel),
        ReferenceKind.User => await OfPageAsync("user/" + name.Value, cancel),
        _ when api is not null => await api.ChannelAsync("forHandle", "@" + name.Value, cancel),
        _ => await OfPageAsync("@" + Uri.EscapeDataString(name.Value), cancel),
    };

    private async Task<(string Id, string? Title)?> OfVideoAsync(string id, CancellationToken cancel)
    {
        var videos = (await api!.VideosAsync([id], Role.Author, cancel)).Videos;
        return videos.Count > 0 && YouTubeReference.IsChannel(videos[0].Channel) ? (videos[0].Channel!, videos[0].Draft.Author) : null;
    }

    /// <summary>Without a key a well-formed id is believed unless the site contradicts; its feeds fail too often to be the judge.</summary>
    private async Task<(string Id, string? Title)?> OfIdAsync(string id, string? title, CancellationToken cancel)
    {
        if (api is not null)
            return await api.ChannelAsync("id", id, cancel);
        if (title is not null)
            return (id, title);
        var page = await PageAsync("channel/" + id, cancel);
        return page is null ? null : (id, page.Title);
    }

    private async Task<(string Id, string? Title)?> OfPageAsync(string path, CancellationToken cancel)
    {
        var page = await PageAsync(path, cancel);
        if (page is { Channel: { } id })
            return (id, path.StartsWith("watch", StringComparison.Ordinal) ? page.Owner : page.Title);
        if (page is { OwnerPage: { } owner } && owner != path)
            return await OfPageAsync(owner, cancel);
        if (page is null || path.StartsWith("watch", StringComparison.Ordinal))
            return null;
        throw SourceException.Terminal(
            "noChannelId", "YouTube's page does not say which channel it is. Type the channel's id instead (UC…, under “Share channel”), or ask the operator to set YouTubeKey.");
    }

    /// <returns>Null if there is no such page.</returns>
    private async Task<YouTubePage?> PageAsync(string path, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(site.Page(path)) { Accept = "text/html, */*;q=0.5" }, cancel);
        return answer.Outcome switch
        {
            FetchOutcome.Content => YouTubePage.Read(answer, site),
            FetchOutcome.Missing or FetchOutcome.Gone => null,
            FetchOutcome.Terminal or FetchOutcome.Denied => throw SourceException.Terminal(answer.Code ?? "status", $"{answer.Problem} {Try}"),
            _ => throw SourceException.Transient(answer.Code ?? "transient", $"{answer.Problem} Try again later.", answer.RetryAt),
        };
    }

    private static SourceException NotFound(YouTubeReference name) => SourceException.Terminal(
        name.Kind == ReferenceKind.Video ? "noVideo" : "noChannel", name.Kind switch { ReferenceKind.Video => $"YouTube shows no public video {name.Value}. {Try}", ReferenceKind.Channel => $"YouTube knows no channel {name.Value}. {Try}", ReferenceKind.Handle or ReferenceKind.VideoOrHandle => $"YouTube knows no channel @{name.Value.TrimStart('@')}. Check the handle on the channel's page; upper and lower case do not matter.", _ => $"YouTube knows no channel at this old kind of address ({name.Value}). Open it in a browser and type the handle (@name) that it shows.", });
}
