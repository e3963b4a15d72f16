using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>What a connection makes of listed events.</summary>
/// <param name="Match">Only events whose title or description holds one of these words (comma-separated); null: all.</param>
internal sealed record EventDrafts(Role Role, string? Match, DateTimeOffset Now)
{
    private readonly string[] words = [.. (Match ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    public static EventDrafts For(IReadOnlyDictionary<string, string> options, DateTimeOffset now) => new(
        EnumText<Role>.TryParse(options.GetValueOrDefault("role"), out var role) ? role : Role.Organiser, options.GetValueOrDefault("match"), now);

    /// <summary>Of these options, as text: other options make other drafts.</summary>
    public string Asked => $"{EnumText<Role>.Of(Role)} {string.Join(',', words)}";

    public bool Wants(ListedEvent listed) =>
        words.Length == 0 || Array.Exists(words, word => Holds(listed.Title, word) || Holds(listed.Summary, word));

    /// <param name="nativeId">The id it is kept under, which may be an older one of its names.</param>
    public Draft Of(ListedEvent listed, string nativeId, Container container) => new()
    {
        NativeId = nativeId,
        IdIsReliable = listed.IsSteady,
        Kind = Kind.Event,
        Role = Role,
        Status = listed.IsCancelled ? Status.Cancelled : listed.Start > Now ? Status.Scheduled : Status.Published,
        Title = listed.Title,
        Url = listed.Url,
        Summary = listed.Summary,
        When = listed.Start,
        DatePrecision = listed.IsDay ? DatePrecision.Day : DatePrecision.Exact,
        EndsAt = LastMoment(listed),
        Container = container,
        Topics = listed.Topics,
        Metrics = listed.Rsvps is { } rsvps
            ? new Dictionary<string, double>(StringComparer.Ordinal) { ["rsvps"] = rsvps }
            : new Dictionary<string, double>(StringComparer.Ordinal),
    };

    /// <summary>What began after it had been announced.</summary>
    public Draft Of(KnownEvent begun, Container container) => Of(begun.ToListed(), begun.Id, container);

    /// <summary>Of whole days the last one; calendars give the one after it.</summary>
    private static DateTimeOffset? LastMoment(ListedEvent listed)
    {
        var end = listed.IsDay ? listed.End?.AddDays(-1) : listed.End;
        return end > listed.Start ? end : null;
    }

    /// <summary>As a word of its own: Ann is not in Annual.</summary>
    private static bool Holds(string? text, string word)
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
