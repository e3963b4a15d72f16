using ContributionIngest.Core.Contributions.Queries;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>The formats of a list of entries; <c>format</c> takes precedence over <c>Accept</c> (RFC 9110 section 12.5.1).</summary>
internal sealed record LedgerFormat(string Name, string MediaType)
{
    public static readonly LedgerFormat Json = new("json", "application/json");
    public static readonly LedgerFormat Lines = new("ndjson", "application/x-ndjson");
    public static readonly LedgerFormat Csv = new("csv", "text/csv") { Parameters = "; charset=utf-8; header=present", FileName = "contributions.csv" };

    public static readonly LedgerFormat Xlsx =
        new("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") { FileName = "contributions.xlsx", NamesOwner = true };

    /// <summary>RFC 7763; the variant is registered by RFC 7764.</summary>
    public static readonly LedgerFormat Markdown =
        new("markdown", "text/markdown") { Parameters = "; charset=utf-8; variant=CommonMark", FileName = "contributions.md", NamesOwner = true };

    public static readonly LedgerFormat Atom = new("atom", "application/atom+xml") { NamesOwner = true };

    public static readonly LedgerFormat Calendar =
        new("icalendar", "text/calendar") { Parameters = "; charset=utf-8", FileName = "contributions.ics", NamesOwner = true };

    public static readonly LedgerFormat[] All = [Json, Lines, Csv, Xlsx, Markdown, Atom, Calendar];

    public static IEnumerable<string> MediaTypes => All.Select(f => f.MediaType);

    /// <summary>Of the media type, each after a semicolon.</summary>
    public string Parameters { get; private init; } = "";

    /// <summary>Browsers save it under this name; null if they may show it.</summary>
    public string? FileName { get; private init; }

    /// <summary>Whether it names the person, or tells the person's days.</summary>
    public bool NamesOwner { get; private init; }

    /// <returns>Null if no accepted format is available; an invalid <c>format</c> is a fault of the parameters.</returns>
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
            .Select(a => Array.Find(All, f => Matches(f, a)))
            .FirstOrDefault(f => f is not null);
    }

    private static bool Matches(LedgerFormat format, MediaTypeHeaderValue accepted) =>
        new MediaTypeHeaderValue(format.MediaType).IsSubsetOf(new MediaTypeHeaderValue(accepted.MediaType))
        || (format == Lines && accepted.MediaType.Value is "application/ndjson" or "application/jsonl");
}
