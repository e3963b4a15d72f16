using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>
/// Validates and normalizes the fields of a request body; all faults are collected, by field. An absent field leaves the current value,
/// null removes it (RFC 7396).
/// </summary>
internal sealed class LedgerFields
{
    private const int MaxMetrics = 30;
    private const int MaxNameLength = 40;
    private const double MaxValue = 1e15;

    private readonly Dictionary<string, JsonElement> sent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> faults = new(StringComparer.Ordinal);
    private readonly DateTimeZone zone;
    private readonly DateTimeOffset now;

    /// <param name="zone">The person's time zone, which defines when a day begins.</param>
    public LedgerFields(JsonElement body, IReadOnlyList<string> known, DateTimeZone zone, DateTimeOffset now)
    {
        (this.zone, this.now) = (zone, now);
        foreach (var property in body.EnumerateObject())
        {
            if (known.Contains(property.Name, StringComparer.Ordinal))
                sent[property.Name] = property.Value;
            else
                Fault(property.Name, $"There is no field '{property.Name}' to write. {Spelling.Hint(property.Name, known)}");
        }
    }

    public bool IsValid => faults.Count == 0;

    /// <summary>All fault messages.</summary>
    public IEnumerable<string> Faults => faults.Values.SelectMany(messages => messages);

    /// <summary>The messages for a field; empty if nothing is wrong with it.</summary>
    public IReadOnlyList<string> FaultsOf(string name) => faults.GetValueOrDefault(name) ?? [];

    public IResult Problem => Problems.Invalid(faults.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal));

    public void Fault(string name, string message)
    {
        if (!faults.TryGetValue(name, out var messages))
            faults[name] = messages = [];
        messages.Add(message);
    }

    public bool Has(string name) => sent.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Adds a fault if a required field is missing.</summary>
    public void Require(string name, string what)
    {
        if (!Has(name))
            Fault(name, $"'{name}' is missing: {what}.");
    }

    public string? Text(string name, int length, string? current = null) => Read(name, current, value =>
    {
        var text = value.ValueKind == JsonValueKind.String ? Normaliser.Text(value.GetString(), JsonBody.MaxBytes) : null;
        return text?.Length <= length ? text : Refuse<string>(name, $"text of 1 to {length} characters");
    });

    public string? Url(string name, string? current = null) => Read(name, current, value =>
        (value.ValueKind == JsonValueKind.String ? Normaliser.Address(value.GetString()) : null)
        ?? Refuse<string>(name, "an absolute http or https address without a user name"));

    public T? Word<T>(string name, T? current = null)
        where T : struct, Enum => Read(name, current, T? (value) =>
        value.ValueKind == JsonValueKind.String && Core.Model.EnumText<T>.TryParse(value.GetString(), out var word)
            ? word
            : Refuse<T?>(name, $"one of {string.Join(", ", Core.Model.EnumText<T>.All)}"));

    public bool Flag(string name, bool current = false) => Read<bool?>(name, current, value => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => Refuse<bool?>(name, "true or false"),
    }) ?? false;

    /// <summary>Reads an instant or a day.</summary>
    public (DateTimeOffset Time, bool IsDay)? Time(string name) => Read<(DateTimeOffset, bool)?>(name, null, value =>
    {
        if (value.ValueKind != JsonValueKind.String || !DateOrInstant.TryParse(value.GetString()!, out var moment))
            return Refuse<(DateTimeOffset, bool)?>(name, DateOrInstant.Allowed);
        return Normaliser.Plausible(moment.Day is { } day ? Noon(day) : moment.Instant, now) is { } time
            ? (time, moment.Day is not null)
            : Refuse<(DateTimeOffset, bool)?>(name, "a time from 1970 to three years ahead");
    });

    public DateTimeOffset? Time(string name, DateTimeOffset? current) => sent.ContainsKey(name) ? Time(name)?.Time : current;

    /// <summary>
    /// A typed day is stored as noon UTC. That lies within the day almost everywhere, so neither an export nor a move to another zone changes
    /// the day. East of UTC+11:59, the day's own start is used.
    /// </summary>
    private DateTimeOffset Noon(DateOnly day)
    {
        var noon = new DateTimeOffset(day, new TimeOnly(12, 0), TimeSpan.Zero);
        return MonthRollup.Day(noon, zone) == day ? noon : new DateOrInstant(null, day).Start(zone);
    }

    public IReadOnlyList<string>? Topics(string name, IReadOnlyList<string>? current = null) => Read(name, current, value =>
    {
        var isList = value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String);
        return isList && value.GetArrayLength() <= Normaliser.TopicCount
            ? Normaliser.Topics(value.EnumerateArray().Select(t => t.GetString()!))
            : Refuse<IReadOnlyList<string>>(name, $"a list of at most {Normaliser.TopicCount} texts");
    });

    /// <summary>Merges metrics by name into the current ones; null removes one.</summary>
    public IReadOnlyDictionary<string, Metric>? Metrics(string name, IReadOnlyDictionary<string, Metric>? current = null) => Read(name, current, value =>
    {
        if (value.ValueKind != JsonValueKind.Object)
            return Refuse<IReadOnlyDictionary<string, Metric>>(name, "an object of numbers by name, such as {\"attendees\": 40}");
        var metrics = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var (known, metric) in current ?? new Dictionary<string, Metric>(StringComparer.Ordinal))
            metrics[known] = metric;
        foreach (var property in value.EnumerateObject())
            MergeMetric(metrics, name, property);
        if (metrics.Count > MaxMetrics)
            Refuse<object>(name, $"a set of at most {MaxMetrics} numbers");
        return metrics.Count == 0 ? null : metrics;
    });

    private void MergeMetric(SortedDictionary<string, Metric> metrics, string field, JsonProperty property)
    {
        var path = $"{field}.{property.Name}";
        if (property.Name.Length is 0 or > MaxNameLength || !char.IsAsciiLetterLower(property.Name[0]) || !property.Name.All(char.IsAsciiLetterOrDigit))
            Fault(path, $"A number's name is at most {MaxNameLength} letters and digits and begins with a lower-case letter.");
        else if (property.Value.ValueKind == JsonValueKind.Null)
            metrics.Remove(property.Name);
        else if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetDouble(out var value) || value is not (>= 0 and <= MaxValue))
            Fault(path, $"'{path}' is not a number from 0 to 1e15.");
        else if (!metrics.TryGetValue(property.Name, out var known) || known.Value != value)
            metrics[property.Name] = new Metric(value, now, MetricOrigin.Typed);
    }

    private T? Read<T>(string name, T? current, Func<JsonElement, T?> read)
    {
        if (!sent.TryGetValue(name, out var value))
            return current;
        return value.ValueKind == JsonValueKind.Null ? default : read(value);
    }

    private T? Refuse<T>(string name, string allowed)
    {
        var received = sent[name].GetRawText();
        Fault(name, $"{(received.Length <= 80 ? received : received[..80] + "…")} is not {allowed}.");
        return default;
    }
}

