using System.Globalization;
using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>
/// A contribution as a place tells it, before the ledger has seen it. Text may still be long and untidy; the normaliser makes it fit.
/// Null is "the place does not say".
/// </summary>
public sealed record Draft
{
    /// <summary>The place's own id of the thing, unique within the connection's origin and never empty.</summary>
    public required string NativeId { get; init; }

    /// <summary>
    /// False where the place's ids are known to change for the same thing (feed guids): within one connection the same
    /// canonical URL then means the same thing whatever the id says.
    /// </summary>
    public bool IdIsReliable { get; init; } = true;

    public required Kind Kind { get; init; }

    public Role Role { get; init; }

    public Status Status { get; init; }

    /// <summary>Plain text, no markup.</summary>
    public string? Title { get; init; }

    /// <summary>Absolute http(s) address, or null.</summary>
    public string? Url { get; init; }

    /// <summary>Plain text, no markup.</summary>
    public string? Summary { get; init; }

    /// <summary>When it happened or will happen. Null when the place gives no usable date: never a guess.</summary>
    public DateTimeOffset? When { get; init; }

    public DatePrecision DatePrecision { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>
    /// True for a message that tells only that something is new or has another name (a push without details): of an entry that is known
    /// already, it changes title, address, summary and numbers, and leaves what it cannot know.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>The place's own last-change time where it is dependable: an older version never overwrites a newer one.</summary>
    public DateTimeOffset? Version { get; init; }

    /// <summary>Who the place says made it; used by author filters.</summary>
    public string? Author { get; init; }

    public Container? Container { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Numbers measured by the place at the time of reading, by name (views, likes, comments, additions, deletions, …).</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);
}

/// <summary>What the contribution is part of: a blog, a repository, a channel, a group.</summary>
public sealed record Container(string Name, string? Url = null);

/// <summary>Makes a draft fit for keeping: lengths, spaces, absurd dates, unusable addresses. Says nothing the place did not say.</summary>
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

    /// <summary>Spaces folded, control characters and broken surrogates dropped, cut at a character with an ellipsis; null if nothing is left.</summary>
    public static string? Text(string? text, int length)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var kept = new StringBuilder(Math.Min(text.Length, length + 2));
        var space = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                space = kept.Length > 0;
                continue;
            }

            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Surrogate || rune == Rune.ReplacementChar)
                continue;
            if (kept.Length + (space ? 1 : 0) + rune.Utf16SequenceLength > length)
                return Shorten(kept, length);
            if (space)
                kept.Append(' ');
            space = false;
            kept.Append(rune);
        }

        return kept.Length == 0 ? null : kept.ToString();
    }

    /// <summary>Trimmed, unlike in spelling only by case counted once, at most 30 of 64 characters.</summary>
    public static IReadOnlyList<string> Topics(IEnumerable<string> topics) =>
        [.. topics.Select(t => Text(t, TopicLength)).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(TopicCount)];

    /// <summary>An absolute http(s) address of bearable length, or null.</summary>
    public static string? Address(string? url) =>
        url?.Length <= UrlLength && Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0
            ? uri.AbsoluteUri
            : null;

    /// <summary>Null for dates no contribution can have: before 1970 or more than three years ahead.</summary>
    public static DateTimeOffset? Plausible(DateTimeOffset? date, DateTimeOffset now) =>
        date is { } d && d >= DateTimeOffset.UnixEpoch && d <= now.AddYears(3) ? d.ToUniversalTime() : null;

    private static string Shorten(StringBuilder kept, int length)
    {
        while (kept.Length >= length || (kept.Length > 0 && char.IsHighSurrogate(kept[^1])))
            kept.Length--;
        return kept.Append('…').ToString();
    }
}
