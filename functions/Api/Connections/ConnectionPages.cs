using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Connections;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>Pages that connect places: type addresses, see what was found, connect, and look after what is connected.</summary>
internal sealed class ConnectionPages(
    ConnectionStore connections, ConnectionService connecting, ConnectionVerifier verifier, PublicAddress here, SourceCatalog catalog, LedgerReader ledger, HarvestReports reports, PeopleStore people, OAuthClients clients, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private const string Path = "/connections";
    private const int MaxPlaces = 20;
    private const int Reports = 10;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, ConnectionPages pages) => pages.ListAsync(context)).Needs(Scope.Read).IsPage();
        site.MapGet(Path + "/add", (ConnectionPages pages) => pages.Found(null, [])).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/look", (HttpContext context, ConnectionPages pages) => pages.LookAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path, (HttpContext context, ConnectionPages pages) => pages.ConnectAsync(context)).Needs(Scope.Write).IsPage();
        site.MapGet(Path + "/{id}", (string id, HttpContext context, ConnectionPages pages) => pages.ShowAsync(id, context)).Needs(Scope.Read).IsPage();
        foreach (var act in new[] { "harvest", "pause", "resume", "disconnect" })
            site.MapPost($"{Path}/{{id}}/{act}", (string id, HttpContext context, ConnectionPages pages) => pages.ActAsync(id, act, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/{id}/verify", (string id, HttpContext context, ConnectionPages pages) => pages.VerifyAsync(id, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var places = await PlacesAsync(context);
        return places.Count == 0
            ? Found(null, [])
            : new PageResult<ConnectionsPage>("Connections", (nameof(ConnectionsPage.Places), places), (nameof(ConnectionsPage.Now), clock.GetUtcNow()), (nameof(ConnectionsPage.Clients), clients.All)) { Section = Path };
    }

    private PageResult<FirstRunPage> Found(string? typed, IReadOnlyList<FoundPlace> found, string? problem = null) => new(
        "Where do you publish?", (nameof(FirstRunPage.Typed), typed), (nameof(FirstRunPage.Found), found), (nameof(FirstRunPage.Problem), problem), (nameof(FirstRunPage.Clients), clients.All))
    {
        Section = Path,
        IsNarrow = true,
        Status = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
    };

    private async Task<IResult> LookAsync(HttpContext context)
    {
        var typed = (await PageForm.ReadAsync(context))["places"].ToString();
        var lines = typed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
        if (lines.Count == 0)
            return Found(typed, [], "Type at least one address, name or handle, such as blog.example.org.");
        if (lines.Count > MaxPlaces)
            return Found(typed, [], $"These are {lines.Count} lines. Up to {MaxPlaces} are looked at together.");
        var known = await connections.ListAsync(Caller.Of(context).Person, context.RequestAborted);
        var found = new List<FoundPlace>();
        foreach (var line in lines)
            found.Add(await LookAsync(line, known, context.RequestAborted));
        return Found(typed, found);
    }

    private async Task<FoundPlace> LookAsync(string line, IReadOnlyList<ConnectionSnapshot> known, CancellationToken cancel)
    {
        try
        {
            var preview = await connecting.LookAsync(SourceOf(line), line, new Dictionary<string, string>(StringComparer.Ordinal), cancel);
            var isConnected = known.Any(c => c.Connection.Ending is null && c.Connection.Source == preview.Source && c.Connection.Origin == preview.Place.Origin);
            return new FoundPlace(line, preview, null, isConnected);
        }
        catch (Exception e) when (e is SourceException or TooBusyException)
        {
            return new FoundPlace(line, null, e.Message);
        }
    }

    private async Task<IResult> ConnectAsync(HttpContext context)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        var (connected, problems) = (new List<string>(), new List<string>());
        foreach (var place in (await PageForm.ReadAsync(context))["place"].OfType<string>().Take(MaxPlaces))
        {
            if (place.Split(' ', 2) is not [var source, var line] || !catalog.Contains(source))
                continue;
            try
            {
                var (made, _) = await connecting.ConnectAsync(caller.Person, source, line, new Dictionary<string, string>(StringComparer.Ordinal), caller.Credential, cancel);
                connected.Add(made.Connection.Title ?? made.Connection.Origin);
            }
            catch (Exception e) when (e is SourceException or TooBusyException)
            {
                problems.Add($"{Normaliser.Text(line, 100)}: {e.Message}");
            }
        }

        var said = (connected.Count, problems.Count) switch
        {
            (0, 0) => "Nothing was chosen, so nothing was connected.",
            (_, 0) => $"{string.Join(", ", connected)} {(connected.Count == 1 ? "is" : "are")} connected.",
            (0, _) => string.Join(' ', problems),
            _ => $"{string.Join(", ", connected)} connected. {string.Join(' ', problems)}",
        };
        Notices.Leave(context, Normaliser.Text(said, 500)!, isBad: connected.Count == 0);

        // Home fills while the past is read.
        return Results.LocalRedirect(connected.Count == 0 ? Path : "/");
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
                await connecting.HarvestNowAsync(caller.Person, id, cancel);
                Notices.Leave(context, $"{name} is being read.");
                break;
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

    private string SourceOf(string typed) => catalog.FindByHost(typed)?.Info.Name ?? "feed";

    private async Task<IReadOnlyList<ConnectedPlace>> PlacesAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var found = await connections.ListAsync(person, cancel);
        var counts = await ledger.ConnectionCountsAsync(person, cancel);
        return [.. found.Select(c => new ConnectedPlace(c.Connection, c.State, counts.GetValueOrDefault(c.Connection.Id)))];
    }
}