// The two bodies as described in the OpenAPI document. They are read field by field, so that all faults are reported at once.

/// <summary>`title`, `kind` and `when`, or a `url`, and any further fields.</summary>
/// <param name="When">An instant, or a day in your time zone.</param>
/// <param name="Metrics">Numbers from 0 to 1e15 by name. A name has at most 40 letters and digits and begins with a lower-case letter.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LoggedBody(
    [property: StringLength(Normaliser.TitleLength, MinimumLength = 1)] string? Title, Kind? Kind, DateOrInstant? When, Role? Role, Status? Status,
    [property: MaxLength(2000)] string? Url, [property: MaxLength(Normaliser.SummaryLength)] string? Summary, DateOrInstant? EndsAt,
    [property: MaxLength(Normaliser.TopicCount)] string[]? Topics, Dictionary<string, double>? Metrics, bool? Private,
    [property: MaxLength(Normaliser.SummaryLength)] string? Note);

/// <summary>The values to change; null restores the harvested value.</summary>
/// <param name="When">An instant, or a day in your time zone.</param>
/// <param name="Metrics">Numbers from 0 to 1e15 by name, merged into the current ones; null removes one.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ChangeBody(
    [property: StringLength(Normaliser.TitleLength, MinimumLength = 1)] string? Title, Kind? Kind, Role? Role, DateOrInstant? When, DateOrInstant? EndsAt,
    [property: MaxLength(2000)] string? Url, [property: MaxLength(Normaliser.TopicCount)] string[]? Topics, Dictionary<string, double?>? Metrics, bool? Private,
    [property: MaxLength(Normaliser.SummaryLength)] string? Note, Review? Review);

/// <summary>The values typed along with an address.</summary>
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

    /// <summary>Whether only the address, and possibly the kind, was typed.</summary>
    public bool IsUrlOnly => Title is null && When is null && Role is null && Status is null && Summary is null && EndsAt is null
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

    /// <summary>Fills in what the page does not provide.</summary>
    public Draft FillIn(Draft page) => page with
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

    /// <summary>Edits for the typed values that differ from the page. Edits that the person has made since then are kept.</summary>
    /// <param name="draft">The page's draft with typed values filled in.</param>
    public PersonalValues EditsFor(Contribution entry, Draft draft)
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
                WhenIsDay = edits.When is null ? When?.IsDay == true && When?.Time != draft.When : edits.WhenIsDay,
                EndsAt = edits.EndsAt ?? (EndsAt == draft.EndsAt ? null : EndsAt),
                Topics = edits.Topics ?? (Topics?.SequenceEqual(draft.Topics, StringComparer.Ordinal) == false ? Topics : null),
                Metrics = edits.Metrics ?? Metrics,
            },
        };
    }
}
