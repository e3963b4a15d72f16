using ContributionIngest.Core.Backup;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Functions.Security;

/// <summary>The keys of all that is secret in the store, for an archive with a passphrase: read in clear, and protected anew by the keys of the store they come to.</summary>
internal sealed class TravellingKeys(IBlobs blobs, SecretEnvelopes envelopes)
{
    public async Task<StoreSecrets> ReadAsync(CancellationToken cancel) => new(await envelopes.KeysAsync(cancel), await KeyRing.ReadAsync(blobs, envelopes, cancel));

    /// <summary>Whether this process has the keys that the store's are protected with. What is made without them would be of no use to the app.</summary>
    public async Task<bool> AreReadableAsync(CancellationToken cancel)
    {
        try
        {
            await KeyRing.ReadAsync(blobs, envelopes, cancel);
            return true;
        }
        catch (ArchiveException)
        {
            return false;
        }
    }

    public async Task RestoreAsync(StoreSecrets secrets, CancellationToken cancel)
    {
        foreach (var key in secrets.Keys.Where(key => key.Length == SecretKeys.KeyBytes))
            await envelopes.AddFormerAsync(key, cancel);
        await KeyRing.AddAsync(blobs, envelopes, secrets.Ring, cancel);
    }
}
