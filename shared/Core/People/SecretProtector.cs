using System.Buffers.Text;
using System.Text;

namespace ContributionIngest.Core.People;

/// <summary>Encryption by the app's key ring (ASP.NET Core data protection).</summary>
/// <param name="Protect">Given a purpose and a secret, returns the encrypted secret.</param>
/// <param name="Unprotect">Given the same purpose and what was encrypted, returns the secret; null when it was altered, was made for another purpose, or its key is lost.</param>
public sealed record SecretCipher(Func<string, byte[], byte[]> Protect, Func<string, byte[], byte[]?> Unprotect);

/// <summary>
/// Protects what is secret in the store and in signed links: tokens of connected accounts, secrets of hooks, links in mails. A protected secret is text,
/// <c>s2.(base64url)</c>. What earlier versions protected stays readable.
/// </summary>
public sealed class SecretProtector(SecretEnvelopes former, SecretCipher cipher)
{
    private const string Version = "s2.";

    /// <summary>Whether this version protected it.</summary>
    public static bool IsCurrent(string text) => text.StartsWith(Version, StringComparison.Ordinal);

    public static bool IsProtected(string text) => IsCurrent(text) || SecretEnvelopes.IsEnvelope(text);

    /// <param name="purpose">What the secret is for and whose it is; reading needs the same value.</param>
    public string Protect(string purpose, string secret) => Protect(purpose, Encoding.UTF8.GetBytes(secret));

    /// <inheritdoc cref="Protect(string, string)"/>
    public string Protect(string purpose, byte[] secret) => Version + Base64Url.EncodeToString(cipher.Protect(purpose, secret));

    /// <summary>Null when no known key reads it for this purpose: the key is lost, or the text was altered or belongs elsewhere.</summary>
    public async Task<string?> UnprotectAsync(string purpose, string text, CancellationToken cancel) => !IsCurrent(text)
        ? await former.UnprotectAsync(purpose, text, cancel)
        : Unprotect(purpose, text) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The same for what this version protected.</summary>
    public byte[]? Unprotect(string purpose, string text)
    {
        if (!IsCurrent(text) || !Base64Url.IsValid(text.AsSpan(Version.Length)))
            return null;
        var encrypted = Base64Url.DecodeFromChars(text.AsSpan(Version.Length));

        // The last character may hold bits that decoding ignores; an altered one is refused as well.
        return Base64Url.EncodeToString(encrypted).AsSpan().SequenceEqual(text.AsSpan(Version.Length)) ? cipher.Unprotect(purpose, encrypted) : null;
    }
}
