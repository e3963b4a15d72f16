using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Rows in Azure Table storage. A write creates a missing table. If a repeated write is refused, an earlier try whose response was lost may have
/// succeeded: the rows are compared with what was to be written.
/// </summary>
internal sealed class AzureTable(TableServiceClient service, StorageCalls calls) : ITable
{
    // Well-formed, but no row has it: replaces foreign etags, so that they are refused as stale.
    private static readonly ETag UnmatchableETag = new("W/\"datetime'1601-01-01T00%3A00%3A00.0000000Z'\"");

    public async Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel)
    {
        TableLimits.CheckGet(table, partition, key);
        var client = service.GetTableClient(table);
        var answer = await calls.CallAsync(token => client.GetEntityIfExistsAsync<TableEntity>(partition, key, cancellationToken: token), cancel);
        return answer.Value is { HasValue: true, Value: { } entity } ? RowEntity.Read(entity) : null;
    }

    public IAsyncEnumerable<Row> RangeAsync(string table, string partition, string from, string to, int? limit, CancellationToken cancel)
    {
        TableLimits.CheckRange(table, partition, from, to, limit);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        return PagesAsync(service.GetTableClient(table), filter, limit, cancel);
    }

    public IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, CancellationToken cancel)
    {
        TableLimits.CheckScan(table, from, to);
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {from} and PartitionKey lt {to}");
        return PagesAsync(service.GetTableClient(table), filter, null, cancel);
    }

    public async Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel)
    {
        TableLimits.Check(table, write);
        var client = service.GetTableClient(table);
        var answer = await CallAsync(client, [write], token => SendAsync(client, write, token), cancel);
        return answer switch
        {
            { Status: 404 or 409 or 412, Repeated: true } when await VerifyAsync(table, [write], cancel) is { } etags => new Write(WriteOutcome.Done, etags[0]),
            { Status: 404 } => new Write(WriteOutcome.Missing),
            { Status: 409 } when write.Kind == WriteKind.Insert => new Write(WriteOutcome.Exists),
            { Status: 412 } => new Write(WriteOutcome.Stale),
            _ => new Write(WriteOutcome.Done, answer.Value),
        };
    }

    public async Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        TableLimits.Check(table, writes);
        var client = service.GetTableClient(table);
        var actions = writes.Select(Action).ToList();
        var answer = await CallAsync(client, writes, token => SendAsync(client, actions, token), cancel);
        if (answer.Refusal is not TableTransactionFailedException { Status: 404 or 409 or 412 } refusal)
            return new Transaction(WriteOutcome.Done, [.. answer.Value.Zip(writes, (response, write) => ETagOf(response, write))]);
        if (answer.Repeated && await VerifyAsync(table, writes, cancel) is { } etags)
            return new Transaction(WriteOutcome.Done, etags);
        var outcome = refusal.Status switch { 404 => WriteOutcome.Missing, 409 => WriteOutcome.Exists, _ => WriteOutcome.Stale };
        return new Transaction(outcome, [], refusal.FailedTransactionActionIndex ?? 0);
    }

    // A page may be short or empty and still have a continuation. Each is requested separately, for as many rows as are still needed.
    private async IAsyncEnumerable<Row> PagesAsync(TableClient client, string filter, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        var left = limit ?? int.MaxValue;
        string? next = null;
        do
        {
            var (size, start) = (Math.Min(left, TableLimits.RowsPerPage), next);
            var answer = await calls.CallAsync(
                token => client.QueryAsync<TableEntity>(filter, size, cancellationToken: token).AsPages(start).FirstAsync(token).AsTask(), cancel);
            if (answer.ErrorCode == TableErrorCode.TableNotFound)
                yield break;
            foreach (var entity in answer.Value.Values)
                yield return RowEntity.Read(entity);
            (left, next) = (left - answer.Value.Values.Count, answer.Value.ContinuationToken);
        }
        while (!string.IsNullOrEmpty(next) && left > 0);
    }

    private Task<StorageResult<T>> CallAsync<T>(
        TableClient client, IReadOnlyList<TableWrite> writes, Func<CancellationToken, Task<T>> send, CancellationToken cancel) =>
        writes.Any(write => write.Kind is WriteKind.Insert or WriteKind.Put)
            ? calls.CallAsync(send, TableErrorCode.TableNotFound.ToString(), client.CreateIfNotExistsAsync, cancel)
            : calls.CallAsync(send, cancel);

    private static async Task<string?> SendAsync(TableClient client, TableWrite write, CancellationToken cancel)
    {
        var row = write.Row;
        var response = await (write.Kind switch
        {
            WriteKind.Insert => client.AddEntityAsync(RowEntity.Write(row), cancel),
            WriteKind.Put => client.UpsertEntityAsync(RowEntity.Write(row), TableUpdateMode.Replace, cancel),
            WriteKind.Replace => client.UpdateEntityAsync(RowEntity.Write(row), Condition(row), TableUpdateMode.Replace, cancel),
            _ => client.DeleteEntityAsync(row.Partition, row.Key, Condition(row), cancel),
        });

        // The client treats deleting a missing row as success.
        return response.Status == 404 ? throw new RequestFailedException(response.Status, "There is no such row.") : ETagOf(response, write);
    }

    private static async Task<IReadOnlyList<Response>> SendAsync(TableClient client, List<TableTransactionAction> actions, CancellationToken cancel)
    {
        var responses = (await client.SubmitTransactionAsync(actions, cancel)).Value;

        // The status of the batch only says that it has responses.
        return responses.Count == actions.Count ? responses : throw new InvalidDataException("There is not one answer for every write.");
    }

    private static TableTransactionAction Action(TableWrite write) => write.Kind switch
    {
        WriteKind.Insert => new(TableTransactionActionType.Add, RowEntity.Write(write.Row)),
        WriteKind.Put => new(TableTransactionActionType.UpsertReplace, RowEntity.Write(write.Row)),
        WriteKind.Replace => new(TableTransactionActionType.UpdateReplace, RowEntity.Write(write.Row), Condition(write.Row)),
        _ => new(TableTransactionActionType.Delete, new TableEntity(write.Row.Partition, write.Row.Key), Condition(write.Row)),
    };

    private static ETag Condition(Row row)
    {
        if (row.ETag is not { } etag || etag == "*")
            return ETag.All;

        // It becomes part of a header.
        var ours = etag.StartsWith("W/\"", StringComparison.Ordinal) && etag.EndsWith('"') && etag.Length > 4
            && etag.AsSpan(3, etag.Length - 4).IndexOfAnyExceptInRange('#', '~') < 0;
        return ours ? new ETag(etag) : UnmatchableETag;
    }

    private static string? ETagOf(Response response, TableWrite write) => write.Kind == WriteKind.Delete ? null : response.Headers.ETag?.ToString();

    /// <summary>The etags of the rows if all are as these writes leave them, otherwise null.</summary>
    private async Task<string?[]?> VerifyAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        var etags = new string?[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            var wanted = writes[i].Row;
            var there = await GetAsync(table, wanted.Partition, wanted.Key, cancel);
            var done = writes[i].Kind == WriteKind.Delete ? there is null : there is not null && RowEntity.Same(there.Values, wanted.Values);
            if (!done)
                return null;
            etags[i] = there?.ETag;
        }

        return etags;
    }
}
