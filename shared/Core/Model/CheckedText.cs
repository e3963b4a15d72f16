using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>
/// ASCII text with a checksum, in base64url (RFC 4648 section 5): a cursor that was cut off or mistyped is refused instead of pointing elsewhere. It is no
/// signature; what the text leads to must be checked as if anybody had made it up.
/// </summary>
public static class CheckedText
{
    private const int ChecksumBytes = 4;

    public static string Write(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        return Base64Url.EncodeToString([.. bytes, .. Checksum(bytes)]);
    }

    /// <summary>Null if it is not exactly as it was written.</summary>
    /// <param name="maxLength">Of what was written.</param>
    public static string? Read(string written, int maxLength)
    {
        if (written.Length > maxLength || !Base64Url.IsValid(written))
            return null;
        var bytes = Base64Url.DecodeFromChars(written);
        if (bytes.Length <= ChecksumBytes)
            return null;
        var text = Encoding.ASCII.GetString(bytes.AsSpan(..^ChecksumBytes));
        return string.Equals(Write(text), written, StringComparison.Ordinal) ? text : null;
    }

    private static ReadOnlySpan<byte> Checksum(byte[] bytes) => SHA256.HashData(bytes).AsSpan(..ChecksumBytes);
}
