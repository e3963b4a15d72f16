namespace ContributionIngest.Formats.Web;

/// <summary>Lenient parsing of <c>Content-Type</c> headers (RFC 9110, 8.3).</summary>
public static class ContentType
{
    /// <summary>The media type in lower case, such as <c>text/html</c>; empty if there is none.</summary>
    public static string MediaType(string? header)
    {
        var end = header?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        return (end < 0 ? header ?? "" : header![..end]).Trim().ToLowerInvariant();
    }

    /// <summary>The <c>charset</c> parameter without quotes, as written; null if there is none.</summary>
    public static string? Charset(string? header)
    {
        foreach (var part in (header ?? "").Split(';').Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part.AsSpan(0, equals).Trim().Equals("charset", StringComparison.OrdinalIgnoreCase))
                return part[(equals + 1)..].Trim(' ', '"', '\'', '\t') is { Length: > 0 } charset ? charset : null;
        }

        return null;
    }
}
