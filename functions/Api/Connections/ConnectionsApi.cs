using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>The caller's connections: connect by address, health, coverage, reports.</summary>
internal static class ConnectionsApi
{
    private const string ResourceName = "connection";
    private const string Example = """{"address": "https://blog.example.org"}""";

    public static void MapConnections(this IEndpointRouteBuilder api)
    {
        api.MapGet("/connections", ListAsync).Needs(Scope.Read).WithName("listConnections").Produces<ItemList<ConnectionItem>>();
        api.MapPost("/connections", ConnectAsync).Needs(Scope.Write).WithName("connect")
            .Reads<ConnectionRequest>(Example).Produces<ConnectionItem>(201).Produces<ConnectionItem>().Sends("Location").Refuses(422);
        api.MapGet("/connections/{id}", GetAsync).Needs(Scope.Read).WithName("getConnection").Produces<ConnectionItem>();
        api.MapPatch("/connections/{id}", ChangeAsync).Needs(Scope.Write).WithName("changeConnection").Reads<ConnectionChange>().Produces<ConnectionItem>();
        api.MapDelete("/connections/{id}", DisconnectAsync).Needs(Scope.Write).WithName("disconnect").Produces(204)
            .WithMetadata(new DescribedValue("contributions", typeof(string), "`delete` removes entries that have no other sighting.", Words: ["keep", "delete"], Default: "keep"));
        api.MapPost("/connections/{id}/harvest", HarvestNowAsync).Needs(Scope.Write).WithName("harvestNow").Produces(202).Sends("Location").Refuses(409);
        api.MapPost("/connections/{id}/verify", VerifyAsync).Needs(Scope.Write).WithName("verifyConnection").Produces<ConnectionItem>().Refuses(422);
        api.MapGet("/connections/{id}/harvests", HarvestsAsync).Needs(Scope.Read).WithName("listHarvests").Produces<ItemList<HarvestReport>>();
        api.MapPost("/preview", PreviewAsync).Needs(Scope.Read).WithName("preview").Reads<ConnectionRequest>(Example).Produces<PreviewAnswer>().Refuses(422);
    }

