using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>
/// An entry of our own export as it was in the ledger: its id, what the places said, the person's edits, review, note, and who saw it. Who leads of those that saw
/// it stays so until one of them is read again. Topics that were folded by aliases stay as they were folded, where no edit shows what was under them.
/// </summary>
internal static class RestoredEntry
{
    private const int MaxSightings = 10;
    private const int MaxMetrics = 60;
    private const int MaxParts = 50;
    private const int MaxRevision = 999_999;

    /// <returns>The entry; or what is wrong with it.</returns>
    public static (Contribution? Entry, string? Fault) Read(string json)
    {
        ExportedEntry? item;
        try
        {
            item = JsonSerializer.Deserialize(json, ExportedEntryJson.Default.ExportedEntry);
        }
        catch (JsonException e)
        {
            return (null, $"It is not as it was exported, at “{e.Path}”.");
        }

        return item is null ? (null, "It is not as it was exported.") : Read(item);
    }

    private static (Contribution? Entry, string? Fault) Read(ExportedEntry item)
    {
        var values = Values(item);
        var harvested = item.Harvested is { } said ? Values(said) : values;
        if (values is null || harvested is null || !IsTime(values.When) || !IsTime(harvested.When) || !IsWord(item.Source) || item.Revision is < 1 or > MaxRevision)
            return (null, "Its title, time, source or revision is not as it was exported.");
        if (item.Sightings.Count > MaxSightings || item.Sightings.Any(sighting => !IsConnection(sighting.Connection)) || !AreIds(item.Parts) || !AreIds(item.NotPartOf) || !AreIds(item.PartOf is null ? null : [item.PartOf]))
            return (null, "Its sightings or the entries it belongs to are not as they were exported.");
        if (!AreMetrics(item.Metrics) || !AreMetrics(item.Harvested?.Metrics))
            return (null, "Its numbers are not as they were exported.");
        var firstSeen = item.Sightings.Select(sighting => sighting.FirstSeen).DefaultIfEmpty(values.When).Min();
        return (new Contribution
        {
            Id = item.Id,
            Source = item.Source,
            Revision = item.Revision,
            FirstSeen = firstSeen.ToUniversalTime(),
            Harvested = harvested,
            Edits = Edits(item, values),
            Sightings = [.. item.Sightings.Select((sighting, index) => Sighting(item, sighting, index))],
            Metrics = Sorted(item.Edited.Contains("metrics") ? item.Harvested?.Metrics : item.Metrics) ?? new SortedDictionary<string, Metric>(StringComparer.Ordinal),
            Review = item.Review,
            Private = item.Private,
            Note = Normaliser.Text(item.Note, Normaliser.SummaryLength),
            PartOf = item.PartOf,
            Parts = item.Parts,
            NotPartOf = item.NotPartOf,
        }, null);
    }

    private static ContributionValues? Values(ExportedValues said) => Normaliser.Text(said.Title, Normaliser.TitleLength) is not { } title ? null : new ContributionValues
    {
        Kind = said.Kind,
        Role = said.Role,
        Status = said.Status,
        Title = title,
        Url = Normaliser.Address(said.Url),
        Summary = Normaliser.Text(said.Summary, Normaliser.SummaryLength),
        When = said.When.ToUniversalTime(),
        EndsAt = said.EndsAt is { } end && IsTime(end) ? end.ToUniversalTime() : null,
        DatePrecision = said.DatePrecision,
        Container = said.Container is { } container && Normaliser.Text(container.Name, Normaliser.TitleLength) is { } name ? new Container(name, Normaliser.Address(container.Url)) : null,
        Topics = Normaliser.Topics(said.Topics),
    };

