using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>Names by construction: the same parts give the same name, here, tomorrow and on every driver.</summary>
public static class Identity
{
    public const int Length = 26;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>First 26 characters of lower-case base32 (RFC 4648) of SHA-256 over source, origin and native id.</summary>
    /// <exception cref="ArgumentException">A part is empty.</exception>
    public static string Of(string source, string origin, string nativeId)
    {
        if (source.Length == 0 || origin.Length == 0 || nativeId.Length == 0)
            throw new ArgumentException("An identity needs a source, an origin and the place's own id.", nameof(nativeId));
        return Hash($"{source}\0{origin}\0{nativeId}");
    }

    public static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    public static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return Base32(digest);
    }

    /// <summary>130 random bits: names nobody can guess.</summary>
    public static string Random()
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        RandomNumberGenerator.Fill(bytes);
        return Base32(bytes);
    }

    /// <summary>Whether the text can be an id at all; everything else is answered as unknown without a look.</summary>
    public static bool IsWellFormed(string? id) => id?.Length == Length && id.All(Alphabet.Contains);

    /// <summary>128 of the 130 bits of an id, for whoever has to remember many.</summary>
    public static UInt128 Number(string id)
    {
        var number = UInt128.Zero;
        foreach (var c in id)
            number = (number << 5) | (UInt128)Alphabet.IndexOf(c, StringComparison.Ordinal);
        return number;
    }

    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[Length];
        int buffer = 0, bits = 0, next = 0;
        for (var i = 0; i < Length; i++)
        {
            if (bits < 5)
            {
                buffer = ((buffer << 8) | bytes[next++]) & 0xFFFF;
                bits += 8;
            }

            bits -= 5;
            text[i] = Alphabet[(buffer >> bits) & 31];
        }

        return new string(text);
    }
}
