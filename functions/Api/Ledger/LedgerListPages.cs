using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Ledger;
using NodaTime;
using Period = ContributionIngest.Core.Contributions.Queries.Period;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>GET /ledger</c>: the entries as a page, with the filters of <c>GET /api/ledger</c> in its address.</summary>
internal sealed class LedgerListPages(LedgerReader reader, PeopleStore people, TopicFolding folding, ConnectionStore connections, TimeProvider clock)
{
    private const int EntriesPerPage = 100;
    private const int MaxTopics = 30;

    /// <summary>A page has its own length and no other format.</summary>
    private static readonly DescribedValue[] Known = [.. LedgerList.Described.Where(value => value.Name is not ("limit" or "format")), new(LedgerAddress.Before, typeof(string)), new(LedgerAddress.At, typeof(string))];

    public static void Map(IEndpointRouteBuilder site) =>
        site.MapGet(LedgerAddress.Root, (HttpContext context, LedgerListPages pages) => pages.ShowAsync(context)).Needs(Scope.Read).IsPage();

    private async Task<IResult> ShowAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var address = LedgerAddress.Of(context.Request.Query.SelectMany(pair => pair.Value.OfType<string>(), (pair, value) => KeyValuePair.Create(pair.Key, value)));
        var parameters = new Parameters(address.Filters.GroupBy(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal).Select(named => KeyValuePair.Create(named.Key, (IReadOnlyList<string>)[.. named])), [.. Known.Select(value => value.Name)]);
        var query = LedgerQuery.Parse(parameters, () => LedgerList.Sources(context)) with { Limit = EntriesPerPage };
        string? before = null;
        if (address.Value(LedgerAddress.Before) is { } text && !Cursor.TryRead(text, out before))
            parameters.Refuse(LedgerAddress.Before, text, "the address of a page");
        var begin = address.Value(LedgerAddress.At) is { } typed ? TypedTime.Span(typed) : null;
        if (begin is null && address.Has(LedgerAddress.At))
            parameters.Refuse(LedgerAddress.At, address.Value(LedgerAddress.At)!, "a year, a month such as May 2024 or a day such as 20 May 2024");
        if (query.Topics.Count > 0)
            query = query.Folded(await folding.GetAsync(person, cancel));

        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        if (begin is var (first, last) && query.After is null)
            query = query with { After = LedgerKeys.Boundary(query.OldestFirst ? new DateOrInstant(null, first).Start(zone) : new DateOrInstant(null, last).End(zone)) };
        var all = await Summary.ReadAsync(reader, person, Period.Year, DateOnly.MinValue, DateOnly.MaxValue, cancel);
        var years = all.Public.Concat(all.Private).GroupBy(year => year.Start.Year).Select(year => (year.Key, year.Sum(side => side.Counts.Total))).OrderByDescending(year => year.Key).ToList();
        var view = new LedgerView
        {
            Address = address,
            Faults = [.. parameters.Faults.Values.SelectMany(messages => messages)],
            Zone = zone,
            Matches = new MatchCount(0, new Dictionary<Kind, int>(), new Dictionary<DateOnly, int>()),
            Total = years.Sum(year => year.Item2),
            Connections = [.. (await connections.ListAsync(person, cancel)).Where(found => found.Connection.Ending is null).Select(found => found.Connection)],
            Topics = TopicsOf(all),
            Years = years,
            Today = LedgerParameters.Today(clock, zone),
        };
        return parameters.IsValid
            ? Page(await FilledAsync(view, person, query, before, cancel))
            : Page(view, StatusCodes.Status400BadRequest);
    }

    private static PageResult<LedgerListPage> Page(LedgerView view, int status = StatusCodes.Status200OK) =>
        new("Ledger", (nameof(LedgerListPage.View), view)) { Section = LedgerAddress.Root, Status = status };

    /// <param name="before">The key of the entry that the page ends before; null for the first page and those after an entry.</param>
    private async Task<LedgerView> FilledAsync(LedgerView view, string person, LedgerQuery query, string? before, CancellationToken cancel)
    {
        var matches = new LedgerMatches(reader);
        var count = await matches.CountAsync(person, query, view.Zone, cancel);

        // The page before an entry is the one after it in the opposite order.
        var asked = before is null ? query : query with { After = before, OldestFirst = !query.OldestFirst };
        var page = await new LedgerPages(reader).PageAsync(person, asked, view.Zone, cancel);
        var entries = before is null ? page.Items : [.. page.Items.Reverse()];
        var isCutShort = page.Next is not null && page.Items.Count < EntriesPerPage;
        var first = entries.Count > 0 ? LedgerKeys.Entry(entries[0].Effective().When, entries[0].Id) : before;
        var last = entries.Count > 0 ? LedgerKeys.Entry(entries[^1].Effective().When, entries[^1].Id) : query.After;
        var isFirst = query.After is null && before is null;
        view = view with
        {
            Matches = count,
            Entries = entries,
            Next = before is null ? To(LedgerAddress.After, page.Next) : To(LedgerAddress.After, last ?? before),
            Previous = await PageBeforeAsync(),
            SearchedTo = isCutShort && before is null ? MonthRollup.Day(LedgerKeys.TimeOf(page.Next!), view.Zone) : null,
        };
        if (entries.Count == 0 && view is { Total: 0, Address.HasFilters: false })
            return view with { IsEmpty = await reader.CountAsync(person, cancel) == 0 };
        return entries.Count == 0 && isFirst && page.Next is null && view.Address.HasFilters ? view with { Loosest = await LoosestAsync(view, person, query, matches, cancel) } : view;

        async Task<LedgerAddress?> PageBeforeAsync()
        {
            if (before is not null)
                return To(LedgerAddress.Before, page.Next);
            if (isFirst)
                return null;
            if (!view.Address.Has(LedgerAddress.At))
                return To(LedgerAddress.Before, first ?? query.After);
            // A page that was jumped to may be the first, or have no entry to go on from.
            var (items, further) = await new LedgerPages(reader).PageAsync(person, query with { OldestFirst = !query.OldestFirst, Limit = 1 }, view.Zone, cancel);
            if (items.Count == 0 && further is null)
                return null;
            return first is null ? view.Address.Without() : To(LedgerAddress.Before, first);
        }

        LedgerAddress? To(string name, string? key) => key is null ? null : view.Address.With(name, Cursor.Write(key));
    }

    private static async Task<(LedgerFilter, MatchCount)?> LoosestAsync(LedgerView view, string person, LedgerQuery query, LedgerMatches matches, CancellationToken cancel)
    {
        var used = LedgerFilter.All.Where(filter => filter.IsIn(view.Address)).ToList();
        var counts = await matches.ReadAsync(person, used.ConvertAll(filter => filter.Without(query)), view.Zone, cancel);
        var loosest = used.Zip(counts).MaxBy(pair => pair.Second.Total);
        return loosest.Second.Total == 0 ? null : loosest;
    }

    private static IReadOnlyList<string> TopicsOf(Summary all)
    {
        var counts = new Counts();
        foreach (var side in all.Public.Concat(all.Private))
            counts.Add(side.Counts);
        return [.. counts.Topic.OrderByDescending(topic => topic.Value).ThenBy(topic => topic.Key, StringComparer.OrdinalIgnoreCase).Take(MaxTopics).Select(topic => topic.Key)];
    }
}
