using ContributionIngest.Core.Ports;
using NodaTime;

namespace ContributionIngest.Core.Ledger;

/// <summary>
/// The row <see cref="LedgerKeys.Counting"/>: by what a person's entries are counted. Whoever changes it raises <see cref="Version"/>, and every
/// row that counts carries the version it was counted by. While <see cref="IsUnfinished"/>, rows of other versions are counted anew by
/// <see cref="RollupRebuilder"/>, and writers only touch them, so that a count made meanwhile is noticed and made again.
/// </summary>
/// <param name="Zone">IANA name.</param>
/// <param name="Was">The zone before, until everything is counted anew; null then.</param>
/// <param name="Topics">The person's topic aliases as JSON; null for none.</param>
/// <param name="Row">As it was read; null when there is none.</param>
internal sealed record CountSettings(string Zone, string? Was, long Version, string? Topics, Row? Row)
{
    private const string ZoneName = "zone";
    private const string WasName = "was";
    private const string VersionName = "version";
    private const string TopicsName = "topics";

    public bool IsUnfinished => Was is not null;

    public DateTimeZone TimeZone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) ?? DateTimeZone.Utc;

    public static CountSettings Of(Row? row) => new(
        row?.Values.GetValueOrDefault(ZoneName) as string ?? "UTC",
        row?.Values.GetValueOrDefault(WasName) as string,
        row?.Values.GetValueOrDefault(VersionName) as long? ?? 0,
        row?.Values.GetValueOrDefault(TopicsName) as string,
        row);

    public static async Task<CountSettings> ReadAsync(ITable table, string person, CancellationToken cancel) =>
        Of(await table.GetAsync(LedgerKeys.Table, person, LedgerKeys.Counting, cancel));

    /// <summary>Says what the entries of a person who is being made are counted by; whoever repeats that changes nothing.</summary>
    public static Task PrepareAsync(ITable table, string person, string zone, CancellationToken cancel) =>
        table.WriteAsync(LedgerKeys.Table, new CountSettings(zone, null, 1, null, null).ToWrite(person), cancel);

    /// <summary>The row to write for these values.</summary>
    public Row ToRow(string person) => new(
        person,
        LedgerKeys.Counting,
        new Dictionary<string, object?>(StringComparer.Ordinal) { [ZoneName] = Zone, [WasName] = Was, [VersionName] = Version, [TopicsName] = Topics },
        Row?.ETag);

    /// <summary>Succeeds only while the row is as it was read.</summary>
    public TableWrite ToWrite(string person) => Row is null ? TableWrite.Insert(ToRow(person)) : TableWrite.Replace(ToRow(person));
}
