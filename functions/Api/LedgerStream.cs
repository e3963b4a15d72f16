using System.Buffers;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Query;

namespace ContributionIngest.Functions.Api;

/// <summary>Entries written as they are read: memory stays flat however many there are.</summary>
internal sealed class LedgerStream(IAsyncEnumerable<Contribution> entries, LedgerFormat format, string? next) : IResult
{
    private const int FlushAt = 32 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
        LedgerAnswer.Head(response, next);
        response.ContentType = format == LedgerFormat.Csv ? "text/csv; charset=utf-8; header=present" : format.MediaType;
        if (format == LedgerFormat.Csv)
            response.Headers.ContentDisposition = "attachment; filename=\"contributions.csv\"";
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;
        if (format == LedgerFormat.Csv)
            await CsvAsync(response.Body, cancel);
        else if (format == LedgerFormat.Lines)
            await LinesAsync(response, cancel);
        else
            await JsonSerializer.SerializeAsync(response.BodyWriter, new ItemStream(entries.Select(e => new LedgerItem(e))), QueryJson.Web.ItemStream, cancel);
    }

    private async Task CsvAsync(Stream body, CancellationToken cancel)
    {
        await using var csv = new LedgerCsv(body);
        await foreach (var entry in entries.WithCancellation(cancel))
            await csv.WriteAsync(entry, cancel);
    }

    private async Task LinesAsync(HttpResponse response, CancellationToken cancel)
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
