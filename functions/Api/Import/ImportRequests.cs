using System.Buffers;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Import;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;
using NodaTime;

namespace ContributionIngest.Functions.Api.Import;

/// <summary>
/// What requests that bring a file have in common. A workbook unpacks to much more than it has, so all of them take their turn among the large documents. Writing goes
/// on when a client has left, so that less is left half done.
/// </summary>
internal sealed class ImportRequests(ImportPlanner planner, LedgerImport import, DeliveryBodies bodies, Fetcher fetcher, PeopleStore people, IHostApplicationLifetime lifetime)
{
    public ImportPlanner Planner => planner;

    public LedgerImport Import => import;

    /// <summary>Ends with the process, not with the request.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Reads the file that is the body.</summary>
    public async Task<IResult> RunAsync(HttpContext context, Func<byte[], string, DateTimeZone, CancellationToken, Task<IResult>> run)
    {
        using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        byte[] content;
        var (read, refusal) = await bodies.ReadAsync(context, ImportFile.MaxBytes, work, ImportFile.TooLarge);
        using (read)
        {
            if (read is null)
                return refusal!;
            content = read.Bytes.ToArray();
        }

        try
        {
            return await RunAsync(context, content, work, run);
        }
        catch (ImportRefusedException e)
        {
            return Problems.Unfit("notImportable", "The list cannot be imported as it is", e.Message);
        }
    }

    /// <exception cref="ImportRefusedException">The file cannot be imported as it is.</exception>
    public async Task<T> RunAsync<T>(HttpContext context, byte[] content, DocumentWork work, Func<byte[], string, DateTimeZone, CancellationToken, Task<T>> run)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        await fetcher.EnterAsync(work, cancel);
        return await run(content, person, await LedgerParameters.ZoneAsync(people, person, cancel), cancel);
    }
}
