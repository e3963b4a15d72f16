using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Functions.Api;

/// <summary>What was typed along with an address.</summary>
internal sealed record TypedFields(string? Url, Kind? Kind, string? Title, (DateTimeOffset Time, bool IsDay)? When)
{
    private Role? Role { get; init; }

    private Status? Status { get; init; }

    private string? Summary { get; init; }

    private DateTimeOffset? EndsAt { get; init; }

    private IReadOnlyList<string>? Topics { get; init; }

    private IReadOnlyDictionary<string, Metric>? Metrics { get; init; }

    private bool IsPrivate { get; init; }

    private string? Note { get; init; }

    /// <summary>Nothing but the address, and at most what kind of thing it is.</summary>
    public bool IsUrlAlone => Title is null && When is null && Role is null && Status is null && Summary is null && EndsAt is null
        && Topics is null && Metrics is null && !IsPrivate && Note is null;

    public static TypedFields Of(LedgerFields fields) =>
        new(fields.Url("url"), fields.Word<Kind>("kind"), fields.Text("title", Normaliser.TitleLength), fields.Time("when"))
        {
            Role = fields.Word<Role>("role"),
            Status = fields.Word<Status>("status"),
            Summary = fields.Text("summary", Normaliser.SummaryLength),
            EndsAt = fields.Time("endsAt")?.Time,
            Topics = fields.Topics("topics"),
            Metrics = fields.Metrics("metrics"),
            IsPrivate = fields.Flag("private"),
            Note = fields.Text("note", Normaliser.SummaryLength),
        };

    /// <summary>Fills what the page leaves open.</summary>
    public Draft Under(Draft page) => page with
    {
        IdIsReliable = true,
        Title = page.Title ?? Title,
        When = page.When ?? When?.Time,
        DatePrecision = page.When is null && When?.IsDay == true ? DatePrecision.Day : page.DatePrecision,
        EndsAt = page.EndsAt ?? EndsAt,
        Status = Status ?? page.Status,
        Summary = Summary ?? page.Summary,
        Topics = page.Topics.Count > 0 ? page.Topics : Topics ?? [],
    };

    /// <summary>Lies over what the page says otherwise. What the person has said since then stays.</summary>
    /// <param name="draft">With the typed values under it.</param>
    public PersonalValues Over(Contribution entry, Draft draft)
    {
        var edits = entry.Edits;
        return PersonalValues.Of(entry) with
        {
            Private = entry.Private || IsPrivate,
            Note = entry.Note ?? Note,
            Edits = edits with
            {
                Title = edits.Title ?? (Title == draft.Title ? null : Title),
                Role = edits.Role ?? (Role == draft.Role ? null : Role),
                When = edits.When ?? (When?.Time == draft.When ? null : When?.Time),
                EndsAt = edits.EndsAt ?? (EndsAt == draft.EndsAt ? null : EndsAt),
                Topics = edits.Topics ?? (Topics?.SequenceEqual(draft.Topics, StringComparer.Ordinal) == false ? Topics : null),
                Metrics = edits.Metrics ?? Metrics,
            },
        };
    }
}
