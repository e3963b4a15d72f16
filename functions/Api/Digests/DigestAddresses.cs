using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>Creates the links of a digest for this installation.</summary>
internal sealed class DigestAddresses(PublicAddress address, SignedLinks signed)
{
    /// <summary>The base of all links; if null, digests have no links.</summary>
    private readonly Uri? root = address.Site;

    /// <summary>The domain for Message-ID and List-Id.</summary>
    public string Host => root is { HostNameType: UriHostNameType.Dns } ? root.Host : "contributioningest.localhost";

    public DigestLinks Links(Person person, WeekDigest digest)
    {
        if (root is null)
            return DigestLinks.None;
        return new DigestLinks(
            Link("digest", SignedLinks.Week, person, digest.Week),
            Link("act/settings", SignedLinks.Settings, person, ""),
            Link("unsubscribe", SignedLinks.Unsubscribe, person, ""),
            (about, action) => action == DigestAction.Programme
                ? new Uri($"{root.AbsoluteUri.TrimEnd('/')}/programmes/{about}")
                : Link("act/" + SignedLinks.Purpose(action), SignedLinks.Purpose(action), person, about));
    }

    private Uri Link(string path, string purpose, Person person, string about) =>
        new($"{root!.AbsoluteUri.TrimEnd('/')}/{path}/{signed.Make(purpose, new LinkGrant(person.Id, about))}");
}
