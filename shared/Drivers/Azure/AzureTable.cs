using System.Runtime.CompilerServices;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Rows in Azure Table storage. Tables are made when a write finds them missing. When a write is refused that may have been carried out by an
/// earlier try whose answer was lost, the rows tell: they hold what was to be written, so it was written.
/// </summary>
internal sealed class AzureTable(StorageService service) : ITable
{
    // A table that is missing again right after it was made is somebody else's doing.
    private const int MostMade = 2;

    private readonly EntityReader reader = new();

    public async Task<Row?> Get(string table, string partition, string key, CancellationToken cancel)
    {
        TableLimits.CheckGet(table, partition, key);
        using var answer = await service.Send(TableRequests.Get(TableAddress.Row(table, partition, key)), cancel);
        if (answer.IsSuccess)
            return reader.Row(answer.Body.Span);
        return answer.Status == 404 ? null : throw service.Unexpected(answer);
    }

    public IAsyncEnumerable<Row> Range(string table, string partition, string from, string to, int? most, CancellationToken cancel)
    {
        TableLimits.CheckRange(table, partition, from, to, most);
        return Pages(table, partition, from, to, most, cancel);
    }

    public async Task<Write> Write(string table, TableWrite write, CancellationToken cancel)
    {
        TableLimits.Check(table, write);
        var request = TableRequests.Write(table, write);
        for (var made = 0; ; made++)
        {
            using var answer = await service.Send(request, cancel);
            switch (answer.Status)
            {
                case >= 200 and < 300:
                    return new Write(WriteOutcome.Done, write.Kind == WriteKind.Delete ? null : answer.ETag);
                case 404 when answer.ErrorCode == "TableNotFound" && write.Kind is WriteKind.Insert or WriteKind.Put && made < MostMade:
                    await Create(table, cancel);
                    continue;
                case 404 or 409 or 412 when answer.Repeated && await Done(table, [write], cancel) is { } etags:
                    return new Write(WriteOutcome.Done, etags[0]);
                case 404:
                    return new Write(WriteOutcome.Missing);
                case 409 when write.Kind == WriteKind.Insert:
                    return new Write(WriteOutcome.Exists);
                case 412:
                    return new Write(WriteOutcome.Stale);
                default:
                    throw service.Unexpected(answer);
            }
        }
    }

    public async Task<Transaction> Transact(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        TableLimits.Check(table, writes);
        var request = EntityBatch.Write(service.Address(""), table, writes);
        for (var made = 0; ; made++)
        {
            using var answer = await service.Send(request, cancel);
            // 202 says only that there are answers inside.
            var inner = answer.IsSuccess ? EntityBatch.Read(answer) : [];
            if (inner.Count == writes.Count && inner.TrueForAll(a => a.Status is >= 200 and < 300))
                return new Transaction(WriteOutcome.Done, [.. inner.Zip(writes, (a, w) => w.Kind == WriteKind.Delete ? null : a.ETag)]);
            if (inner is not [{ Status: 404 or 409 or 412 } refusal])
                throw service.Unexpected(answer);
            if (refusal.Error.Code == "TableNotFound" && writes.Any(w => w.Kind is WriteKind.Insert or WriteKind.Put) && made < MostMade)
            {
                await Create(table, cancel);
                continue;
            }

            if (answer.Repeated && await Done(table, writes, cancel) is { } etags)
                return new Transaction(WriteOutcome.Done, etags);
            return new Transaction(Outcome(refusal), [], refusal.Index);
        }
    }

    // A page may be short or empty and still say where the range goes on.
    private async IAsyncEnumerable<Row> Pages(
        string table, string partition, string from, string to, int? most, [EnumeratorCancellation] CancellationToken cancel)
    {
        var left = most ?? int.MaxValue;
        string? next = null;
        do
        {
            var (rows, continuation) = await Page(TableAddress.Range(table, partition, from, to, Math.Min(left, TableLimits.RowsPerPage), next), cancel);
            foreach (var row in rows)
                yield return row;
            (left, next) = (left - rows.Count, continuation);
        }
        while (next is not null && left > 0);
    }

    private async Task<(IReadOnlyList<Row> Rows, string? Next)> Page(string address, CancellationToken cancel)
    {
        using var answer = await service.Send(TableRequests.Get(address), cancel);
        if (answer.IsSuccess)
            return (reader.Page(answer.Body.Span), TableAddress.Continuation(answer));
        return answer.ErrorCode == "TableNotFound" ? ([], null) : throw service.Unexpected(answer);
    }

    private static WriteOutcome Outcome(EntityBatch.Inner refusal) => refusal.Status switch
    {
        404 => WriteOutcome.Missing,
        409 => WriteOutcome.Exists,
        _ => WriteOutcome.Stale,
    };

    /// <summary>The etags of the rows if every one is as these writes leave it, else null.</summary>
    private async Task<string?[]?> Done(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        var etags = new string?[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            var wanted = writes[i].Row;
            var there = await Get(table, wanted.Partition, wanted.Key, cancel);
            var done = writes[i].Kind == WriteKind.Delete ? there is null : there is not null && RowContent.Same(there.Values, wanted.Values);
            if (!done)
                return null;
            etags[i] = there?.ETag;
        }

        return etags;
    }

    private async Task Create(string table, CancellationToken cancel)
    {
        using var answer = await service.Send(TableRequests.Create(table), cancel);
        if (!answer.IsSuccess && answer.ErrorCode != "TableAlreadyExists")
            throw service.Unexpected(answer);
    }
}
