using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>Writes the parts of an archive to a store, and notes there how far it is.</summary>
public sealed class RestoreTarget(ITable table, IBlobs blobs, PeopleStore people)
{
    private const string ArchiveKey = "archive";
    private const string PersonKey = "person";
    private const string IdName = "id";
    private const string NumberName = "people";
    private const string OwnerKey = "person";

    /// <summary>Leaves room for the framing of a transaction.</summary>
    private const int BytesPerTransaction = 2 * 1024 * 1024;

    private readonly List<TableWrite> writes = [];
    private string name = "";
    private long bytes;

    internal async Task<bool> HasPeopleAsync(CancellationToken cancel) => (await people.PageAsync(null, 1, cancel)).Count > 0;

    /// <summary>The archive whose restoration has begun, and the people that are complete; null if there is none.</summary>
    internal async Task<(string Archive, int People)?> UnderWayAsync(CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, StoreReader.Restoring, ArchiveKey, cancel) is { } row ? ((string)row.Values[IdName]!, (int)row.Values[NumberName]!) : null;

    internal Task NoteAsync(string archive, int number, CancellationToken cancel) => PutAsync(StoreReader.Restoring, ArchiveKey, cancel, (IdName, archive), (NumberName, number));

    /// <summary>The restoration of everybody is over.</summary>
    internal async Task EndAsync(CancellationToken cancel)
    {
        // Nobody claimed to be the owner in the archive.
        if (await table.GetAsync(TableNames.Lookups, PeopleStore.OwnerPartition, OwnerKey, cancel) is { } claim && claim.Values.ContainsKey(StoreReader.Restoring))
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(claim), cancel);
        await DeleteAsync(TableNames.Lookups, StoreReader.Restoring, ArchiveKey, cancel);
    }

    /// <summary>As long as a store is being restored, an app that starts on it makes no owner of its own.</summary>
    internal async Task HoldOwnerAsync(CancellationToken cancel)
    {
        var nobody = new Dictionary<string, object?>(StringComparer.Ordinal) { ["person"] = "", [StoreReader.Restoring] = true };
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(new Row(PeopleStore.OwnerPartition, OwnerKey, nobody)), cancel);
    }

    /// <summary>The archive from which one person is being restored; null if none is.</summary>
    internal async Task<string?> ReplacingAsync(string person, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, StoreReader.Restoring, $"{PersonKey}|{person}", cancel) is { } row ? (string)row.Values[IdName]! : null;

    /// <summary>
    /// Hides a person from the app before they are replaced: off the list, nothing due, no key, session, link or hook; and a run that is under way loses its lease,
    /// so that it writes no more than the page it is at.
    /// </summary>
    internal async Task HideAsync(string person, string archive, IReadOnlyList<(string Table, Row Row)> found, CancellationToken cancel)
    {
        await PutAsync(StoreReader.Restoring, $"{PersonKey}|{person}", cancel, (IdName, archive));
        await DeleteAsync(TableNames.Lookups, PeopleStore.AllPeople, person, cancel);
        foreach (var (from, row) in found.Where(row => row.Table == TableNames.Schedule || PersonData.IsOfConnection(row.Row)))
            await DeleteAsync(from, row.Partition, row.Key, cancel);
        foreach (var kind in (string[])["a", "s", "l", "c"])
        {
            await foreach (var row in table.RangeAsync(TableNames.People, person, kind + "|", kind + "}", null, cancel))
                await DeleteAsync(TableNames.People, person, row.Key, cancel);
        }
    }

    internal Task ShownAsync(string person, CancellationToken cancel) => DeleteAsync(TableNames.Lookups, StoreReader.Restoring, $"{PersonKey}|{person}", cancel);

    /// <summary>Removes rows of the person that the archive does not have, apart from digests: one that was sent is not sent again.</summary>
    internal async Task RemoveOthersAsync(string person, IReadOnlySet<string> kept, FoundByScan found, CancellationToken cancel)
    {
        foreach (var partitioned in PersonData.Partitioned)
            await RemoveAsync(partitioned, PersonData.Rows(table, partitioned, person, null, cancel), cancel);
        await RemoveAsync(TableNames.Harvests, PersonData.Reports(table, person, cancel), cancel);
        await RemoveAsync(TableNames.Lookups, found.Rows[person].Where(row => row.Table == TableNames.Lookups).Select(row => row.Row).ToAsyncEnumerable(), cancel);

        async Task RemoveAsync(string from, IAsyncEnumerable<Row> rows, CancellationToken token)
        {
            await foreach (var row in rows.WithCancellation(token))
            {
                if (!kept.Contains(IdOf(from, row)) && !(from == TableNames.People && row.Key.StartsWith("w|", StringComparison.Ordinal)))
                    await DeleteAsync(from, row.Partition, row.Key, token);
            }
        }
    }

    internal static string IdOf(string table, Row row) => $"{table}\n{row.Partition}\n{row.Key}";

    internal Task PutAsync(string container, string blob, byte[] content, CancellationToken cancel) => blobs.PutAsync(container, blob, content, cancel);

    /// <summary>Writes a row, together with others of its partition.</summary>
    internal async Task PutAsync(string into, Row row, CancellationToken cancel)
    {
        var size = TableLimits.Check(into, TableWrite.Put(row)) * 2;
        if (writes.Count > 0 && (into != name || writes[0].Row.Partition != row.Partition || writes.Count == TableLimits.OperationsPerTransaction || bytes + size > BytesPerTransaction))
            await FlushAsync(cancel);
        (name, bytes) = (into, bytes + size);
        writes.Add(TableWrite.Put(row));
    }

    internal async Task FlushAsync(CancellationToken cancel)
    {
        if (writes.Count == 1)
            await table.WriteAsync(name, writes[0], cancel);
        else if (writes.Count > 1)
            await table.TransactAsync(name, writes, cancel);
        writes.Clear();
        bytes = 0;
    }

    /// <summary>Whether a row that would be restored belongs to somebody else by now, such as an address or the name of a page; or was sent by now.</summary>
    internal async Task<bool> IsTakenAsync(string person, string from, Row row, CancellationToken cancel)
    {
        if (from == TableNames.People && row.Key.StartsWith("w|", StringComparison.Ordinal))
        {
            return RowDocument.Read(row, DigestJson.Default.DigestRecord).Mail is MailState.Waiting && await table.GetAsync(from, row.Partition, row.Key, cancel) is { } known
                && RowDocument.Read(known, DigestJson.Default.DigestRecord).Mail is not MailState.Waiting;
        }

        return from == TableNames.Lookups && PersonData.OwnerOf(from, row) == person
            && await table.GetAsync(from, row.Partition, row.Key, cancel) is { } other && PersonData.OwnerOf(from, other) is { } owner && owner != person;
    }

    private async Task PutAsync(string partition, string key, CancellationToken cancel, params (string Name, object? Value)[] values) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(new Row(partition, key, values.ToDictionary(value => value.Name, value => value.Value, StringComparer.Ordinal))), cancel);

    private async Task DeleteAsync(string from, string partition, string key, CancellationToken cancel) =>
        await table.WriteAsync(from, TableWrite.Delete(new Row(partition, key, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);
}
