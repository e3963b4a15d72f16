using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// <c>me@example.com (My Name)</c>, <c>My Name &lt;me@example.com&gt;</c> and their kin → the name; without one, what there is.
/// </summary>
internal static class FeedPeople
{
    private const int Longest = 300;

    /// <summary>A person in elements (Atom), or in words (RSS); the element just read is consumed.</summary>
    public static string? Read(ref FeedXml xml, FeedText text)
    {
        var depth = xml.Depth;
        var start = xml;
        if (xml.IsEmpty) return null;
        string? name = null, email = null;
        while (xml.NextChild(depth))
        {
            if (xml.Word == FeedElement.Name) name ??= xml.ReadInside() is { } inside ? text.Title(inside, TextKind.Plain) : null;
            else if (xml.Word == FeedElement.Email) email ??= FeedModules.ReadWord(ref xml, text);
        }

        if ((name ?? email) is { } found) return found;
        xml = start;
        return Name(FeedModules.ReadWord(ref xml, text));
    }

    public static string? Name(string? written)
    {
        if (written is null) return null;
        var text = written.AsSpan().Trim();
        if (text.IndexOf('@') >= 0)
        {
            var name = WithoutAddress(text).Trim(" \t\r\n,;:\"'").Trim();
            if (!name.IsEmpty) text = name;
        }

        if (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) text = text[7..];
        return text.IndexOfAny('<', '&') >= 0 ? PlainText.FromHtml(text.ToString(), Longest) : PlainText.Fold(text.ToString(), Longest);
    }

    private static ReadOnlySpan<char> WithoutAddress(ReadOnlySpan<char> text)
    {
        var open = text.IndexOfAny('(', '<');
        if (open < 0)
        {
            var space = text.IndexOfAny(' ', '\t');
            if (space < 0) return default;
            return text[..space].Contains('@') ? text[space..] : text[(text.LastIndexOfAny(' ', '\t') + 1)..].Contains('@') ? text[..text.LastIndexOfAny(' ', '\t')] : text;
        }

        var close = text[open..].IndexOfAny(')', '>');
        var inner = close < 0 ? text[(open + 1)..] : text.Slice(open + 1, close - 1);
        return inner.Contains('@') ? text[..open] : inner;
    }
}
