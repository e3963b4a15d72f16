using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>GET /ledger</c>: pages of entries, filtered, as JSON, JSON lines or CSV.</summary>
internal static class LedgerList
{
    /// <summary>The parameters that <see cref="LedgerQuery"/> and <see cref="LedgerFormat"/> read.</summary>
    public static readonly DescribedValue[] Described =
    [
        new("from", typeof(DateOrInstant), "First instant, or first day in your time zone."),
        new("to", typeof(DateOrInstant), "End instant, exclusive, or last day in your time zone."),
        new("kind", typeof(Kind[])),
        new("source", typeof(string[]), "Source of the first sighting: feed, manual, …"),
        new("connection", typeof(string[]), "Ids of connections, at least one of which has seen the entry; `manual` for entries logged by hand."),
        new("topic", typeof(string[]), "Entries with any of these topics, ignoring case."),
        new("status", typeof(Status[])),
        new("review", typeof(string[]), "Rejected entries are left out unless requested.", Words: [.. EnumText<Review>.All, "all"]),
        new("q", typeof(string), "Words that must all occur in title, summary, container, topics or note, ignoring case and accents.", Max: LedgerQuery.MaxTextLength),
        new("private", typeof(bool), "Only private entries, or only the others."),
        new("order", typeof(string), Words: ["newest", "oldest"], Default: "newest"),
        new(
            "limit", typeof(int), "`all` streams every page in one response, each entry once; entries added or moved meanwhile to a position already passed come last.",
            Words: ["all"], Min: 1, Max: LedgerQuery.MaxItems, Default: 50),
        new("cursor", typeof(string), "The `next` of the previous page."),
        new("format", typeof(string), "Takes precedence over `Accept`.", Words: ["json", "ndjson", "csv"]),
    ];

    /// <summary>Query the ledger.</summary>
    /// <remarks>Newest first. Lists of values are separated by commas or repeated. CSV (RFC 4180, UTF-8 with a byte order mark) has a header: id, kind, source, role, status, title, url, summary,
    /// when, endsAt, datePrecision, container, containerUrl, topics, views, likes, comments, attendees, minutes, metrics, connections, private, review, note,
    /// revision, edited. Columns are only ever added at the end; a text cell that starts like a formula has an apostrophe in front; lists are separated by '; '.</remarks>
    /// <response code="200">A page. It may be short or even empty and still have a `next`: a request examines at most 1,000 entries.</response>
    public static async Task<IResult> AnswerAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TopicFolding topics, [FromServices] ExportTurns turns)
    {
        var (request, cancel) = (context.Request, context.RequestAborted);
        var parameters = LedgerParameters.Of(request, Described);
        var query = LedgerQuery.Parse(parameters, () => Sources(context));
        var format = LedgerFormat.Of(request, parameters);
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        if (format is null)
            return Problems.NotAcceptable(LedgerFormat.MediaTypes);

        var person = Caller.Of(context).Person;
        if (query.Topics.Count > 0)
            query = query.Folded(await topics.GetAsync(person, cancel));
        var hasDays = query.From?.Day is not null || query.To?.Day is not null;
        var zone = hasDays ? await LedgerParameters.ZoneAsync(people, person, cancel) : DateTimeZone.Utc;
        var pages = new LedgerPages(reader);
        if (query.All)
            return new LedgerStream(pages.AllAsync(person, query, zone, cancel), format, null, turns);
        var page = await pages.PageAsync(person, query, zone, cancel);
        var cursor = page.Next is null ? null : Cursor.Write(page.Next);
        var next = cursor is null ? null : Next(request, cursor);
        if (format != LedgerFormat.Json)
            return new LedgerStream(page.Items.ToAsyncEnumerable(), format, next);
        return LedgerAnswer.Of(new ItemList<LedgerItem>([.. page.Items.Select(e => new LedgerItem(e))], cursor), QueryJson.Web.ItemListLedgerItem, next: next);
    }

    /// <summary>The names of all sources. Resolving the catalog creates them, so it happens only if a source is requested.</summary>
    public static IReadOnlyList<string> Sources(HttpContext context) => [.. context.RequestServices.GetRequiredService<SourceCatalog>().All.Select(s => s.Info.Name), LedgerLogging.Manual];

    private static string Next(HttpRequest request, string cursor)
    {
        var query = new QueryBuilder(request.Query.Where(q => q.Key != "cursor")) { { "cursor", cursor } };
        return request.PathBase + request.Path + query.ToQueryString();
    }
}

/// <summary>A buffered response with an ETag; 304 if the client already has it (RFC 9110 section 13.1.2).</summary>
/// <param name="tag">Without quotes; derived from the body if null.</param>
internal sealed class LedgerAnswer(ReadOnlyMemory<byte> body, string contentType, string? tag = null) : IResult
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    public string? Location { get; init; }

    /// <summary>Address of the next page.</summary>
    public string? Next { get; init; }

    public static LedgerAnswer Of<T>(T value, JsonTypeInfo<T> type, string? tag = null, string? next = null, int status = StatusCodes.Status200OK, string? location = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type), LedgerFormat.Json.MediaType, tag) { Status = status, Location = location, Next = next };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var etag = new EntityTagHeaderValue($"\"{tag ?? Identity.Hash(body.Span)}\"");
        Head(response, Next);
        response.Headers.ETag = etag.ToString();
        if (Location is not null)
            response.Headers.Location = Location;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (isRead && IsCached(request, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.StatusCode = Status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    /// <summary>Sets the headers common to all ledger responses: they are private to one person and must be revalidated before reuse.</summary>
    public static void Head(HttpResponse response, string? next)
    {
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.Vary = "Accept, Authorization";
        response.Headers.XContentTypeOptions = "nosniff";
        if (next is not null)
            response.Headers.Link = $"<{next}>; rel=\"next\"";
    }

    private static bool IsCached(HttpRequest request, EntityTagHeaderValue etag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var cached)
        && cached.Any(h => h.Tag == "*" || h.Compare(etag, useStrongComparison: false));
}

/// <summary>The formats of a list of entries; <c>format</c> takes precedence over <c>Accept</c> (RFC 9110 section 12.5.1).</summary>
internal sealed record LedgerFormat(string Name, string MediaType)
{
    public static readonly LedgerFormat Json = new("json", "application/json");
    public static readonly LedgerFormat Lines = new("ndjson", "application/x-ndjson");
    public static readonly LedgerFormat Csv = new("csv", "text/csv");

    private static readonly LedgerFormat[] All = [Json, Lines, Csv];

    public static IEnumerable<string> MediaTypes => All.Select(f => f.MediaType);

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
