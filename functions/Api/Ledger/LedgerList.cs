using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Exports;
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

/// <summary><c>GET /ledger</c>: pages of entries, filtered, in one of the formats of <see cref="LedgerFormat"/>.</summary>
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
        new("format", typeof(string), "Takes precedence over `Accept`.", Words: [.. LedgerFormat.All.Select(f => f.Name)]),
    ];

    /// <summary>Query the ledger.</summary>
    /// <remarks>Newest first. Lists of values are separated by commas or repeated. CSV (RFC 4180, UTF-8 with a byte order mark) has a header: id, kind, source, role, status, title, url, summary,
    /// when, endsAt, datePrecision, container, containerUrl, topics, views, likes, comments, attendees, minutes, metrics, connections, private, review, note,
    /// revision, edited. Columns are only ever added at the end; a text cell that starts like a formula has an apostrophe in front; lists are separated by '; '.
    /// XLSX has the same columns, with texts that are never formulas (so without apostrophes), real dates in UTC, and numbers. Markdown (CommonMark) is a document by month
    /// in your time zone. Atom (RFC 4287) gives as `updated` when the ledger last learned something about an entry, and as `published` when it happened; `published` is absent
    /// if the date is unknown, derived or still to come, and noon UTC of a day without a time. iCalendar (RFC 5545) leaves out entries whose date is unknown; those known
    /// by the day, or with a derived date, are whole days in your time zone.</remarks>
    /// <response code="200">A page. It may be short or even empty and still have a `next`: a request examines at most 1,000 entries.</response>
    public static async Task<IResult> AnswerAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TopicFolding topics, [FromServices] ExportTurns turns,
        [FromServices] PublicAddress address, [FromServices] TimeProvider clock)
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
        var needsOwner = query.From?.Day is not null || query.To?.Day is not null || format.NamesOwner;
        var owner = needsOwner ? await LedgerParameters.OwnerAsync(people, person, cancel) : new LedgerOwner(person, null, DateTimeZone.Utc);
        var pages = new LedgerPages(reader);
        var now = clock.GetUtcNow();
        if (query.All)
            return new LedgerStream(pages.AllAsync(person, query, owner.Zone, cancel), format, owner, Feed(request, address, null, now, now), turns);
        var page = await pages.PageAsync(person, query, owner.Zone, cancel);
        var cursor = page.Next is null ? null : Cursor.Write(page.Next);
        var next = cursor is null ? null : Next(request, cursor);
        if (format != LedgerFormat.Json)
        {
            var updated = page.Items.Select(e => e.Updated()).DefaultIfEmpty(now).Max();
            return new LedgerStream(page.Items.ToAsyncEnumerable(), format, owner, Feed(request, address, next, updated, now)) { Next = next };
        }

        return LedgerAnswer.Of(new ItemList<LedgerItem>([.. page.Items.Select(e => new LedgerItem(e))], cursor), QueryJson.Web.ItemListLedgerItem, next: next);
    }

    /// <summary>The names of all sources. Resolving the catalog creates them, so it happens only if a source is requested.</summary>
    public static IReadOnlyList<string> Sources(HttpContext context) => [.. context.RequestServices.GetRequiredService<SourceCatalog>().All.Select(s => s.Info.Name), LedgerLogging.Manual];

    /// <summary>All pages of a query are one feed.</summary>
    private static FeedHead Feed(HttpRequest request, PublicAddress address, string? next, DateTimeOffset updated, DateTimeOffset now)
    {
        var site = (address.Url?.AbsoluteUri ?? UriHelper.BuildAbsolute(request.Scheme, request.Host)).TrimEnd('/');
        var name = new QueryBuilder(request.Query.Where(q => q.Key is not ("cursor" or "limit" or "format")).OrderBy(q => q.Key, StringComparer.Ordinal));
        return new FeedHead("ledger" + name, site + request.PathBase + request.Path + request.QueryString, next is null ? null : site + next, updated, now);
    }

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
