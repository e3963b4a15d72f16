using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>Deterministic ids: the same parts always give the same id, on every driver.</summary>
public static class Identity
{
    public const int Length = 26;

    /// <summary>How many bytes an id takes, five bits a character.</summary>
    public const int Bytes = 17;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The first 26 characters of the lower-case base32 (RFC 4648) SHA-256 hash of source, origin and native id.</summary>
    /// <exception cref="ArgumentException">A part is empty.</exception>
    public static string Of(string source, string origin, string nativeId)
    {
        if (source.Length == 0 || origin.Length == 0 || nativeId.Length == 0)
            throw new ArgumentException("An identity needs a source, an origin and the source's own id.", nameof(nativeId));
        return Hash($"{source}\0{origin}\0{nativeId}");
    }

    public static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    public static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return Base32(digest);
    }

    /// <summary>130 random bits: an id that cannot be guessed.</summary>
    public static string Random()
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        RandomNumberGenerator.Fill(bytes);
        return Base32(bytes);
    }

    /// <summary>Whether the text has the form of an id. Anything else is unknown and needs no lookup.</summary>
    public static bool IsWellFormed(string? id) => id?.Length == Length && id.All(Alphabet.Contains);

    /// <summary>128 of the id's 130 bits: compact enough to keep many in memory.</summary>
    public static UInt128 ToUInt128(string id)
    {
        var value = UInt128.Zero;
        foreach (var c in id)
            value = (value << 5) | (UInt128)Alphabet.IndexOf(c, StringComparison.Ordinal);
        return value;
    }

    public static void Write(string id, Span<byte> bytes)
    {
        int buffer = 0, bits = 0, next = 0;
        foreach (var c in id)
        {
            buffer = ((buffer << 5) | Alphabet.IndexOf(c, StringComparison.Ordinal)) & 0xFFFF;
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            bytes[next++] = (byte)(buffer >> bits);
        }

        bytes[next] = (byte)(buffer << (8 - bits));
    }

    /// <summary>The reverse of <see cref="Write"/>.</summary>
    public static string Read(ReadOnlySpan<byte> bytes) => Base32(bytes[..Bytes]);

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
