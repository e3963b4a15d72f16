using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>Where the lines of a digest lead in this installation.</summary>
internal sealed class DigestAddresses(PublicAddress address, SignedLinks signed)
{
    /// <summary>What every address begins with; null where none is known, and then nothing leads anywhere.</summary>
    private readonly Uri? root = address.Site;

    /// <summary>Right of the @ in a mail's own names.</summary>
    public string Host => root is { HostNameType: UriHostNameType.Dns } ? root.Host : "contributioningest.localhost";

    public async Task<DigestLinks> OfAsync(Person person, WeekDigest digest, CancellationToken cancel)
    {
        if (root is null)
            return DigestLinks.None;
        var acts = new Dictionary<(string, DigestAction), Uri>();
        DigestAction[] entry = [DigestAction.NotMine, DigestAction.Private, DigestAction.Edit];
        var entries = digest.New.Concat(digest.Coming).Concat(digest.Changed.Select(c => c.Item)).Select(i => i.Id);
        var wanted = entries.SelectMany(id => entry.Select(action => (id, action))).Concat(digest.Care.Select(c => (c.Connection, DigestAction.Connection)))
            .Concat(digest.Gaps.Select(g => (EnumText<Kind>.Of(g.Kind), DigestAction.Log)));
        foreach (var (id, action) in wanted.Distinct())
            acts[(id, action)] = await AtAsync("act/" + SignedLinks.Purpose(action), SignedLinks.Purpose(action), person, id, cancel);
        return new DigestLinks(
            await AtAsync("digest", SignedLinks.Week, person, digest.Week, cancel),
            await AtAsync("act/settings", SignedLinks.Settings, person, "", cancel),
            await AtAsync("unsubscribe", SignedLinks.Unsubscribe, person, "", cancel),
            (id, action) => acts.GetValueOrDefault((id, action)));
    }

    private async Task<Uri> AtAsync(string path, string purpose, Person person, string about, CancellationToken cancel)
    {
        var token = await signed.MakeAsync(purpose, new LinkGrant(person.Id, about), cancel);
        return new Uri($"{root!.AbsoluteUri.TrimEnd('/')}/{path}/{token}");
    }
}
