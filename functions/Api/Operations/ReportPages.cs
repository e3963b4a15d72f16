using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Home;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /report</c>: a year as one page to print, by kind. <c>year</c> is a calendar year, the last 12 months if absent; <c>private=yes</c> includes private entries.</summary>
internal static class ReportPages
{
    private const int MaxEntries = 2000;

    public static void MapReport(this IEndpointRouteBuilder site) => site.MapGet("/report", GetAsync).Needs(Scope.Read).IsPage();

    private static async Task<IResult> GetAsync(HttpContext context, LedgerReader ledger, PeopleStore people, TimeProvider clock)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var me = await people.GetAsync(person, cancel);
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var period = YearPeriod.Of(context.Request, LedgerParameters.Today(clock, zone), earliest: null);
        var hasPrivate = context.Request.Query["private"] == "yes";
        var overview = await YearOverview.ReadAsync(ledger, person, period.From, period.To, hasPrivate, cancel);
        var (from, to) = (new DateOrInstant(null, period.From).Start(zone), new DateOrInstant(null, period.To).End(zone));
        var entries = await ledger.NewestFirstAsync(person, from, to, null, 500, cancel)
            .Where(entry => entry.Review != Review.Rejected && MonthRollup.IsCounted(entry.Effective().Status) && (hasPrivate || !entry.Private))
            .Take(MaxEntries + 1).ToListAsync(cancel);
        return new PageResult<ReportPage>(
            "Year report",
            (nameof(ReportPage.Year), overview),
            (nameof(ReportPage.Chosen), period.Year),
            (nameof(ReportPage.Name), me?.Name),
            (nameof(ReportPage.Entries), entries.Take(MaxEntries).ToList()),
            (nameof(ReportPage.IsCut), entries.Count > MaxEntries),
            (nameof(ReportPage.HasPrivate), hasPrivate),
            (nameof(ReportPage.Zone), zone))
        { Section = "/" };
    }
}

/// <summary>The days that Home and the report show.</summary>
/// <param name="Year">The calendar year; null for the last 12 months.</param>
/// <param name="To">Inclusive, and never after today.</param>
internal sealed record YearPeriod(int? Year, DateOnly From, DateOnly To)
{
    /// <summary>From the query's <c>year</c>; anything but a year from the first to this one means the last 12 months.</summary>
    /// <param name="earliest">The first year with entries; null for any.</param>
    public static YearPeriod Of(HttpRequest request, DateOnly today, int? earliest)
    {
        var isYear = int.TryParse(request.Query["year"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var year)
            && year >= (earliest ?? 1970) && year <= today.Year;
        if (!isYear)
            return new YearPeriod(null, today.AddYears(-1).AddDays(1), today);
        return new YearPeriod(year, new DateOnly(year, 1, 1), year == today.Year ? today : new DateOnly(year, 12, 31));
    }
}
