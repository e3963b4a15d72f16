using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ContributionIngest.Core.Backup;

/// <summary>What is needed to read the secrets of a store.</summary>
/// <param name="Keys">Keys of <see cref="People.SecretEnvelopes"/>.</param>
/// <param name="Ring">Keys of the ring of data protection, in clear, by name.</param>
public sealed record StoreSecrets(IReadOnlyList<byte[]> Keys, IReadOnlyDictionary<string, string> Ring)
{
    /// <summary>Without the keys.</summary>
    public override string ToString() => $"{Keys.Count} keys, {Ring.Count} of the ring";
}

/// <summary>The secrets in an archive: AES-256-GCM with a key made of the passphrase by PBKDF2 (RFC 8018) with HMAC-SHA256.</summary>
public sealed record SealedSecrets(string Kdf, int Rounds, byte[] Salt, byte[] Nonce, byte[] Tag, byte[] Data)
{
    private const string Pbkdf2 = "PBKDF2-HMAC-SHA256";
    private const int DefaultRounds = 600_000;
    private const int MaxRounds = 10_000_000;
    private const int KeyBytes = 32;
    private const int SaltBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <param name="archive">The id of the archive, for which alone they can be opened.</param>
    public static SealedSecrets Seal(StoreSecrets secrets, string passphrase, string archive)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(secrets, ArchiveJson.Default.StoreSecrets);
        var (salt, nonce, tag, data) = (RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(NonceBytes), new byte[TagBytes], new byte[plain.Length]);
        using var aes = new AesGcm(Derive(passphrase, salt, DefaultRounds), TagBytes);
        aes.Encrypt(nonce, plain, data, tag, Encoding.UTF8.GetBytes(archive));
        return new SealedSecrets(Pbkdf2, DefaultRounds, salt, nonce, tag, data);
    }

    /// <summary>Null if the passphrase is another one, or the archive was changed.</summary>
    public StoreSecrets? Open(string passphrase, string archive)
    {
        if (Kdf != Pbkdf2 || Rounds is < 1 or > MaxRounds || Salt is null || Nonce is not { Length: NonceBytes } || Tag is not { Length: TagBytes } || Data is null)
            return null;
        var plain = new byte[Data.Length];
        try
        {
            using var aes = new AesGcm(Derive(passphrase, Salt, Rounds), TagBytes);
            aes.Decrypt(Nonce, Data, Tag, plain, Encoding.UTF8.GetBytes(archive));
            return JsonSerializer.Deserialize(plain, ArchiveJson.Default.StoreSecrets);
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or JsonException)
        {
            return null;
        }
    }

    private static byte[] Derive(string passphrase, byte[] salt, int rounds) => Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, rounds, HashAlgorithmName.SHA256, KeyBytes);
}
