using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Contributions;

/// <summary>What counting a ledger takes of an entry. Read from the same rows as <see cref="Contribution"/>, without summaries, sightings and notes, which are most of them.</summary>
public sealed record LedgerLine
{
    public required string Id { get; init; }

    public required LineValues Harvested { get; init; }

    public LineEdits? Edits { get; init; }

    public IReadOnlyDictionary<string, Metric>? Metrics { get; init; }

    public IReadOnlyList<string>? Folded { get; init; }

    public Review Review { get; init; }

    public bool Private { get; init; }

    [JsonIgnore]
    public Kind Kind => Edits?.Kind ?? Harvested.Kind;

    [JsonIgnore]
    public string Title => Edits?.Title ?? Harvested.Title;

    [JsonIgnore]
    public string? Url => Edits?.Url ?? Harvested.Url;

    [JsonIgnore]
    public DateTimeOffset When => Edits?.When ?? Harvested.When;

    [JsonIgnore]
    public DateTimeOffset? EndsAt => Edits?.EndsAt ?? Harvested.EndsAt;

    [JsonIgnore]
    public IReadOnlyList<string> Topics => Folded ?? Edits?.Topics ?? Harvested.Topics ?? [];

    /// <summary>It is neither rejected, cancelled nor removed.</summary>
    [JsonIgnore]
    public bool IsCounted => Review != Review.Rejected && MonthRollup.IsCounted(Harvested.Status);

    /// <summary>A number of it, the person's own before a measured one; null if it is not known.</summary>
    public double? Number(string name) =>
        Edits?.Metrics?.TryGetValue(name, out var own) == true ? own.Value : Metrics?.TryGetValue(name, out var measured) == true ? measured.Value : null;

    public sealed record LineValues
    {
        public Kind Kind { get; init; }

        public Status Status { get; init; }

        public required string Title { get; init; }

        public string? Url { get; init; }

        public required DateTimeOffset When { get; init; }

        public DateTimeOffset? EndsAt { get; init; }

        public IReadOnlyList<string>? Topics { get; init; }
    }

    public sealed record LineEdits
    {
        public string? Title { get; init; }

        public Kind? Kind { get; init; }

        public DateTimeOffset? When { get; init; }

        public DateTimeOffset? EndsAt { get; init; }

        public string? Url { get; init; }

        public IReadOnlyList<string>? Topics { get; init; }

        public IReadOnlyDictionary<string, Metric>? Metrics { get; init; }
    }
}

/// <summary>Reads ledgers for counting.</summary>
public sealed class LedgerLines(ITable table)
{
    /// <summary>All entries in a time range, <c>from ≤ when &lt; to</c>, newest first, whatever their review: one range read.</summary>
    public async IAsyncEnumerable<LedgerLine> NewestFirstAsync(string person, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.Ledger, person, LedgerKeys.At(to) + "}", LedgerKeys.At(from) + "}", null, cancel))
            yield return RowDocument.Read(row, LedgerLineJson.Default.LedgerLine);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LedgerLine))]
internal sealed partial class LedgerLineJson : JsonSerializerContext;