    /// <summary>Your connections.</summary>
    internal static async Task<IResult> ListAsync(HttpContext context, ConnectionStore connections, LedgerReader ledger)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var found = await connections.ListAsync(person, cancel);
        var counts = await ledger.ConnectionCountsAsync(person, cancel);
        return Results.Json(
            new ItemList<ConnectionItem>([.. found.Select(c => new ConnectionItem(c.Connection, c.State, counts.GetValueOrDefault(c.Connection.Id)))]), ConnectionsJson.Default.ItemListConnectionItem);
    }

    /// <summary>Connect an address.</summary>
    /// <response code="201">The address is connected and will be harvested at once.</response>
    /// <response code="200">The address was already connected.</response>
    internal static async Task<IResult> ConnectAsync(HttpContext context, ConnectionService connecting, SourceCatalog catalog, LedgerReader ledger)
    {
        var (asked, refusal) = await ReadRequestAsync(context, catalog);
        if (asked is null)
            return refusal!;
        var caller = Caller.Of(context);
        try
        {
            var (connected, existed) = await connecting.ConnectAsync(
                caller.Person, asked.Source!, asked.Address, asked.Settings(), caller.Credential, context.RequestAborted);
            context.Response.Headers.Location = $"/api/connections/{connected.Connection.Id}";
            return await AnswerAsync(context, connected, ledger, existed ? StatusCodes.Status200OK : StatusCodes.Status201Created);
        }
        catch (SourceException e)
        {
            return Problems.Unreadable(e.Code, e.Message);
        }
    }

    /// <summary>Preview what an address would provide.</summary>
    /// <response code="200">The first page of entries. Nothing is stored.</response>
    internal static async Task<IResult> PreviewAsync(HttpContext context, ConnectionService connecting, SourceCatalog catalog)
    {
        var (asked, refusal) = await ReadRequestAsync(context, catalog);
        if (asked is null)
            return refusal!;
        try
        {
            var preview = await connecting.LookAsync(asked.Source!, asked.Address, asked.Settings(), context.RequestAborted);
            return Results.Json(PreviewAnswer.Of(preview), ConnectionsJson.Default.PreviewAnswer);
        }
        catch (SourceException e)
        {
            return Problems.Unreadable(e.Code, e.Message);
        }
    }

    /// <summary>One connection.</summary>
    /// <response code="200">Its health, coverage and next run.</response>
    internal static async Task<IResult> GetAsync(string id, HttpContext context, ConnectionStore connections, LedgerReader ledger) =>
        await connections.GetAsync(Caller.Of(context).Person, id, context.RequestAborted) is { } found
            ? await AnswerAsync(context, found, ledger)
            : Problems.NotFound(ResourceName);

    private static async Task<IResult> AnswerAsync(HttpContext context, ConnectionSnapshot connected, LedgerReader ledger, int status = StatusCodes.Status200OK)
    {
        var count = await ledger.ConnectionCountAsync(Caller.Of(context).Person, connected.Connection.Id, context.RequestAborted);
        return Results.Json(new ConnectionItem(connected.Connection, connected.State, count), ConnectionsJson.Default.ConnectionItem, statusCode: status);
    }

    /// <summary>Change a connection.</summary>
    /// <remarks>Absent fields are unchanged.</remarks>
    internal static async Task<IResult> ChangeAsync(
        string id, HttpContext context, ConnectionService connecting, ConnectionStore connections, SourceCatalog catalog, LedgerReader ledger)
    {
        var (change, refusal) = await JsonBody.ReadAsync(context, ConnectionsJson.Default.ConnectionChange);
        if (change is null)
            return refusal!;
        var caller = Caller.Of(context);
        if (change.Options is { } options && await connections.GetAsync(caller.Person, id, context.RequestAborted) is { } before
            && ConnectionOptions.Fault(catalog.Get(before.Connection.Source), options) is { } fault)
            return fault;
        var after = await connecting.ChangeAsync(caller.Person, id, change.Over, caller.Credential, context.RequestAborted);
        return after is null ? Problems.NotFound(ResourceName) : await AnswerAsync(context, after, ledger);
    }

    // A client disconnect does not cancel this; only shutdown does, and the schedule then resumes it.

    /// <summary>Remove a connection.</summary>
    /// <remarks>From the start of the removal, no harvest writes anything for it. If a failure interrupts it, repeat the request, or the schedule completes it.</remarks>
    internal static async Task<IResult> DisconnectAsync(string id, HttpContext context, ConnectionService connecting, IHostApplicationLifetime lifetime)
    {
        var contributions = context.Request.Query["contributions"].ToString();
        if (contributions is not ("" or "keep" or "delete"))
            return Problems.Invalid("contributions", $"It is '{contributions}'; allowed are keep (the default) and delete.");
        var caller = Caller.Of(context);
        var isDone = await connecting.DisconnectAsync(
            caller.Person, id, string.Equals(contributions, "delete", StringComparison.Ordinal), caller.Credential, lifetime.ApplicationStopping);
        return isDone ? Results.NoContent() : Problems.NotFound(ResourceName);
    }

    /// <summary>Harvest now.</summary>
    /// <response code="202">It will be harvested as soon as possible.</response>
    internal static async Task<IResult> HarvestNowAsync(string id, HttpContext context, ConnectionService connecting, ConnectionStore connections)
    {
        var person = Caller.Of(context).Person;
        if (await connections.GetAsync(person, id, context.RequestAborted) is not { } found)
            return Problems.NotFound(ResourceName);
        if (found.Connection.Paused)
            return Problems.Conflict("The connection is paused. Set paused to false first.");
        await connecting.HarvestNowAsync(person, id, context.RequestAborted);
        return Results.Accepted($"/api/connections/{id}/harvests");
    }

    /// <summary>Verify that a blog is yours.</summary>
    /// <remarks>Publish the connection's `verificationToken` first, in one of these ways. On the blog's page, if it is on the feed's site: as
    /// `&lt;meta name="contributioningest-verification" content="TOKEN"&gt;`, or as a link with `rel="me"` to the address `/verify/TOKEN` of this server. In the feed: as the text
    /// `contributioningest-verification=TOKEN` in its description, or at the beginning of a post if all posts name the same author. It stays verified when you
    /// remove the token.</remarks>
    /// <response code="200">It is verified; what is harvested from now on says so.</response>
    internal static async Task<IResult> VerifyAsync(
        string id, HttpContext context, ConnectionVerifier verifier, ConnectionStore connections, PublicAddress here, LedgerReader ledger)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        if (await connections.GetAsync(caller.Person, id, cancel) is not { } found)
            return Problems.NotFound(ResourceName);
        if (found.Connection.Source != FeedSource.Name)
            return Problems.Invalid("source", $"It is '{found.Connection.Source}'; only a feed is verified by a token. Connect it by signing in there, if this server offers that.");
        if (await verifier.VerifyAsync(caller.Person, id, VerificationPage.Address(here, id), caller.Credential, cancel) is not var (connected, problem))
            return Problems.NotFound(ResourceName);
        return problem is null ? await AnswerAsync(context, connected, ledger) : Problems.Unverified(problem);
    }

    /// <summary>Recent harvests.</summary>
    /// <response code="200">The last 50 harvests with changes or failures, newest first.</response>
    internal static async Task<IResult> HarvestsAsync(string id, HttpContext context, ConnectionStore connections, HarvestReports reports)
    {
        var person = Caller.Of(context).Person;
        if (await connections.GetAsync(person, id, context.RequestAborted) is null)
            return Problems.NotFound(ResourceName);
        return Results.Json(new ItemList<HarvestReport>(await reports.NewestAsync(person, id, HarvestReports.Kept, context.RequestAborted)), ConnectionsJson.Default.ItemListHarvestReport);
    }

    private static async Task<(ConnectionRequest? Asked, IResult? Refusal)> ReadRequestAsync(HttpContext context, SourceCatalog catalog)
    {
        var (asked, refusal) = await JsonBody.ReadAsync(context, ConnectionsJson.Default.ConnectionRequest);
        if (asked is null)
            return (null, refusal);
        if (string.IsNullOrWhiteSpace(asked.Address))
            return (null, Problems.Invalid("address", "It is missing; the address of a page or feed is expected."));
        asked = asked with { Source = asked.Source ?? catalog.FindByHost(asked.Address)?.Info.Name ?? "feed" };
        if (catalog.Contains(asked.Source))
            return ConnectionOptions.Fault(catalog.Get(asked.Source), asked.Settings()) is { } fault ? (null, fault) : (asked, null);
        var known = string.Join(", ", catalog.All.Select(s => s.Info.Name));
        return (null, Problems.Invalid("source", $"It is '{Normaliser.Text(asked.Source, 60)}'; allowed are {known}."));
    }
}

/// <summary>Validates a connection's options against its source.</summary>
internal static class ConnectionOptions
{
    private const int MaxLength = 500;

    /// <returns>A problem for the first name or value that is not allowed, or null.</returns>
    public static IResult? Fault(ISource source, IReadOnlyDictionary<string, string> options)
    {
        foreach (var (name, value) in options)
        {
            var field = $"options.{Normaliser.Text(name, 60)}";
            var option = source.Info.Options.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.Ordinal));
            if (option is null)
                return Problems.Invalid(field, $"A {source.Info.Name} connection has no such option; it has {List(source)}.");
            if (option.Allowed is { } allowed && !allowed.Contains(value, StringComparer.Ordinal))
                return Problems.Invalid(field, $"It is '{Normaliser.Text(value, 60)}'; allowed are {string.Join(", ", allowed)}.");
            if (value.Length > MaxLength)
                return Problems.Invalid(field, $"It has more than {MaxLength} characters.");
        }

        return null;
    }

    private static string List(ISource source) =>
        source.Info.Options.Count == 0 ? "none" : string.Join(", ", source.Info.Options.Select(o => $"{o.Name} ({o.Description})"));
}
