namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Where the parts of a start tag lie in the document.</summary>
internal readonly record struct Tag(int Start, int NameStart, int NameEnd, int AttributesEnd, bool Empty)
{
    public bool HasAttributes => AttributesEnd > NameEnd;
}

/// <summary>The attributes of one tag, one after the other. Quotes may be missing; values are not decoded.</summary>
internal static class XmlAttributes
{
    public static bool Next(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        rest = rest.TrimStart(" \t\r\n/"u8);
        if (rest.IsEmpty) return false;
        var end = rest.IndexOfAny("= \t\r\n"u8);
        if (end < 0) end = rest.Length;
        name = rest[..end];
        rest = rest[end..].TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty || rest[0] != '=') return true;
        rest = rest[1..].TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty) return true;
        if (rest[0] is (byte)'"' or (byte)'\'')
        {
            end = rest[1..].IndexOf(rest[0]);
            if (end < 0) end = rest.Length - 1;
            value = rest.Slice(1, end);
            rest = rest[Math.Min(rest.Length, end + 2)..];
            return true;
        }

        end = rest.IndexOfAny(" \t\r\n"u8);
        if (end < 0) end = rest.Length;
        value = rest[..end];
        rest = rest[end..];
        return true;
    }
}
