using ContributionIngest.Core.Connections;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>The hook of a connection of the caller's, which somebody with rights to a repository sets up at GitHub.</summary>
internal static class ConnectionHookApi
{
    private const string What = "hook";

    public static void MapConnectionHooks(this IEndpointRouteBuilder api)
    {
        api.MapGet("/connections/{id}/hook", GetAsync).Needs(Scope.Read).WithName("getHook").Produces<HookItem>();
        api.MapPost("/connections/{id}/hook", MakeAsync).Needs(Scope.Write).WithName("makeHook").Produces<HookItem>().Produces<HookItem>(201).Refuses(409);
        api.MapDelete("/connections/{id}/hook", EndAsync).Needs(Scope.Write).WithName("endHook").Produces(204);
    }

    /// <summary>The connection's webhook.</summary>
    /// <remarks>Without its secret.</remarks>
    /// <response code="200">Where GitHub delivers, and what came last.</response>
    internal static async Task<IResult> GetAsync(string id, HttpContext context, ConnectionStore connections, PersonalWebhooks hooks, PublicAddress here)
    {
        var cancel = context.RequestAborted;
        if (await connections.GetAsync(Caller.Of(context).Person, id, cancel) is null || await hooks.OfAsync(id, cancel) is not { Hook: { } hook } found)
            return Problems.NotFound(What);
        var item = HookItem.Of(hook, here.Url, hooks.FormerUntil(hook)) with { LastDelivery = found.Last?.At, LastEvent = found.Last?.Event };
        if ((await hooks.SecretsAsync(hook, cancel)).Count == 0)
            item = item with { Note = "Its secret cannot be opened any more, so that nothing is taken: give it a new one, and enter that at GitHub." };
        return Results.Json(item, ConnectionsJson.Default.HookItem);
    }

    /// <summary>Make a webhook, or give it a new secret.</summary>
    /// <remarks>For connections to GitHub. Enter `url`, `secret` and `contentType` at GitHub, in the settings of a repository or an organisation you administer, and
    /// choose `events`. Of what comes only pull requests that you opened land, in your ledger alone; those in your own repositories only where the
    /// connection's option `ownRepositories` says so. The secret before is taken for another 24 hours; to end it at once, delete the hook and make another.</remarks>
    /// <response code="200">It has a new secret, shown here and never again.</response>
    /// <response code="201">It was made. Its secret is shown here and never again.</response>
    internal static async Task<IResult> MakeAsync(string id, HttpContext context, ConnectionStore connections, PersonalWebhooks hooks, PublicAddress here)
    {
        var person = Caller.Of(context).Person;
        if (await connections.GetAsync(person, id, context.RequestAborted) is not { } found)
            return Problems.NotFound("connection");
        if (found.Connection.Source != GitHubSource.Name)
            return Problems.Conflict($"Only a connection to {GitHubSource.Name} has a hook; this one is to {found.Connection.Source}.");
        var (hook, secret, existed) = await hooks.MakeAsync(person, found.Connection, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        var item = HookItem.Of(hook, here.Url, hooks.FormerUntil(hook)) with { Secret = secret };
        return Results.Json(item, ConnectionsJson.Default.HookItem, statusCode: existed ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    /// <summary>End the webhook.</summary>
    /// <remarks>Its address is unknown from then on.</remarks>
    internal static async Task<IResult> EndAsync(string id, HttpContext context, ConnectionStore connections, PersonalWebhooks hooks)
    {
        var isEnded = await connections.GetAsync(Caller.Of(context).Person, id, context.RequestAborted) is not null
            && await hooks.EndAsync(id, context.RequestAborted);
        return isEnded ? Results.NoContent() : Problems.NotFound(What);
    }
}

internal sealed record HookItem
{
    /// <summary>What GitHub is to call; absent while no public address is set.</summary>
    public string? Url { get; init; }

    /// <summary>The same without the server.</summary>
    public required string Path { get; init; }

    /// <summary>Only in the answer that made it.</summary>
    public string? Secret { get; init; }

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<string> Events { get; init; } = ["pull_request"];

    public required DateTimeOffset Since { get; init; }

    /// <summary>Until when the secret before this one is taken as well.</summary>
    public DateTimeOffset? FormerUntil { get; init; }

    /// <summary>Of a delivery that was rightly signed, to the minute.</summary>
    public DateTimeOffset? LastDelivery { get; init; }

    public string? LastEvent { get; init; }

    /// <summary>What has to be known to use it.</summary>
    public string? Note { get; init; }

    public static HookItem Of(Webhook hook, Uri? publicUrl, DateTimeOffset? formerUntil)
    {
        var path = $"/api/webhooks/github/{hook.Id}";
        return new HookItem
        {
            Url = publicUrl is null ? null : publicUrl.AbsoluteUri.TrimEnd('/') + path,
            Path = path,
            Since = hook.Since,
            FormerUntil = formerUntil,
            Note = publicUrl is null
                ? "The address must be one that GitHub can reach: put the public address of this server before the path, and set PublicUrl to it."
                : null,
        };
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => Path;
}
