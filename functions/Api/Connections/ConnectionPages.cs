using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Connections;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>Pages that connect places: type addresses, see what was found, connect, and look after what is connected.</summary>
internal sealed class ConnectionPages(
    ConnectionStore connections, ConnectionService connecting, ConnectionVerifier verifier, PublicAddress here, LedgerReader ledger, HarvestReports reports, PeopleStore people, OAuthClients clients, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private const string Path = "/connections";
    private const int Reports = 10;
    private const int MaxSearch = 200;

    /// <summary>Of so many connections the last days are shown.</summary>
    private const int MaxWithDays = 60;

    private const int ReadsAtOnce = 8;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, ConnectionPages pages) => pages.ListAsync(context)).Needs(Scope.Read).IsPage();
        site.MapGet(Path + "/live", (HttpContext context, ConnectionPages pages) => pages.LiveAsync(context)).Needs(Scope.Read).IsPage();
        site.MapPost(Path + "/harvest", (HttpContext context, ConnectionPages pages) => pages.HarvestAllAsync(context)).Needs(Scope.Write).IsPage();
        site.MapGet(Path + "/{id}", (string id, HttpContext context, ConnectionPages pages) => pages.ShowAsync(id, context)).Needs(Scope.Read).IsPage();
        foreach (var act in new[] { "harvest", "pause", "resume", "disconnect" })
            site.MapPost($"{Path}/{{id}}/{act}", (string id, HttpContext context, ConnectionPages pages) => pages.ActAsync(id, act, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/{id}/verify", (string id, HttpContext context, ConnectionPages pages) => pages.VerifyAsync(id, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var places = await PlacesAsync(context);
        if (places.Count == 0)
            return ConnectPages.Page(clients, null, []);
        var (asked, search, now) = (Asked(context), Search(context), clock.GetUtcNow());
        return new PageResult<ConnectionsPage>(
            "Connections",
            (nameof(ConnectionsPage.Places), places),
            (nameof(ConnectionsPage.Now), now),
            (nameof(ConnectionsPage.Clients), clients.All),
            (nameof(ConnectionsPage.Asked), asked),
            (nameof(ConnectionsPage.Search), search))
        { Section = Path, IsLive = places.Any(place => PlaceList.IsChanging(place, asked, now)) };
    }

    /// <summary>The list of the page, without what is around it.</summary>
    private async Task<IResult> LiveAsync(HttpContext context)
    {
        var search = Search(context);
        return new PartResult<PlaceList>(
            (nameof(PlaceList.Places), PlaceText.InOrder(await PlacesAsync(context), search)),
            (nameof(PlaceList.Now), clock.GetUtcNow()),
            (nameof(PlaceList.Clients), clients.All),
            (nameof(PlaceList.Asked), Asked(context)),
            (nameof(PlaceList.Search), search));
    }

    private static AskedHarvest? Asked(HttpContext context) => AskedHarvest.Of(context.Request.Query[AskedHarvest.IdField].FirstOrDefault(), context.Request.Query[AskedHarvest.AtField].FirstOrDefault());

    private static string? Search(HttpContext context) => Normaliser.Text(context.Request.Query["q"].FirstOrDefault(), MaxSearch);

    private async Task<IResult> HarvestAllAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var asked = new AskedHarvest(null, clock.GetUtcNow());
        foreach (var found in (await connections.ListAsync(person, cancel)).Where(found => found.Connection is { Paused: false, Ending: null }))
            await connecting.HarvestNowAsync(person, found.Connection.Id, cancel);
        return Results.LocalRedirect(Path + AskedHarvest.Query(asked, null));
    }

    private async Task<IResult> ShowAsync(string id, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await connections.GetAsync(Caller.Of(context).Person, id, cancel) is not { Connection.Ending: null } found)
            return NotFound();
        var place = new ConnectedPlace(found.Connection, found.State, await ledger.ConnectionCountAsync(Caller.Of(context).Person, id, cancel));
        return new PageResult<ConnectionPage>(
            found.Connection.Title ?? found.Connection.Origin,
            (nameof(ConnectionPage.Place), place),
            (nameof(ConnectionPage.Reports), await reports.NewestAsync(Caller.Of(context).Person, id, Reports, cancel)),
            (nameof(ConnectionPage.Zone), await LedgerParameters.ZoneAsync(people, Caller.Of(context).Person, cancel)),
            (nameof(ConnectionPage.Client), clients.Find(found.Connection.Source)),
            (nameof(ConnectionPage.ProfileLink), VerificationPage.Address(here, id)))
        { Section = Path, IsNarrow = true };
    }

    private async Task<IResult> VerifyAsync(string id, HttpContext context)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        if (await connections.GetAsync(caller.Person, id, cancel) is not { Connection: { Ending: null, Source: FeedSource.Name } })
            return NotFound();
        try
        {
            if (await verifier.VerifyAsync(caller.Person, id, VerificationPage.Address(here, id), caller.Credential, cancel) is not var (connected, problem))
                return NotFound();
            Notices.Leave(context, Normaliser.Text(problem, 500) ?? $"{connected.Connection.Title ?? connected.Connection.Origin} is verified.", isBad: problem is not null);
        }
        catch (TooBusyException e)
        {
            Notices.Leave(context, e.Message, isBad: true);
        }

        return Results.LocalRedirect($"{Path}/{id}");
    }

    private async Task<IResult> ActAsync(string id, string act, HttpContext context)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        if (await connections.GetAsync(caller.Person, id, cancel) is not { Connection.Ending: null } found)
            return NotFound();
        var name = found.Connection.Title ?? found.Connection.Origin;
        switch (act)
        {
            case "harvest":
                var asked = new AskedHarvest(id, clock.GetUtcNow());
                await connecting.HarvestNowAsync(caller.Person, id, cancel);
                return Results.LocalRedirect(Path + AskedHarvest.Query(asked, null));
            case "pause" or "resume":
                await connecting.ChangeAsync(caller.Person, id, connection => connection with { Paused = act == "pause" }, caller.Credential, cancel);
                Notices.Leave(context, act == "pause" ? $"{name} is paused. It is not read until it is resumed." : $"{name} is read again.");
                break;
            default:
                var isRemoved = (await PageForm.ReadAsync(context))["contributions"] == "delete";

                // A client disconnect does not cancel this; only shutdown does, and the schedule then resumes it.
                await connecting.DisconnectAsync(caller.Person, id, isRemoved, caller.Credential, lifetime.ApplicationStopping);
                Notices.Leave(context, $"{name} is disconnected. {(isRemoved ? "What only it had seen is removed." : "What it brought stays in the ledger.")}");
                break;
        }

        return Results.LocalRedirect(Path);
    }

    private static PageResult<Web.SignIn.MessagePage> NotFound() => new(
        "There is no such connection",
        (nameof(Web.SignIn.MessagePage.Title), "There is no such connection"),
        (nameof(Web.SignIn.MessagePage.Text), "It may have been disconnected."),
        (nameof(Web.SignIn.MessagePage.Link), Path),
        (nameof(Web.SignIn.MessagePage.LinkText), "Connections"))
    { Section = Path, Status = StatusCodes.Status404NotFound };

    private async Task<IReadOnlyList<ConnectedPlace>> PlacesAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var found = await connections.ListAsync(person, cancel);
        var counts = await ledger.ConnectionCountsAsync(person, cancel);
        var (zone, now) = (await LedgerParameters.ZoneAsync(people, person, cancel), clock.GetUtcNow());
        var places = found.Select(c => new ConnectedPlace(c.Connection, c.State, counts.GetValueOrDefault(c.Connection.Id))).ToArray();
        await Parallel.ForAsync(0, Math.Min(places.Length, MaxWithDays), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancel }, async (at, stop) =>
        {
            var (connection, state) = (places[at].Connection, places[at].State);
            var newest = await reports.SinceAsync(person, connection.Id, now.AddDays(-LastDays.Count), stop);
            places[at] = places[at] with { Reports = newest, Days = LastDays.Of(connection, state, newest, now, zone) };
        });
        return places;
    }
}
