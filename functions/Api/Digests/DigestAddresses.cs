using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
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
        var actions = new Dictionary<(string, DigestAction), Uri>();
        DigestAction[] entryActions = [DigestAction.NotMine, DigestAction.Private, DigestAction.Edit];
        var entries = digest.New.Concat(digest.Coming).Concat(digest.Changed.Select(c => c.Item)).Select(i => i.Id);
        var wanted = entries.SelectMany(id => entryActions.Select(action => (id, action))).Concat(digest.Care.Select(c => (c.Connection, DigestAction.Connection)))
            .Concat(digest.Gaps.Select(g => (EnumText<Kind>.Of(g.Kind), DigestAction.Log)));
        foreach (var (id, action) in wanted.Distinct())
            actions[(id, action)] = Link("act/" + SignedLinks.Purpose(action), SignedLinks.Purpose(action), person, id);
        return new DigestLinks(
            Link("digest", SignedLinks.Week, person, digest.Week),
            Link("act/settings", SignedLinks.Settings, person, ""),
            Link("unsubscribe", SignedLinks.Unsubscribe, person, ""),
            (id, action) => actions.GetValueOrDefault((id, action)));
    }

    private Uri Link(string path, string purpose, Person person, string about) =>
        new($"{root!.AbsoluteUri.TrimEnd('/')}/{path}/{signed.Make(purpose, new LinkGrant(person.Id, about))}");
}
