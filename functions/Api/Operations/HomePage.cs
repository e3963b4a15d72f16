using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.Model;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Connections;
using ContributionIngest.Web.Home;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /</c>: what this is, for strangers; the latest entries and what needs care, for who is signed in.</summary>
internal static class HomePage
{
    private const int LatestEntries = 20;

    public static void MapHome(this IEndpointRouteBuilder app) => app.MapGet("/", GetAsync).IsOpen();

    private static async Task<IResult> GetAsync(HttpContext context, EntryTotal total, ConnectionStore connections, LedgerReader ledger)
    {
        var cancel = context.RequestAborted;
        if (Caller.Find(context.User) is not { } caller)
        {
            var sentence = await total.GetAsync(cancel) is { } counted ? Sentence(counted) : null;
            return new PageResult<WelcomePage>("Welcome", (nameof(WelcomePage.Entries), sentence)) { IsAlone = true, HasNoForms = true };
        }

        var found = await connections.ListAsync(caller.Person, cancel);
        var entries = await ledger.CountAsync(caller.Person, cancel) ?? 0;
        if (found.Count == 0 && entries == 0)
            return Results.LocalRedirect("/connections");
        var counts = await ledger.ConnectionCountsAsync(caller.Person, cancel);
        var latest = await ledger.NewestAsync(caller.Person, null, null, null, LatestEntries, cancel);
        return new PageResult<Web.Home.HomePage>(
            "Home",
            (nameof(Web.Home.HomePage.Latest), latest.Items.Where(entry => entry.Review != Review.Rejected).ToList()),
            (nameof(Web.Home.HomePage.Total), entries),
            (nameof(Web.Home.HomePage.Places), found.Select(c => new ConnectedPlace(c.Connection, c.State, counts.GetValueOrDefault(c.Connection.Id))).ToList()))
        { Section = "/" };
    }

    private static string Sentence(CountedEntries counted) => string.Create(
        CultureInfo.InvariantCulture,
        $"It holds {counted.Entries:N0} contribution{(counted.Entries == 1 ? string.Empty : "s")}, counted on {counted.At.UtcDateTime:d MMMM yyyy 'at' HH:mm} UTC.");
}
