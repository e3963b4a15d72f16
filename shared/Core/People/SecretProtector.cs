using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>The operator's keys of 32 bytes, newest first; none: the ring makes its own.</summary>
public sealed record SecretKeys(IReadOnlyList<byte[]> Keys)
{
    /// <summary>Without the keys.</summary>
    public override string ToString() => $"{Keys.Count} keys";
}

/// <summary>
/// Seals what nobody may read in the store: AES-256-GCM (NIST SP 800-38D) under a random nonce of 96 bits. An envelope is text,
/// <c>s1.(key).(base64url of nonce, ciphertext, tag)</c>; it names its key, and what the secret is for is authenticated with it, so that an
/// envelope moved to another row does not open there. The newest key seals; every key that is known opens, so that a key may be left out once
/// what it sealed has been written again.
/// <para>
/// Without keys of the operator's one is made at first use and kept in container <c>keys</c>, the same for every instance. That protects a copy
/// of the tables, an export, or whoever may read tables alone; whoever reads the blobs as well, or a backup of the whole store, reads
/// the secrets. Keys in setting <c>SecretKeys</c>, kept elsewhere, protect from them too.
/// </para>
/// </summary>
public sealed class SecretProtector(IBlobs blobs, SecretKeys secretKeys)
{
    public const string Container = "keys";
    public const int KeyBytes = 32;

    private const string Version = "s1.";
    private const string OwnKey = "secrets";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly List<Key> given = [.. secretKeys.Keys.Select(bytes => new Key(bytes))];
    private Key? own;

    public static bool IsSealed(string text) => text.StartsWith(Version, StringComparison.Ordinal);

    /// <param name="purpose">What the secret is for and whose; the same is needed to open it.</param>
    public async Task<string> ProtectAsync(string purpose, string secret, CancellationToken cancel)
    {
        var key = given.Count > 0 ? given[0] : await MakeOwnAsync(cancel);
        var text = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key.Bytes, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), text, box.AsSpan(NonceBytes, text.Length), box.AsSpan(NonceBytes + text.Length), Encoding.UTF8.GetBytes(purpose));
        return $"{Version}{key.Id}.{Base64Url.EncodeToString(box)}";
    }

    /// <summary>Null when no known key opens it for this purpose: the key is lost, or the envelope is another's or was changed.</summary>
    public async Task<string?> UnprotectAsync(string purpose, string envelope, CancellationToken cancel)
    {
        var parts = envelope.Split('.');
        if (parts is not [_, var id, var text] || !IsSealed(envelope) || !Base64Url.IsValid(text) || await FindAsync(id, cancel) is not { } key)
            return null;
        var box = Base64Url.DecodeFromChars(text).AsSpan();
        if (box.Length < NonceBytes + TagBytes)
            return null;
        var secret = new byte[box.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key.Bytes, TagBytes);
            aes.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], secret, Encoding.UTF8.GetBytes(purpose));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(secret);
    }

    /// <summary>A key of our own may have sealed before the operator gave one.</summary>
    private async Task<Key?> FindAsync(string id, CancellationToken cancel)
    {
        if (given.Find(key => key.Id == id) is { } known)
            return known;
        own ??= await blobs.GetAsync(Container, OwnKey, cancel) is { } bytes ? new Key(bytes) : null;
        return own?.Id == id ? own : null;
    }

    /// <summary>Of several instances that begin at once the first one's key is everybody's.</summary>
    private async Task<Key> MakeOwnAsync(CancellationToken cancel)
    {
        if (own is not null)
            return own;
        var bytes = await blobs.GetAsync(Container, OwnKey, cancel);
        if (bytes is null)
        {
            await blobs.PutIfAbsentAsync(Container, OwnKey, RandomNumberGenerator.GetBytes(KeyBytes), cancel);
            bytes = await blobs.GetAsync(Container, OwnKey, cancel);
        }

        return own = new Key(bytes!);
    }

    /// <summary>The id tells keys apart and says nothing about them.</summary>
    private sealed class Key(byte[] bytes)
    {
        public byte[] Bytes => bytes;

        public string Id { get; } = Identity.Hash([.. "secret key"u8, .. bytes])[..8];
    }
}
