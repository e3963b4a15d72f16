using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Listed events → the drafts of a connection.</summary>
/// <param name="Match">Only events with one of these words (comma-separated) in their title or description; null: all.</param>
internal sealed record EventDrafts(Role Role, string? Match, DateTimeOffset Now)
{
    private readonly string[] words = [.. (Match ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    public static EventDrafts For(IReadOnlyDictionary<string, string> options, DateTimeOffset now) => new(
        EnumText<Role>.TryParse(options.GetValueOrDefault("role"), out var role) ? role : Role.Organiser, options.GetValueOrDefault("match"), now);

    /// <summary>The options as text; a change means that everything is read again.</summary>
    public string OptionsText => $"{EnumText<Role>.Of(Role)} {string.Join(',', words)}";

    public bool Matches(ListedEvent listed) =>
        words.Length == 0 || Array.Exists(words, word => ContainsWord(listed.Title, word) || ContainsWord(listed.Summary, word));

    /// <param name="nativeId">The id in the ledger, which may be one of its earlier ids.</param>
    public Draft Of(ListedEvent listed, string nativeId, Container container) => new()
    {
        NativeId = nativeId,
        IdIsReliable = listed.HasStableId,
        Kind = Kind.Event,
        Role = Role,
        Status = listed.IsCancelled ? Status.Cancelled : listed.Start > Now ? Status.Scheduled : Status.Published,
        Title = listed.Title,
        Url = listed.Url,
        Summary = listed.Summary,
        When = listed.Start,
        DatePrecision = listed.IsDay ? DatePrecision.Day : DatePrecision.Exact,
        EndsAt = EndOf(listed),
        Container = container,
        Topics = listed.Topics,
        Metrics = DraftMetrics.Of(("rsvps", listed.Rsvps)),
    };

    /// <summary>An announced event that has begun.</summary>
    public Draft Of(TrackedEvent started, Container container) => Of(started.ToListed(), started.Id, container);

    /// <summary>Announced events that have begun, and those that do not take place.</summary>
    public IEnumerable<Draft> Of((IReadOnlyList<TrackedEvent> Started, IReadOnlyList<TrackedEvent> Gone) events, Container container) =>
        events.Started.Select(one => Of(one, container)).Concat(Gone(events.Gone, container));

    public IEnumerable<Draft> Gone(IReadOnlyList<TrackedEvent> gone, Container container) => gone.Select(one => Of(one, container) with { Status = Status.Removed });

    /// <summary>The last day of an all-day event; calendars give the day after it.</summary>
    private static DateTimeOffset? EndOf(ListedEvent listed)
    {
        var end = listed.IsDay ? listed.End?.AddDays(-1) : listed.End;
        return end > listed.Start ? end : null;
    }

    /// <summary>Whole words only: Annual does not contain Ann.</summary>
    private static bool ContainsWord(string? text, string word)
    {
        for (var at = 0; text is not null && (at = text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                return true;
        }

        return false;
    }
}

/// <summary>An event from any listing.</summary>
/// <param name="Names">Its ids in the listing, the most stable first; never empty.</param>
/// <param name="Start">UTC.</param>
internal sealed record ListedEvent(IReadOnlyList<string> Names, DateTimeOffset Start)
{
    /// <summary>False if the id of an event may change (Meetup's series).</summary>
    public bool HasStableId { get; init; } = true;

    public DateTimeOffset? End { get; init; }

    /// <summary>Only the day is known.</summary>
    public bool IsDay { get; init; }

    public string? Title { get; init; }

    /// <summary>Plain text.</summary>
    public string? Summary { get; init; }

    public string? Url { get; init; }
    public bool IsCancelled { get; init; }
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>People who registered.</summary>
    public int? Rsvps { get; init; }
}

/// <summary>An event's description without what the site adds: names, dates and addresses that are known already.</summary>
internal static partial class EventDescription
{
    private const int Longest = 2_000;
    private const int LongestDate = 80;

    /// <summary>Meetup puts the group's name and the date first and the event's address last.</summary>
    /// <param name="group">The group's name, which is the first line.</param>
    public static string? OfMeetup(string? text, string? group)
    {
        var lines = Lines(text);
        if (group is not null && lines.Count > 0 && lines[0].Equals(group, StringComparison.OrdinalIgnoreCase))
        {
            lines.RemoveAt(0);
            if (lines.Count > 0 && lines[0].Length <= LongestDate && lines[0].Any(char.IsDigit))
                lines.RemoveAt(0);
        }

        while (lines.Count > 0 && (lines[^1].Length == 0 || MeetupLink().IsMatch(lines[^1])))
            lines.RemoveAt(lines.Count - 1);
        return Text(lines);
    }

    /// <summary>Luma puts the event's address first and adds location and hosts.</summary>
    public static string? OfLuma(string? text)
    {
        var lines = Lines(text);
        if (lines.Count > 0 && LumaLink().IsMatch(lines[0]))
            lines.RemoveAt(0);
        var address = lines.FindIndex(line => line.Equals("Address:", StringComparison.OrdinalIgnoreCase));
        if (address >= 0)
        {
            var end = lines.FindIndex(address, line => line.Length == 0);
            lines.RemoveRange(address, (end < 0 ? lines.Count : end) - address);
        }

        lines.RemoveAll(line => line.StartsWith("Hosted by ", StringComparison.OrdinalIgnoreCase));
        return Text(lines);
    }

    public static string? OfOthers(string? text) => Text(Lines(text));

    /// <summary>The page of an event, which Luma's calendars give only in the description.</summary>
    public static string? LumaPage(string? text) => text is not null && LumaLink().Match(text) is { Success: true } match ? match.Groups["url"].Value : null;

    private static List<string> Lines(string? text) => [.. (text ?? "").ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim())];

    /// <summary>Without the word that some programs put before or after the title of a cancelled event.</summary>
    public static string? Title(string? summary, int maximum) =>
        summary is null ? null : PlainText.FromHtml(Encoding.UTF8.GetBytes(CalledOff().Replace(summary, "")), maximum, keepUnknown: true);

    public static bool IsCalledOff(string? summary) => summary is not null && CalledOff().IsMatch(summary);

    /// <summary>Some programs escape their HTML once more than the calendar asks for.</summary>
    private static string? Text(List<string> lines) =>
        PlainText.FromHtml(string.Join('\n', lines), Longest) is not { } text ? null : EscapedTag().IsMatch(text) ? PlainText.FromHtml(text, Longest) : text;

    /// <summary>A word alone may belong to the title; in brackets, or set off by a colon or a dash, it is said of the event. In the languages of Outlook.</summary>
    [GeneratedRegex(
        @"^\s*[\[(*]*(event\s+)?(?<word>cancell?ed|abgesagt|annul[ée]e?|cancelad[oa]|annullat[oa]|geannuleerd|afgelast|odwołane|anulowan[eo]|aflyst|avlyst|inställd?t?|peruttu|zrušeno|отменено|已取消|キャンセル済み|취소됨)\s*(\s*[\])*!]+\s*[:\u2013\u2014-]?|[:：\u2013\u2014]|\s-)\s*"
        + @"|^\s*(event\s+)?cancell?ed-\s+"
        + @"|\s*([\[(*]+\s*(cancell?ed|abgesagt|annul[ée]e?|cancelad[oa]|annullat[oa]|geannuleerd)\s*[\])*!]+|\s[\u2013\u2014-]\s*(cancell?ed|abgesagt|annul[ée]e?|cancelad[oa]|annullat[oa]|geannuleerd)!?)\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        1000)]
    private static partial Regex CalledOff();

    [GeneratedRegex(@"</(p|div|ul|ol|li|a|b|i|em|strong|span|h[1-6])>|<br ?/?>", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex EscapedTag();

    [GeneratedRegex(@"^(\w+:\s*)?https?://([a-z]+\.)?(meetup\.com|meetu\.ps)/\S*$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex MeetupLink();

    [GeneratedRegex(@"^\s*[^\n:]{0,60}:\s*(?<url>https://(luma\.com|lu\.ma)/[A-Za-z0-9_.~-]{1,80})(\s|$|\?)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LumaLink();
}
