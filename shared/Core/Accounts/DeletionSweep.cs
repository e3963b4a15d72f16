using System.Text;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Accounts;

/// <summary>
/// Looks through the tables that are not partitioned by person for rows about one. Whatever a process has left there before it died is found, too.
/// </summary>
public sealed class DeletionSweep(ITable table, PeopleStore people, SignInLinks links, AuditTrail audit)
{
    /// <summary>Rows that one slice looks at; it ends with their last partition.</summary>
    private const int RowsPerSlice = 5000;

    private const int PeoplePerSlice = 50;

    /// <summary>Deletes rows of one table, whoever changes them meanwhile. Their number.</summary>
    public async Task<int> DeleteAsync(string name, IAsyncEnumerable<Row> rows, CancellationToken cancel)
    {
        var deleted = 0;
        await foreach (var chunk in rows.Select(row => row with { ETag = null }).Chunk(TableLimits.OperationsPerTransaction).WithCancellation(cancel))
        {
            foreach (var partition in chunk.GroupBy(row => row.Partition, StringComparer.Ordinal))
            {
                var writes = partition.Select(TableWrite.Delete).ToList();
                if ((await table.TransactAsync(name, writes, cancel)).Outcome == WriteOutcome.Done)
                {
                    deleted += writes.Count;
                    continue;
                }

                // One of them is gone already.
                foreach (var write in writes)
                    deleted += (await table.WriteAsync(name, write, cancel)).Outcome == WriteOutcome.Done ? 1 : 0;
            }
        }

        return deleted;
    }

    /// <summary>Deletes some of the person's harvest reports, whose partitions begin with the person.</summary>
    public async Task<DeletionSlice> ReportsAsync(string person, CancellationToken cancel)
    {
        var removed = await DeleteAsync(TableNames.Harvests, PersonData.Reports(table, person, cancel).Take(RowsPerSlice), cancel);
        return new(removed, removed == RowsPerSlice ? "again" : null);
    }

    public Task<DeletionSlice> ScheduleAsync(Deletion deletion, CancellationToken cancel) => ScanAsync(
        TableNames.Schedule,
        deletion.After,
        async row => PersonData.OwnerOf(TableNames.Schedule, row) == deletion.Person && await DeleteAsync(TableNames.Schedule, row, cancel) ? 1 : 0,
        cancel);

    public Task<DeletionSlice> LookupsAsync(Deletion deletion, CancellationToken cancel)
    {
        var attempts = deletion.Addresses.Select(AttemptCounter.SignInMail).Append(AttemptCounter.NewAddress(deletion.Person!)).Select(AttemptCounter.Key).ToHashSet(StringComparer.Ordinal);
        var person = Encoding.UTF8.GetBytes(deletion.Person!);
        return ScanAsync(TableNames.Lookups, deletion.After, LookAsync, cancel);

        async Task<int> LookAsync(Row row)
        {
            switch (row.Partition)
            {
                case Deletions.Partition:
                    return 0;
                case PeopleStore.OwnerPartition:
                    return IsAbout(row) && await people.ForgetAsync(deletion.Person!, cancel) ? 1 : 0;

                // Somebody who never followed the link may have been the same one.
                case SignInLinks.Newcomers when row.Key != deletion.Person:
                    return await links.RemoveAsync(row.Key, deletion.Addresses, cancel);
                case AttemptCounter.Partition:
                    return attempts.Contains(row.Key) && await DeleteAsync(TableNames.Lookups, row, cancel) ? 1 : 0;
                default:
                    return (PersonData.OwnerOf(TableNames.Lookups, row) == deletion.Person || IsAbout(row)) && await DeleteAsync(TableNames.Lookups, row, cancel) ? 1 : 0;
            }
        }

        bool IsAbout(Row row) => row.Partition.Contains(deletion.Person!, StringComparison.Ordinal) || row.Key.Contains(deletion.Person!, StringComparison.Ordinal)
            || row.Values.Values.Any(value => value is string text ? text.Contains(deletion.Person!, StringComparison.Ordinal) : value is byte[] bytes && bytes.AsSpan().IndexOf(person) >= 0);
    }

    /// <summary>Takes the person out of the trails of others, and out of links that others asked for.</summary>
    public async Task<DeletionSlice> TrailsAsync(Deletion deletion, CancellationToken cancel)
    {
        var page = await people.PageAsync(deletion.After, PeoplePerSlice, cancel);
        var removed = 0;
        foreach (var other in page.Where(other => other != deletion.Person))
            removed += await audit.ForgetAsync(other, deletion.Person!, deletion.Addresses, cancel) + await links.RemoveAsync(other, deletion.Addresses, cancel);
        return new(removed, page.Count == PeoplePerSlice ? page[^1] : null);
    }

    private async Task<bool> DeleteAsync(string name, Row row, CancellationToken cancel) =>
        (await table.WriteAsync(name, TableWrite.Delete(row with { ETag = null }), cancel)).Outcome == WriteOutcome.Done;

    /// <param name="after">The partition at which the slice before ended.</param>
    /// <param name="look">Looks at a row, and returns how many it removed.</param>
    private async Task<DeletionSlice> ScanAsync(string name, string? after, Func<Row, Task<int>> look, CancellationToken cancel)
    {
        var (removed, rows, last) = (0, 0, after);
        await foreach (var row in table.ScanAsync(name, after is null ? " " : after + "!", "~", cancel))
        {
            if (row.Partition != last && rows >= RowsPerSlice)
                return new(removed, last);
            last = row.Partition;
            rows++;
            removed += await look(row);
        }

        return new(removed);
    }
}
