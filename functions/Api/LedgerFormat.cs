using ContributionIngest.Core.Query;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Functions.Api;

/// <summary>What a list of entries can be written as; <c>format</c> goes before <c>Accept</c> (RFC 9110 section 12.5.1).</summary>
internal sealed record LedgerFormat(string Name, string MediaType)
{
    public static readonly LedgerFormat Json = new("json", "application/json");
    public static readonly LedgerFormat Lines = new("ndjson", "application/x-ndjson");
    public static readonly LedgerFormat Csv = new("csv", "text/csv");

    private static readonly LedgerFormat[] All = [Json, Lines, Csv];

    public static IEnumerable<string> MediaTypes => All.Select(f => f.MediaType);

    /// <returns>Null when nothing the request accepts can be had; a wrong <c>format</c> is a fault of the parameters.</returns>
    public static LedgerFormat? Of(HttpRequest request, Parameters parameters)
    {
        if (parameters.One("format") is not null)
        {
            var name = parameters.Choice("format", [.. All.Select(f => f.Name)]);
            return Array.Find(All, f => f.Name == name);
        }

        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) || accepted.Count == 0)
            return Json;
        return accepted.Where(a => a.Quality != 0)
            .OrderByDescending(a => a.Quality ?? 1)
            .Select(a => Array.Find(All, f => Fits(f, a)))
            .FirstOrDefault(f => f is not null);
    }

    private static bool Fits(LedgerFormat format, MediaTypeHeaderValue accepted) =>
        new MediaTypeHeaderValue(format.MediaType).IsSubsetOf(new MediaTypeHeaderValue(accepted.MediaType))
        || (format == Lines && accepted.MediaType.Value is "application/ndjson" or "application/jsonl");
}
