namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>What had to be mended or left out, counted by what was wrong.</summary>
internal sealed class RepairTally
{
    private readonly Dictionary<string, (int Count, string? Detail)> _counts = new(StringComparer.Ordinal);

    /// <param name="detail">The first example is kept; at most 100 characters of it.</param>
    public void Add(string what, string? detail = null)
    {
        var (count, first) = _counts.GetValueOrDefault(what);
        _counts[what] = (count + 1, first ?? (detail is { Length: > 100 } ? detail[..100] : detail));
    }

    public IReadOnlyList<Repair> ToList() => [.. _counts.Select(r => new Repair(r.Key, r.Value.Count, r.Value.Detail))];
}
