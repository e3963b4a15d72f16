using System.Globalization;
using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>
/// A contribution as its source reports it, before the ledger sees it. Text may still be long and untidy; the normaliser cleans it up.
/// Null means that the source gives no value.
/// </summary>
public sealed record Draft
{
    /// <summary>The source's own id for the item: unique within the connection's origin, never empty.</summary>
    public required string NativeId { get; init; }

    /// <summary>
    /// False where the source's ids are known to change for the same item (feed guids). Within one connection, the same
    /// canonical URL then means the same item, regardless of the id.
    /// </summary>
    public bool IdIsReliable { get; init; } = true;

    public required Kind Kind { get; init; }

    public Role Role { get; init; }

    public Status Status { get; init; }

    /// <summary>Plain text, no markup.</summary>
    public string? Title { get; init; }

    /// <summary>Absolute http(s) URL, or null.</summary>
    public string? Url { get; init; }

    /// <summary>Plain text, no markup.</summary>
    public string? Summary { get; init; }

    /// <summary>When it happened or will happen; null when the source gives no usable date. Never a guess.</summary>
    public DateTimeOffset? When { get; init; }

    public DatePrecision DatePrecision { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>
    /// True for a message that reports only that something is new or renamed (a push without details). It updates title, URL,
    /// summary and metrics of an existing entry, and leaves the rest alone.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>The source's own last-change time, if reliable: an older version never overwrites a newer one.</summary>
    public DateTimeOffset? Version { get; init; }

    /// <summary>The author according to the source; used by author filters.</summary>
    public string? Author { get; init; }

    public Container? Container { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Metrics the source gave at the time of reading, by name (views, likes, comments, additions, deletions, …).</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);
}

/// <summary>What the contribution belongs to: a blog, a repository, a channel, a group.</summary>
public sealed record Container(string Name, string? Url = null);

/// <summary>Makes a draft fit for storage: lengths, spaces, absurd dates, unusable URLs. It adds nothing the source did not state.</summary>
public static class Normaliser
{
    public const int TitleLength = 300;
    public const int SummaryLength = 1000;
    public const int TopicLength = 64;
    public const int TopicCount = 30;
    public const int UrlLength = 2000;

    public static Draft Normalise(Draft draft, DateTimeOffset now)
    {
        var when = Plausible(draft.When, now);
        return draft with
        {
            Title = Text(draft.Title, TitleLength),
            Summary = Text(draft.Summary, SummaryLength),
            Url = Address(draft.Url),
            When = when,
            DatePrecision = when is null ? DatePrecision.FirstSeen : draft.DatePrecision,
            EndsAt = Plausible(draft.EndsAt, now),
            Version = draft.Version?.ToUniversalTime(),
            Container = draft.Container is { } c && Text(c.Name, TitleLength) is { } name ? new Container(name, Address(c.Url)) : null,
            Topics = Topics(draft.Topics),
        };
    }

    /// <summary>Collapses white space, drops control characters and lone surrogates, truncates with an ellipsis; null if empty.</summary>
    public static string? Text(string? text, int length)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var builder = new StringBuilder(Math.Min(text.Length, length + 2));
        var pendingSpace = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                pendingSpace = builder.Length > 0;
                continue;
            }

            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Surrogate || rune == Rune.ReplacementChar)
                continue;
            if (builder.Length + (pendingSpace ? 1 : 0) + rune.Utf16SequenceLength > length)
                return Shorten(builder, length);
            if (pendingSpace)
                builder.Append(' ');
            pendingSpace = false;
            builder.Append(rune);
        }

        return builder.Length == 0 ? null : builder.ToString();
    }

    /// <summary>The same without bidirectional controls, which would affect the surrounding text.</summary>
    public static string? Line(string? text, int length) =>
        Text(text is null ? null : string.Concat(text.Where(c => c is not (>= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069'))), length);

    /// <summary>Trims the topics and drops those that differ only by case; keeps at most 30 topics of 64 characters.</summary>
    public static IReadOnlyList<string> Topics(IEnumerable<string> topics) =>
        [.. topics.Select(t => Text(t, TopicLength)).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(TopicCount)];

    /// <summary>An absolute http(s) URL of at most 2,000 characters and without user info, or null.</summary>
    public static string? Address(string? url) =>
        url?.Length <= UrlLength && Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0
            ? uri.AbsoluteUri
            : null;

    /// <summary>Null for dates that no contribution can have: before 1970, or more than three years ahead.</summary>
    public static DateTimeOffset? Plausible(DateTimeOffset? date, DateTimeOffset now) =>
        date is { } d && d >= DateTimeOffset.UnixEpoch && d <= now.AddYears(3) ? d.ToUniversalTime() : null;

    private static string Shorten(StringBuilder builder, int length)
    {
        while (builder.Length >= length || (builder.Length > 0 && char.IsHighSurrogate(builder[^1])))
            builder.Length--;
        return builder.Append('…').ToString();
    }
}
