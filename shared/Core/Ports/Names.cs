namespace ContributionIngest.Core.Ports;

/// <summary>What the names of containers and queues may look like, and which text may be stored or used as a name at all.</summary>
internal static class Names
{
    /// <summary>3 to 63 of a–z, 0–9 and single hyphens inside (https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata).</summary>
    public static bool IsLabel(string name)
    {
        if (name.Length is < 3 or > 63 || name[0] == '-' || name[^1] == '-' || name.Contains("--", StringComparison.Ordinal))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    /// <summary>False for half a surrogate pair: no encoding on the wire can carry it.</summary>
    public static bool IsWholeText(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0; at = text.IndexOfAnyInRange('\uD800', '\uDFFF'))
        {
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return false;
            text = text[(at + 2)..];
        }

        return true;
    }
}
