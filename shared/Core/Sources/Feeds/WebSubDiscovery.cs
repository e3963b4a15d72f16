using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Which hub and topic a feed or a page names (WebSub, section 4).</summary>
internal static class WebSubDiscovery
{
    /// <summary>Hub and topic a feed offers: <c>Link</c> headers count before the document's own links.</summary>
    internal static PushOffer? Offer(FeedDocument feed, Fetched answer)
    {
        var hub = Linked(answer, "hub") ?? feed.Hubs.FirstOrDefault(IsWeb);
        var self = Linked(answer, "self") ?? (IsWeb(feed.Self) ? feed.Self : null) ?? answer.Address.AbsoluteUri;
        return hub is null ? null : new PushOffer(hub, self);
    }

    /// <summary>The same for a web page that names a feed.</summary>
    internal static PushOffer? Offer(FeedPage page, Fetched answer) => (Linked(answer, "hub") ?? page.Hub) is { } hub
        ? new PushOffer(hub, Linked(answer, "self") ?? page.Self ?? answer.Address.AbsoluteUri)
        : null;

    private static string? Linked(Fetched answer, string relation) =>
        answer.Links(relation).Select(found => found.Address.OriginalString).FirstOrDefault(IsWeb);

    private static bool IsWeb(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
