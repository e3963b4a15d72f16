using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Api.Programmes;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Connections;
using ContributionIngest.Web.Home;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /</c>: what this is, for strangers; the year, the latest entries and what needs care, for who is signed in.</summary>
internal sealed class HomePage(EntryTotal total, ConnectionStore connections, LedgerReader ledger, PeopleStore people, ProgrammePages programmes, TimeProvider clock)
{
    private const int LatestEntries = 17;
    private const int ComingEntries = 5;
    private const int ComingDays = 90;
    private const int MaxYears = 6;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet("/", (HttpContext context, HomePage page) => page.GetAsync(context)).IsOpen();
        site.MapGet("/home/live", (HttpContext context, HomePage page) => page.LiveAsync(context)).Needs(Scope.Read).IsPage();
    }

    private async Task<IResult> GetAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (Caller.Find(context.User) is not { } caller)
        {
            var sentence = await total.GetAsync(cancel) is { } counted ? Sentence(counted) : null;
            return new PageResult<WelcomePage>("Welcome", (nameof(WelcomePage.Entries), sentence)) { IsAlone = true, HasNoForms = true };
        }

        var places = await PlacesAsync(caller.Person, cancel);
        var entries = await CountAsync(caller.Person, cancel);
        if (places.Count == 0 && entries == 0)
            return Results.LocalRedirect("/connections");
        var parameters = await ParametersAsync(context, caller.Person, places, entries, cancel);
        return new PageResult<Web.Home.HomePage>("Home", parameters) { Section = "/", IsLive = places.Any(PlaceText.IsReading) };
    }

    /// <summary>The same as on the page, without its frame.</summary>
    private async Task<IResult> LiveAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var places = await PlacesAsync(person, cancel);
        var entries = await CountAsync(person, cancel);
        return new PartResult<Web.Home.HomePage>(await ParametersAsync(context, person, places, entries, cancel));
    }

    /// <summary>As the ledger's pages count: without what was rejected, cancelled or removed.</summary>
    private async Task<int> CountAsync(string person, CancellationToken cancel)
    {
        var years = await Summary.ReadAsync(ledger, person, Period.Year, DateOnly.MinValue, DateOnly.MaxValue, cancel);
        return years.Public.Concat(years.Private).Sum(year => year.Counts.Total);
    }

    private async Task<IReadOnlyList<ConnectedPlace>> PlacesAsync(string person, CancellationToken cancel)
    {
        var found = await connections.ListAsync(person, cancel);
        var counts = await ledger.ConnectionCountsAsync(person, cancel);
        return [.. found.Where(c => c.Connection.Ending is null).Select(c => new ConnectedPlace(c.Connection, c.State, counts.GetValueOrDefault(c.Connection.Id)))];
    }

    private async Task<(string Name, object? Value)[]> ParametersAsync(
        HttpContext context, string person, IReadOnlyList<ConnectedPlace> places, int entries, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var today = MonthRollup.Day(now, zone);
        var first = (await ledger.OldestAsync(person, null, null, null, 1, cancel)).Items;
        var firstYear = first.Count == 0 ? today.Year : Math.Min(today.Year, MonthRollup.Day(first[0].Effective().When, zone).Year);
        var period = YearPeriod.Of(context.Request, today, firstYear);
        var overview = await YearOverview.ReadAsync(ledger, person, period.From, period.To, hasPrivate: true, cancel);
        var end = new DateOrInstant(null, period.To).End(zone);
        var latest = await ledger.NewestAsync(person, null, end < now ? end : now, null, 2 * LatestEntries, cancel);
        var coming = await ledger.OldestAsync(person, now, now.AddDays(ComingDays), null, 2 * ComingEntries, cancel);
        return
        [
            (nameof(Web.Home.HomePage.Year), overview),
            (nameof(Web.Home.HomePage.Chosen), period.Year),
            (nameof(Web.Home.HomePage.Years), Enumerable.Range(0, Math.Min(MaxYears, today.Year - firstYear + 1)).Select(back => today.Year - back).ToList()),
            (nameof(Web.Home.HomePage.Latest), latest.Items.Where(entry => entry.Review != Review.Rejected).Take(LatestEntries).ToList()),
            (nameof(Web.Home.HomePage.Coming), coming.Items.Where(entry => entry.Review != Review.Rejected && MonthRollup.IsCounted(entry.Effective().Status)).Take(ComingEntries).ToList()),
            (nameof(Web.Home.HomePage.Programmes), await programmes.MineAsync(person, zone, cancel)),
            (nameof(Web.Home.HomePage.Total), entries),
            (nameof(Web.Home.HomePage.Places), places),
            (nameof(Web.Home.HomePage.Zone), zone),
            (nameof(Web.Home.HomePage.Now), now),
        ];
    }

    private static string Sentence(CountedEntries counted) => string.Create(
        CultureInfo.InvariantCulture,
        $"It holds {counted.Entries:N0} contribution{(counted.Entries == 1 ? string.Empty : "s")}, counted on {counted.At.UtcDateTime:d MMMM yyyy 'at' HH:mm} UTC.");
}
