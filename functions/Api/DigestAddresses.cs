using ContributionIngest.Core.Digest;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Api;

/// <summary>Where the lines of a digest lead in this installation.</summary>
/// <param name="root">What every address begins with; null where none is known, and then nothing leads anywhere.</param>
internal sealed class DigestAddresses(Uri? root, SignedLinks signed)
{
    /// <summary>Right of the @ in a mail's own names.</summary>
    public string Host => root is { HostNameType: UriHostNameType.Dns } ? root.Host : "contributioningest.localhost";

    public async Task<DigestLinks> Of(Person person, WeekDigest digest, CancellationToken cancel)
    {
        if (root is null)
            return DigestLinks.None;
        var acts = new Dictionary<(string, DigestAction), Uri>();
        foreach (var id in digest.New.Select(i => i.Id).Distinct(StringComparer.Ordinal))
        {
            foreach (var action in Enum.GetValues<DigestAction>())
                acts[(id, action)] = At($"act/{SignedLinks.Purpose(action)}/{await signed.Make(SignedLinks.Purpose(action), new Permit(person.Id, id), cancel)}");
        }

        foreach (var id in digest.Changed.Select(c => c.Item.Id).Concat(digest.Coming.Select(i => i.Id)).Distinct(StringComparer.Ordinal))
            acts[(id, DigestAction.Edit)] = At($"act/edit/{await signed.Make(SignedLinks.Purpose(DigestAction.Edit), new Permit(person.Id, id), cancel)}");
        return new DigestLinks(
            At("api/ledger"),
            At($"api/digests/{digest.Week}?format=html"),
            At("api/me"),
            At($"unsubscribe/{await signed.Make(SignedLinks.Unsubscribe, new Permit(person.Id, ""), cancel)}"),
            id => At($"api/connections/{id}"),
            (id, action) => acts.GetValueOrDefault((id, action)));
    }

    private Uri At(string path) => new(new Uri(root!.AbsoluteUri.TrimEnd('/') + "/"), path);
}
