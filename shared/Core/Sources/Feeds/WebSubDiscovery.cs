using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Hub and topic of a feed or a page (WebSub, section 4).</summary>
internal static class WebSubDiscovery
{
    /// <summary><c>Link</c> headers take precedence over the document's own links.</summary>
    internal static PushOffer? Offer(FeedDocument feed, Fetched answer)
    {
        var hub = Linked(answer, "hub") ?? feed.Hubs.FirstOrDefault(HttpAddress.IsHttp);
        var self = Linked(answer, "self") ?? (HttpAddress.IsHttp(feed.Self) ? feed.Self : null) ?? answer.Address.AbsoluteUri;
        return hub is null ? null : new PushOffer(hub, self);
    }

    /// <summary>The same for a web page that links to a feed.</summary>
    internal static PushOffer? Offer(FeedPage page, Fetched answer) => (Linked(answer, "hub") ?? page.Hub) is { } hub
        ? new PushOffer(hub, Linked(answer, "self") ?? page.Self ?? answer.Address.AbsoluteUri)
        : null;

    private static string? Linked(Fetched answer, string relation) =>
        answer.Links(relation).Select(found => found.Address.OriginalString).FirstOrDefault(HttpAddress.IsHttp);
}
