using System.Text;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Charts;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>GET /ledger/summary</c>: counts by period, optionally split. No entries are read.</summary>
internal static class SummaryApi
{
    /// <summary>The parameters that <see cref="SummaryQuery"/> reads.</summary>
    public static readonly DescribedValue[] Described =
    [
        new("by", typeof(string), "Weeks are ISO 8601 weeks.", Words: EnumText<Period>.All, Default: "month"),
        new("split", typeof(string), Words: ["kind", "source", "topic"]),
        new("from", typeof(DateOnly), "First day; the default is a year before the last."),
        new("to", typeof(DateOnly), "Last day; the default is today."),
    ];

    /// <summary>Count by period.</summary>
    /// <remarks>Days are days in your time zone.</remarks>
    /// <response code="200">The counts. Empty periods and rejected entries are left out.</response>
    public static async Task<IResult> AnswerAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TimeProvider clock)
    {
        var (cancel, person) = (context.RequestAborted, Caller.Of(context).Person);
        var parameters = LedgerParameters.Of(context.Request, Described);
        var query = SummaryQuery.Parse(parameters);
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        var (from, to) = query.Days(LedgerParameters.Today(clock, await LedgerParameters.ZoneAsync(people, person, cancel)));
        var summary = await Summary.ReadAsync(reader, person, query.By, from, to, cancel);
        return LedgerAnswer.Of(SummaryAnswer.Of(summary, query, from, to), QueryJson.Web.SummaryAnswer);
    }
}

/// <summary><c>GET /charts/…</c>: the counts as charts, over all of the person's entries that are not rejected, private or not.</summary>
internal static class ChartsApi
{
    public static readonly DescribedValue[] Described =
    [
        new("year", typeof(int), "A calendar year; cannot be combined with `from` and `to`.", Min: 1970, Max: 9000),
        new("from", typeof(DateOnly), "First day."),
        new("to", typeof(DateOnly), "Last day."),
    ];

    /// <summary>Heat map of days.</summary>
    /// <remarks>At most 366 days; the last 365 by default. Light or dark by the reader's preference. All your entries that are not rejected count,
    /// private or not.</remarks>
    public static Task<IResult> HeatMapAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TimeProvider clock) =>
        DrawAsync(context, reader, people, clock, ContributionIngest.Core.Contributions.Charts.HeatMap.Draw, to => to.AddDays(-364));

    /// <summary>Bar chart of weeks.</summary>
    /// <remarks>At most 366 days; the last 52 weeks by default.</remarks>
    public static Task<IResult> WeeklyAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TimeProvider clock) =>
        DrawAsync(context, reader, people, clock, WeeklyBars.Draw, to => Summary.Start(to, Period.Week).AddDays(-51 * 7));

    private static async Task<IResult> DrawAsync(
        HttpContext context,
        LedgerReader reader,
        PeopleStore people,
        TimeProvider clock,
        Func<IReadOnlyDictionary<DateOnly, int>, DateOnly, DateOnly, string> draw,
        Func<DateOnly, DateOnly> first)
    {
        var (cancel, person) = (context.RequestAborted, Caller.Of(context).Person);
        var parameters = LedgerParameters.Of(context.Request, Described);
        var today = LedgerParameters.Today(clock, await LedgerParameters.ZoneAsync(people, person, cancel));
        var (from, to) = Days(parameters, today, first);
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        var summary = await Summary.ReadAsync(reader, person, Period.Day, from, to, cancel);
        var counts = new Dictionary<DateOnly, int>();
        foreach (var day in summary.Public.Concat(summary.Private))
            counts[day.Start] = counts.GetValueOrDefault(day.Start) + day.Counts.Total;
        context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src '{ChartStyle.Hash}'; frame-ancestors 'none'";
        return new LedgerAnswer(Encoding.UTF8.GetBytes(draw(counts, from, to)), "image/svg+xml");
    }

    private static (DateOnly From, DateOnly To) Days(Parameters parameters, DateOnly today, Func<DateOnly, DateOnly> usual)
    {
        var (year, first, last) = (parameters.Number("year", 1970, 9000), parameters.Day("from"), parameters.Day("to"));
        if (year is { } y && first is null && last is null)
            return (new DateOnly(y, 1, 1), new DateOnly(y, 12, 31));
        if (year is not null)
            parameters.Fault("year", "'year' cannot be combined with 'from' or 'to'.");
        var to = last ?? first?.AddDays(364) ?? today;
        var from = first ?? usual(to);
        if (from > to)
            parameters.Fault("to", "'to' is before 'from'.");
        if (to.DayNumber - from.DayNumber >= ContributionIngest.Core.Contributions.Charts.HeatMap.MaxDays)
            parameters.Fault("to", $"A picture shows at most {ContributionIngest.Core.Contributions.Charts.HeatMap.MaxDays} days.");
        return (from, to);
    }
}
