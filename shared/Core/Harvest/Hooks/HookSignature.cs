using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Harvest.Hooks;

/// <summary>
/// <c>X-Hub-Signature-256: sha256=(hex of HMAC-SHA256)</c> over the bytes of the body as they came
/// (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries). The older <c>X-Hub-Signature</c>, SHA-1, counts for nothing.
/// </summary>
public static class HookSignature
{
    private const string Method = "sha256=";

    /// <summary>Whether it can be a signature at all; asked before a body is read.</summary>
    public static bool IsWellFormed(string? signature) => Digest(signature, stackalloc byte[SHA256.HashSizeInBytes]);

    public static bool IsBy(string secret, ReadOnlySpan<byte> body, string? signature)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, expected);
        return Digest(signature, given) && CryptographicOperations.FixedTimeEquals(expected, given);
    }

    private static bool Digest(string? signature, Span<byte> digest) =>
        signature is not null
        && signature.StartsWith(Method, StringComparison.Ordinal)
        && signature.Length == Method.Length + (digest.Length * 2)
        && Convert.FromHexString(signature.AsSpan(Method.Length), digest, out _, out _) == OperationStatus.Done;
}
