using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>The operator's 32-byte keys, newest first; when there are none, a key is generated.</summary>
public sealed record SecretKeys(IReadOnlyList<byte[]> Keys)
{
    public const int KeyBytes = 32;

    /// <summary>Omits the keys.</summary>
    public override string ToString() => $"{Keys.Count} keys";
}

/// <summary>
/// Encrypts with <see cref="SecretKeys"/>: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. An envelope is text,
/// <c>s1.(key).(base64url of nonce, ciphertext, tag)</c>. It names its key, and it authenticates its purpose. The newest key encrypts and every known
/// key decrypts. The key ring of data protection is kept in such envelopes; earlier versions kept each secret in one.
/// <para>
/// Without keys, one is generated on first use and stored in container <c>keys</c>, shared by all instances. It protects secrets in a copy of the
/// tables and from anyone who can read only tables. It does not protect them from anyone who can also read the blobs; keys in setting
/// <c>SecretKeys</c>, stored elsewhere, do.
/// </para>
/// </summary>
public sealed class SecretEnvelopes(IBlobs blobs, SecretKeys secretKeys)
{
    public const string Container = "keys";

    private const string Version = "s1.";
    private const string GeneratedKeyName = "secrets";

    /// <summary>Where the keys of a store are kept that was restored into this one: by id, each in an envelope.</summary>
    private const string FormerPrefix = "former/";
    private const string FormerPurpose = "former key";

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly List<Key> configured = [.. secretKeys.Keys.Select(bytes => new Key(bytes))];
    private Key? generated;

    public static bool IsEnvelope(string text) => text.StartsWith(Version, StringComparison.Ordinal);

    /// <param name="purpose">What the secret is for and whose it is; decryption needs the same value.</param>
    public async Task<string> ProtectAsync(string purpose, string secret, CancellationToken cancel)
    {
        var key = configured.Count > 0 ? configured[0] : await GetOrCreateKeyAsync(cancel);
        var text = Encoding.UTF8.GetBytes(secret);
        var payload = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(payload.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key.Bytes, TagBytes);
        aes.Encrypt(payload.AsSpan(0, NonceBytes), text, payload.AsSpan(NonceBytes, text.Length), payload.AsSpan(NonceBytes + text.Length), Encoding.UTF8.GetBytes(purpose));
        return $"{Version}{key.Id}.{Base64Url.EncodeToString(payload)}";
    }

    /// <summary>Null when no known key decrypts it for this purpose: the key is lost, or the envelope was altered or belongs elsewhere.</summary>
    public async Task<string?> UnprotectAsync(string purpose, string envelope, CancellationToken cancel)
    {
        var parts = envelope.Split('.');
        if (parts is not [_, var id, var text] || !IsEnvelope(envelope) || !Base64Url.IsValid(text) || await FindAsync(id, cancel) is not { } key)
            return null;
        var payload = Base64Url.DecodeFromChars(text).AsSpan();
        if (payload.Length < NonceBytes + TagBytes)
            return null;
        var secret = new byte[payload.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key.Bytes, TagBytes);
            aes.Decrypt(payload[..NonceBytes], payload[NonceBytes..^TagBytes], payload[^TagBytes..], secret, Encoding.UTF8.GetBytes(purpose));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(secret);
    }

    /// <summary>All keys, the newest first.</summary>
    public async Task<IReadOnlyList<byte[]>> KeysAsync(CancellationToken cancel)
    {
        var keys = configured.Select(key => key.Bytes).ToList();
        if (await blobs.GetAsync(Container, GeneratedKeyName, cancel) is { } bytes)
            keys.Add(bytes);
        await foreach (var name in blobs.ListAsync(Container, FormerPrefix, cancel))
        {
            if (await FormerAsync(name[FormerPrefix.Length..], cancel) is { } former)
                keys.Add(former.Bytes);
        }

        return keys;
    }

    /// <summary>Keeps a key of another store, protected by the newest of this one, so that what it protected can be read here.</summary>
    public async Task AddFormerAsync(byte[] bytes, CancellationToken cancel)
    {
        var key = new Key(bytes);
        var envelope = await ProtectAsync(FormerPurpose, Convert.ToBase64String(bytes), cancel);
        await blobs.PutAsync(Container, FormerPrefix + key.Id, Encoding.UTF8.GetBytes(envelope), cancel);
    }

    /// <summary>The generated key may have been in use before the operator configured one.</summary>
    private async Task<Key?> FindAsync(string id, CancellationToken cancel)
    {
        if (configured.Find(k => k.Id == id) is { } key)
            return key;
        generated ??= await blobs.GetAsync(Container, GeneratedKeyName, cancel) is { } bytes ? new Key(bytes) : null;
        return generated?.Id == id ? generated : await FormerAsync(id, cancel);
    }

    private async Task<Key?> FormerAsync(string id, CancellationToken cancel)
    {
        // Its envelope has another key, so this ends; an id that could lead elsewhere is none.
        if (id.Length != Key.IdLength || !id.All(char.IsAsciiLetterOrDigit) || await blobs.GetAsync(Container, FormerPrefix + id, cancel) is not { } bytes)
            return null;
        var envelope = Encoding.UTF8.GetString(bytes);
        return !envelope.StartsWith($"{Version}{id}.", StringComparison.Ordinal) && await UnprotectAsync(FormerPurpose, envelope, cancel) is { } text ? new Key(Convert.FromBase64String(text)) : null;
    }

    /// <summary>When several instances start at once, all use the key that was stored first.</summary>
    private async Task<Key> GetOrCreateKeyAsync(CancellationToken cancel)
    {
        if (generated is not null)
            return generated;
        var bytes = await blobs.GetAsync(Container, GeneratedKeyName, cancel);
        if (bytes is null)
        {
            await blobs.PutIfAbsentAsync(Container, GeneratedKeyName, RandomNumberGenerator.GetBytes(SecretKeys.KeyBytes), cancel);
            bytes = await blobs.GetAsync(Container, GeneratedKeyName, cancel);
        }

        return generated = new Key(bytes!);
    }

    /// <summary>The id distinguishes keys and reveals nothing about them.</summary>
    private sealed class Key(byte[] bytes)
    {
        public const int IdLength = 8;

        public byte[] Bytes => bytes;

        public string Id { get; } = Identity.Hash([.. "secret key"u8, .. bytes])[..IdLength];
    }
}
