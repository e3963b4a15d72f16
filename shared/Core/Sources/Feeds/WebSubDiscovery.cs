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
        var self = Linked(answer, "self").FirstOrDefault() ?? (HttpAddress.IsHttp(feed.Self) ? feed.Self : null) ?? answer.Address.AbsoluteUri;
        return PushOffer.Of(Linked(answer, "hub").Concat(feed.Hubs.Where(HttpAddress.IsHttp)), self);
    }

    /// <summary>The same for a web page that links to a feed.</summary>
    internal static PushOffer? Offer(FeedPage page, Fetched answer) => PushOffer.Of(
        Linked(answer, "hub").Concat(new[] { page.Hub }.OfType<string>()), Linked(answer, "self").FirstOrDefault() ?? page.Self ?? answer.Address.AbsoluteUri);

    private static IEnumerable<string> Linked(Fetched answer, string relation) =>
        answer.Links(relation).Select(found => found.Address.OriginalString).Where(HttpAddress.IsHttp);
}
