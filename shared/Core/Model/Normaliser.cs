using System.Globalization;
using System.Text;

namespace ContributionIngest.Core.Model;

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
