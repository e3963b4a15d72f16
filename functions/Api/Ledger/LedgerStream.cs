using System.Buffers;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>Writes entries as they are read, so that memory use is constant.</summary>
/// <param name="turns">Null for a single page, which needs no turn.</param>
internal sealed class LedgerStream(IAsyncEnumerable<Contribution> entries, LedgerFormat format, LedgerOwner owner, FeedHead feed, ExportTurns? turns = null) : IResult
{
    private const int FlushAt = 32 * 1024;

    /// <summary>Address of the next page.</summary>
    public string? Next { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
        var isHead = HttpMethods.IsHead(httpContext.Request.Method);
        using var turn = isHead || turns is null ? null : await turns.EnterAsync(httpContext);
        LedgerAnswer.Head(response, Next);
        response.ContentType = format.MediaType + format.Parameters;
        if (format.FileName is { } file)
            response.Headers.ContentDisposition = $"attachment; filename=\"{file}\"";
        if (isHead)
            return;
        var watched = turn is null ? entries : turn.WatchAsync(entries, cancel);
        await (format.Name switch
        {
            "csv" => CsvAsync(watched, response.Body, cancel),
            "ndjson" => LinesAsync(watched, response, cancel),
            "xlsx" => LedgerXlsx.WriteAsync(response.Body, watched, owner, cancel),
            "markdown" => LedgerMarkdown.WriteAsync(response.Body, watched, owner, cancel),
            "atom" => LedgerAtom.WriteAsync(response.Body, watched, owner, feed, cancel),
            "icalendar" => LedgerCalendar.WriteAsync(response.Body, watched, owner, cancel),
            _ => JsonSerializer.SerializeAsync(response.BodyWriter, new ItemStream(watched.Select(e => new LedgerItem(e))), QueryJson.Web.ItemStream, cancel),
        });
    }

    private static async Task CsvAsync(IAsyncEnumerable<Contribution> entries, Stream body, CancellationToken cancel)
    {
        // Excel reads a file without a byte order mark in the code page of the system.
        await body.WriteAsync(Encoding.UTF8.GetPreamble(), cancel);
        await using var csv = new LedgerCsv(body);
        await foreach (var entry in entries.WithCancellation(cancel))
            await csv.WriteAsync(entry, cancel);
    }

    private static async Task LinesAsync(IAsyncEnumerable<Contribution> entries, HttpResponse response, CancellationToken cancel)
    {
        var output = response.BodyWriter;
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            output.Write(JsonSerializer.SerializeToUtf8Bytes(new LedgerItem(entry), QueryJson.Web.LedgerItem));
            output.Write("\n"u8);
            if (output.UnflushedBytes > FlushAt)
                await output.FlushAsync(cancel);
        }

        await output.FlushAsync(cancel);
    }
}
