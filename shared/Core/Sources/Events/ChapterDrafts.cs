using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Events;

/// <summary>
/// The events of a community's chapter → the drafts of a connection. Who organises the chapter organised all of them; what an event's page names a person
/// for is theirs beside that. A name in title or description alone may be somebody who is only talked about, and is a suggestion.
/// </summary>
/// <param name="IsOrganiser">All events are the person's.</param>
internal sealed record ChapterDrafts(bool IsOrganiser, PersonNames Names, DateTimeOffset Now)
{
    private const string Organiser = "organiser";
    private const string Speaker = "speaker";

    /// <summary>Behind the id of an event, for what somebody did at it.</summary>
    private const string AtEvent = "\nnamed";

    public static readonly IReadOnlyList<SourceOption> Options =
    [
        new("role", "what you are in these events: organiser of all of them (the default), or speaker in those that name you", [Organiser, Speaker]),
        new("names", "your names and handles as the pages of events write them, comma-separated"),
    ];

    /// <summary>For a speaker whose name is not known, of whom there are no events.</summary>
    public const string NameMissing = "You are a speaker here, so your name has to be known: set the option names to it, as the pages of events write it.";

    public static ChapterDrafts For(IReadOnlyDictionary<string, string> options, DateTimeOffset now) =>
        new(options.GetValueOrDefault("role") != Speaker, new PersonNames(options.GetValueOrDefault("names")), now);

    /// <summary>Nothing can be the person's.</summary>
    public bool IsNameMissing => !IsOrganiser && Names.IsEmpty;

    /// <summary>The options as text; a change means that everything is read again.</summary>
    public string OptionsText => $"{(IsOrganiser ? Organiser : Speaker)} {Names.Text}";

    /// <summary>What the person does at an event by its page, as it is kept in cursors; null if the page does not name them.</summary>
    public string? PartIn(ListedEvent listed)
    {
        if (Names.IsEmpty)
            return null;
        var named = listed.People.Where(person => Names.AreIn(person.Name) || person.Handles.Any(Names.AreHandle)).Select(person => RoleOf(person.Role)).ToList();
        if (named.Count > 0)
            return EnumText<Role>.Of(named.Contains(Role.Speaker) ? Role.Speaker : named[0]);
        return Names.AreMentioned(listed.Title, listed.Summary) ? "?" : null;
    }

    /// <param name="part">Of <see cref="PartIn"/>.</param>
    public IEnumerable<Draft> Of(ListedEvent listed, string id, string? part, Container container)
    {
        var basics = new Draft
        {
            NativeId = id,
            Kind = Kind.Organising,
            Role = Role.Organiser,
            Status = StatusOf(listed),
            Title = listed.Title,
            Url = listed.Url,
            Summary = listed.Summary,
            When = listed.Start,
            DatePrecision = listed.IsDay ? DatePrecision.Day : DatePrecision.Exact,
            EndsAt = listed.End > listed.Start ? listed.End : null,
            Container = container,
            Topics = listed.Topics,
        };
        if (IsOrganiser)
            yield return basics;
        if (part is null)
            yield break;
        var isSuggestion = !EnumText<Role>.TryParse(part, out var role);

        // Organisers are named as hosts and organisers anyway.
        if (IsOrganiser && role is Role.Host or Role.Organiser && !isSuggestion)
            yield break;
        yield return basics with { NativeId = id + AtEvent, Kind = isSuggestion ? Kind.Talk : KindOf(role), Role = isSuggestion ? Role.Speaker : role, IsSuggestion = isSuggestion };
    }

    /// <summary>Events that do not take place.</summary>
    public IEnumerable<Draft> Gone(TrackedEvent gone, string? part, Container container) =>
        Of(gone.ToListed(), gone.Id, part, container).Select(draft => draft with { Status = Status.Removed });

    private Status StatusOf(ListedEvent listed)
    {
        if (listed.IsCancelled)
            return Status.Cancelled;
        return listed.Start > Now ? Status.Scheduled : Status.Published;
    }

    private static Role RoleOf(string role)
    {
        var word = role.Trim().ToLowerInvariant().TrimEnd('s');
        return word switch
        {
            "host" or "facilitator" or "moderator" or "mc" => Role.Host,
            "organizer" or "organiser" or "co-organizer" => Role.Organiser,
            "mentor" => Role.Mentor,
            "judge" or "sponsor" or "partner" or "volunteer" => Role.Other,
            _ => Role.Speaker,
        };
    }

    private static Kind KindOf(Role role) => role switch
    {
        Role.Speaker => Kind.Talk,
        Role.Mentor => Kind.Mentoring,
        Role.Organiser => Kind.Organising,
        _ => Kind.Event,
    };
}