    /// <summary>An edited field has the person's value, and every other the harvested one.</summary>
    private static Edits Edits(ExportedEntry item, ContributionValues values)
    {
        bool Has(string field) => item.Edited.Contains(field);

        var measured = item.Harvested?.Metrics;
        return new Edits
        {
            Title = Has("title") ? values.Title : null,
            Kind = Has("kind") ? values.Kind : null,
            Role = Has("role") ? values.Role : null,
            When = Has("when") ? values.When : null,
            WhenPrecision = Has("when") ? values.DatePrecision : DatePrecision.Exact,
            EndsAt = Has("endsAt") ? values.EndsAt : null,
            Url = Has("url") ? values.Url : null,
            Topics = Has("topics") ? values.Topics : null,
            Metrics = Has("metrics") ? Sorted(item.Metrics?.Where(metric => measured is null || !measured.TryGetValue(metric.Key, out var known) || known != metric.Value).ToDictionary(StringComparer.Ordinal)) : null,
        };
    }

    private static Sighting Sighting(ExportedEntry item, ExportedSighting said, int index) => new()
    {
        Connection = said.Connection,
        Source = said.Connection is LedgerTransaction.Manual or LedgerTransaction.Imported ? said.Connection : item.Source,
        Url = Normaliser.Address(said.Url),
        Links = said.Links?.Where(link => Normaliser.Address(link.Url) is not null).Take(Normaliser.LinkCount).ToList() is { Count: > 0 } links ? links : null,
        FirstSeen = said.FirstSeen.ToUniversalTime(),
        LastSeen = said.LastSeen.ToUniversalTime(),
        Hash = Identity.Hash(item.Id),
        Rank = said.Connection == LedgerTransaction.Manual
            ? string.Create(CultureInfo.InvariantCulture, $"00{DateTimeOffset.UnixEpoch.UtcTicks:D19}{said.Connection}")
            : string.Create(CultureInfo.InvariantCulture, $"3{index:D2}{said.Connection}"),
    };

    private static SortedDictionary<string, Metric>? Sorted(IReadOnlyDictionary<string, Metric>? metrics) =>
        metrics is null ? null : new SortedDictionary<string, Metric>(metrics.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    private static bool IsTime(DateTimeOffset time) => time >= DateTimeOffset.UnixEpoch && time.Year <= 9000;

    private static bool IsWord(string text) => text.Length is > 0 and <= 40 && text.All(char.IsAsciiLetterOrDigit);

    private static bool IsConnection(string text) => text is LedgerTransaction.Manual or LedgerTransaction.Imported || Identity.IsWellFormed(text);

    private static bool AreIds(IReadOnlyList<string>? ids) => ids is null || (ids.Count is > 0 and <= MaxParts && ids.All(Identity.IsWellFormed));

    private static bool AreMetrics(IReadOnlyDictionary<string, Metric>? metrics) =>
        metrics is null || (metrics.Count <= MaxMetrics && metrics.All(metric => IsWord(metric.Key) && double.IsFinite(metric.Value.Value)));
}

internal record ExportedValues
{
    public required Kind Kind { get; init; }

    public Role Role { get; init; }

    public Status Status { get; init; }

    public required string Title { get; init; }

    public string? Url { get; init; }

    public string? Summary { get; init; }

    public required DateTimeOffset When { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public DatePrecision DatePrecision { get; init; }

    public Container? Container { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    public Dictionary<string, Metric>? Metrics { get; init; }
}

/// <summary>A line of the export, as <see cref="Contributions.Queries.LedgerItem"/> is written.</summary>
internal sealed record ExportedEntry : ExportedValues
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    public IReadOnlyList<ExportedSighting> Sightings { get; init; } = [];

    public bool Private { get; init; }

    public Review Review { get; init; }

    public string? Note { get; init; }

    public int Revision { get; init; } = 1;

    public string? PartOf { get; init; }

    public IReadOnlyList<string>? Parts { get; init; }

    public IReadOnlyList<string>? NotPartOf { get; init; }

    public HashSet<string> Edited { get; init; } = [];

    public ExportedValues? Harvested { get; init; }
}

internal sealed record ExportedSighting(string Connection, string? Url, DateTimeOffset FirstSeen, DateTimeOffset LastSeen)
{
    public IReadOnlyList<RelatedLink>? Links { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ExportedEntry))]
internal sealed partial class ExportedEntryJson : JsonSerializerContext;
