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

    public async Task<DigestLinks> LinksAsync(Person person, WeekDigest digest, CancellationToken cancel)
    {
        if (root is null)
            return DigestLinks.None;
        var actions = new Dictionary<(string, DigestAction), Uri>();
        DigestAction[] entryActions = [DigestAction.NotMine, DigestAction.Private, DigestAction.Edit];
        var entries = digest.New.Concat(digest.Coming).Concat(digest.Changed.Select(c => c.Item)).Select(i => i.Id);
        var wanted = entries.SelectMany(id => entryActions.Select(action => (id, action))).Concat(digest.Care.Select(c => (c.Connection, DigestAction.Connection)))
            .Concat(digest.Gaps.Select(g => (EnumText<Kind>.Of(g.Kind), DigestAction.Log)));
        foreach (var (id, action) in wanted.Distinct())
            actions[(id, action)] = await LinkAsync("act/" + SignedLinks.Purpose(action), SignedLinks.Purpose(action), person, id, cancel);
        return new DigestLinks(
            await LinkAsync("digest", SignedLinks.Week, person, digest.Week, cancel),
            await LinkAsync("act/settings", SignedLinks.Settings, person, "", cancel),
            await LinkAsync("unsubscribe", SignedLinks.Unsubscribe, person, "", cancel),
            (id, action) => actions.GetValueOrDefault((id, action)));
    }

    private async Task<Uri> LinkAsync(string path, string purpose, Person person, string about, CancellationToken cancel)
    {
        var token = await signed.MakeAsync(purpose, new LinkGrant(person.Id, about), cancel);
        return new Uri($"{root!.AbsoluteUri.TrimEnd('/')}/{path}/{token}");
    }
}
