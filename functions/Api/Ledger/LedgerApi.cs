using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>The ledger over HTTP: query, log by hand, edit, count, chart.</summary>
public static class LedgerApi
{
    /// <param name="api">The group <c>/api</c>.</param>
    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        api.MapMethods("/ledger", ReadMethods.All, LedgerList.AnswerAsync).Needs(Scope.Read).WithName("listLedger").WithMetadata(LedgerList.Described)
            .Produces<ItemList<LedgerItem>>(200, LedgerFormat.Json.MediaType, [.. LedgerFormat.MediaTypes.Skip(1)]).Sends("ETag", "Link").Refuses(406);
        api.MapPost("/ledger", LedgerLogging.AnswerAsync).Needs(Scope.Write).WithName("logContribution")
            .Reads<LoggedBody>("""{"title": "Tables are enough", "kind": "talk", "when": "2026-05-20", "metrics": {"attendees": 40}}""").WithMetadata(LedgerLogging.IdempotencyKey)
            .Produces<LedgerItem>(201).Produces<LedgerItem>().Sends("ETag", "Location").Refuses(409, 422);
        api.MapMethods("/ledger/summary", ReadMethods.All, SummaryApi.AnswerAsync).Needs(Scope.Read).WithName("summariseLedger")
            .WithMetadata(SummaryApi.Described).Produces<SummaryAnswer>().Sends("ETag");
        api.MapMethods("/ledger/{id}", ReadMethods.All, LedgerEntry.AnswerAsync).Needs(Scope.Read).WithName("getContribution").Produces<LedgerItem>().Sends("ETag");
        api.MapPatch("/ledger/{id}", LedgerChange.AnswerAsync).Needs(Scope.Write).WithName("editContribution")
            .Reads<ChangeBody>("""{"title": "A better title", "review": "accepted"}""", "application/merge-patch+json", "application/json").Produces<LedgerItem>().Sends("ETag");
        api.MapDelete("/ledger/{id}", LedgerRemoval.AnswerAsync).Needs(Scope.Write).WithName("deleteContribution").Produces(204).Sends("ETag").Refuses(409);
        api.MapMethods("/ledger/{id}/history", ReadMethods.All, LedgerEntry.HistoryAsync).Needs(Scope.Read).WithName("getHistory")
            .Produces<ItemList<RevisionItem>>().Sends("ETag");
        api.MapMethods("/ledger/{id}/metrics", ReadMethods.All, LedgerMetrics.AnswerAsync).Needs(Scope.Read).WithName("getMetrics")
            .WithMetadata(LedgerMetrics.Described).Produces<ItemList<MetricSeries>>().Sends("ETag");
        api.MapMethods("/charts/heatmap.svg", ReadMethods.All, ChartsApi.HeatMapAsync).Needs(Scope.Read).WithName("drawHeatmap")
            .WithMetadata(ChartsApi.Described).Produces<string>(200, "image/svg+xml").Sends("ETag");
        api.MapMethods("/charts/weekly.svg", ReadMethods.All, ChartsApi.WeeklyAsync).Needs(Scope.Read).WithName("drawWeeks")
            .WithMetadata(ChartsApi.Described).Produces<string>(200, "image/svg+xml").Sends("ETag");
    }
}

/// <summary><c>GET /ledger/{id}</c> and its history.</summary>
internal static class LedgerEntry
{
    /// <summary>One entry.</summary>
    /// <response code="200">The entry, with the harvested values where your edits differ.</response>
    public static async Task<IResult> AnswerAsync(HttpContext context, string id, [FromServices] LedgerReader reader) =>
        await FindAsync(context, id, reader) is { } entry ? Of(entry) : Missing();

    /// <summary>Revisions of an entry.</summary>
    /// <response code="200">Oldest first; the last is the current one.</response>
    public static async Task<IResult> HistoryAsync(HttpContext context, string id, [FromServices] LedgerReader reader)
    {
        if (await FindAsync(context, id, reader) is not { } entry)
            return Missing();
        var revisions = await reader.HistoryAsync(Caller.Of(context).Person, entry, context.RequestAborted);
        return LedgerAnswer.Of(new ItemList<RevisionItem>([.. revisions.Select(RevisionItem.Of)]), QueryJson.Web.ItemListRevisionItem);
    }

    public static LedgerAnswer Of(Contribution entry, int status = StatusCodes.Status200OK, string? location = null) =>
        LedgerAnswer.Of(new LedgerItem(entry, harvested: true), QueryJson.Web.LedgerItem, LedgerEditor.Tag(entry), status: status, location: location);

