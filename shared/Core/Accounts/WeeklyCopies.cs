using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Accounts;

/// <param name="IsWeekly">Whether a backup is made every week.</param>
/// <param name="Days">How many days a weekly backup is kept.</param>
public sealed record WeeklyBackupOptions(bool IsWeekly, int Days);

/// <summary>
/// Blobs of the weekly backup: container <c>backups</c>, <c>(yyyyMMdd)/(person)/…</c>, with <c>shared</c> in place of a person for what is about nobody.
/// The last blob of a person is <see cref="Last"/>: without it the copy is incomplete.
/// </summary>
public sealed class WeeklyCopies(IBlobs blobs, WeeklyBackupOptions options, TimeProvider clock)
{
    public const string Container = "backups";

    public const string Last = "last.tar";

    /// <summary>Deletes some of what has expired. True if it left any.</summary>
    public Task<bool> PruneAsync(CancellationToken cancel) => DatedBlobs.PruneAsync(blobs, Container, clock.GetUtcNow().AddDays(-options.Days), cancel);

    /// <summary>Deletes all copies of a person. The number of deleted blobs.</summary>
    public Task<int> DeleteAsync(string person, CancellationToken cancel) => DatedBlobs.DeleteAsync(blobs, Container, person, options.Days, clock.GetUtcNow(), cancel);
}
