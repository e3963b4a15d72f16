using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Query;
using ContributionIngest.Core.Sources;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace ContributionIngest.Functions.Api;

/// <summary><c>GET /ledger</c>: pages of entries, filtered, as JSON, JSON lines or CSV.</summary>
internal static class LedgerList
{
    public static async Task<IResult> AnswerAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TopicFolding topics)
    {
        var (request, cancel) = (context.Request, context.RequestAborted);
        var parameters = LedgerParameters.Of(request, LedgerQuery.Names);
        // All that harvests is made with the catalog, so only for those who ask for a source.
        var query = LedgerQuery.Parse(
            parameters, () => [.. context.RequestServices.GetRequiredService<SourceCatalog>().All.Select(s => s.About.Name), "manual"]);
        var format = LedgerFormat.Of(request, parameters);
        if (!parameters.IsSound)
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
            return new LedgerStream(pages.AllAsync(person, query, zone, cancel), format, null);
        var page = await pages.PageAsync(person, query, zone, cancel);
        var cursor = page.Next is null ? null : Cursor.Write(page.Next);
        var next = cursor is null ? null : Next(request, cursor);
        if (format != LedgerFormat.Json)
            return new LedgerStream(page.Items.ToAsyncEnumerable(), format, next);
        return LedgerAnswer.Of(new ItemList<LedgerItem>([.. page.Items.Select(e => new LedgerItem(e))], cursor), QueryJson.Web.ItemListLedgerItem, next: next);
    }

    private static string Next(HttpRequest request, string cursor)
    {
        var query = new QueryBuilder(request.Query.Where(q => q.Key != "cursor")) { { "cursor", cursor } };
        return request.PathBase + request.Path + query.ToQueryString();
    }
}