    /// <summary>Malformed ids are not looked up.</summary>
    public static async Task<Contribution?> FindAsync(HttpContext context, string id, LedgerReader reader) =>
        Identity.IsWellFormed(id) ? await reader.GetAsync(Caller.Of(context).Person, id, context.RequestAborted) : null;

    public static IResult Missing() => Problems.NotFound("contribution");
}

/// <summary><c>GET /ledger/{id}/metrics</c>: the metrics of an entry over time, and their growth in a period (<c>from</c>, <c>to</c>).</summary>
internal static class LedgerMetrics
{
    public static readonly DescribedValue[] Described = LedgerList.Described[..2];

    /// <summary>Metrics of an entry over time.</summary>
    /// <remarks>Each value appears once, with the time it was first known and how. `growth` compares the last value in the period with the last one known when it began,
    /// or else with its first. Values counted in different ways are not compared; then `growth` is absent.</remarks>
    /// <response code="200">By name; unknown metrics are absent.</response>
    public static async Task<IResult> AnswerAsync(HttpContext context, string id, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] MetricHistory history)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var parameters = LedgerParameters.Of(context.Request, Described);
        var (from, to) = (parameters.Moment("from"), parameters.Moment("to"));
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return LedgerEntry.Missing();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var snapshots = await reader.SnapshotsAsync(person, entry, cancel);
        var series = history.Of(entry.Source, snapshots, from?.Start(zone), to?.End(zone));
        return LedgerAnswer.Of(new ItemList<MetricSeries>(series), QueryJson.Web.ItemListMetricSeries);
    }
}

/// <summary><c>DELETE /ledger/{id}</c>: deletes entries logged by hand; harvested ones can only be rejected.</summary>
internal static class LedgerRemoval
{
    /// <summary>Delete an entry that was logged by hand.</summary>
    /// <remarks>To remove a harvested entry, reject it: PATCH it with `{"review": "rejected"}`.</remarks>
    public static async Task<IResult> AnswerAsync(
        HttpContext context, string id, [FromServices] LedgerReader reader, [FromServices] LedgerEditor editor)
    {
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return LedgerEntry.Missing();
        if (!LedgerCondition.Holds(context.Request, entry))
            return Problems.Stale();
        var tag = context.Request.Headers.IfMatch.Count == 0 ? null : LedgerEditor.Tag(entry);
        return await editor.RemoveAsync(Caller.Of(context).Person, entry.Id, tag, context.RequestAborted) switch
        {
            EditOutcome.Stale => Problems.Stale(),
            EditOutcome.Done => Results.NoContent(),
            EditOutcome.NotManual => Problems.Conflict(
                "A harvested contribution would come back with the next harvest. Reject it instead: PATCH it with {\"review\": \"rejected\"}."),
            _ => LedgerEntry.Missing(),
        };
    }
}

/// <summary>Query parameters, and the caller's time zone.</summary>
internal static class LedgerParameters
{
    /// <param name="known">All parameters that are allowed.</param>
    public static Parameters Of(HttpRequest request, DescribedValue[] known) => new(
        request.Query.Select(q => KeyValuePair.Create(q.Key, (IReadOnlyList<string>)[.. q.Value.OfType<string>()])), [.. known.Select(k => k.Name)]);

    /// <summary>The time zone in which the person's days are counted.</summary>
    public static async Task<DateTimeZone> ZoneAsync(PeopleStore people, string person, CancellationToken cancel) => (await OwnerAsync(people, person, cancel)).Zone;

    public static async Task<LedgerOwner> OwnerAsync(PeopleStore people, string person, CancellationToken cancel)
    {
        var found = await people.GetAsync(person, cancel);
        var zone = found is null ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(found.Zone);
        return new LedgerOwner(person, found?.Name, zone ?? DateTimeZone.Utc);
    }

    public static DateOnly Today(TimeProvider clock, DateTimeZone zone) => ContributionIngest.Core.Contributions.MonthRollup.Day(clock.GetUtcNow(), zone);
}

/// <summary><c>If-Match</c> (RFC 9110 section 13.1.1): the change applies only to the version the caller read.</summary>
internal static class LedgerCondition
{
    public static bool Holds(HttpRequest request, Contribution entry)
    {
        if (request.Headers.IfMatch.Count == 0)
            return true;
        var tag = new EntityTagHeaderValue($"\"{LedgerEditor.Tag(entry)}\"");
        return EntityTagHeaderValue.TryParseList(request.Headers.IfMatch, out var seen)
            && seen.Any(s => s.Tag == "*" || s.Compare(tag, useStrongComparison: true));
    }
}
