using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>The webhook of one of the caller's connections, to be set up at GitHub by a repository administrator.</summary>
internal static class ConnectionHookApi
{
    private const string ResourceName = "hook";

    public static void MapConnectionHooks(this IEndpointRouteBuilder api)
    {
        api.MapGet("/connections/{id}/hook", GetAsync).Needs(Scope.Read).WithName("getHook").Produces<HookItem>();
        api.MapPost("/connections/{id}/hook", MakeAsync).Needs(Scope.Write).WithName("makeHook").Produces<HookItem>().Produces<HookItem>(201).Refuses(409);
        api.MapDelete("/connections/{id}/hook", EndAsync).Needs(Scope.Write).WithName("endHook").Produces(204);
    }

    /// <summary>The connection's webhook.</summary>
    /// <remarks>The secret is not included.</remarks>
    /// <response code="200">The address for GitHub, and the last delivery.</response>
    internal static async Task<IResult> GetAsync(string id, HttpContext context, ConnectionStore connections, PersonalWebhooks hooks, PublicAddress here)
    {
        var cancel = context.RequestAborted;
        if (await connections.GetAsync(Caller.Of(context).Person, id, cancel) is null || await hooks.OfAsync(id, cancel) is not { Hook: { } hook } found)
            return Problems.NotFound(ResourceName);
        var item = HookItem.Of(hook, here.Url, hooks.FormerUntil(hook)) with { LastDelivery = found.Last?.At, LastEvent = found.Last?.Event };
        if (found.RefusedAt is { } refused && !(found.Last?.At > refused))
        {
            item = item with
            {
                Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"The last delivery ({refused:yyyy-MM-dd HH:mm} UTC) was refused, because it was signed with SHA-1 alone. Enter the secret again in the hook's settings at GitHub, see to it that the header X-Hub-Signature-256 arrives, and redeliver."),
            };
        }

        if ((await hooks.SecretsAsync(hook, cancel)).Count == 0)
            item = item with { Note = "Its secret can no longer be decrypted, so deliveries are refused. Create a new one and enter it at GitHub." };
        return Results.Json(item, ConnectionsJson.Default.HookItem);
    }

    /// <summary>Create a webhook, or give it a new secret.</summary>
    /// <remarks>For connections to GitHub. Enter `url`, `secret` and `contentType` at GitHub, in the settings of a repository or an organisation you administer, and
    /// choose `events`. Only pull requests that you opened are recorded, and only in your ledger; those in your own repositories only if the connection's option
    /// `ownRepositories` includes them. The previous secret is valid for another 24 hours; to end it at once, delete the hook and create another.</remarks>
    /// <response code="200">It has a new secret, which is shown only this once.</response>
    /// <response code="201">It was created. Its secret is shown only this once.</response>
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

    /// <summary>Delete the webhook.</summary>
    /// <remarks>Its address stops working.</remarks>
    internal static async Task<IResult> EndAsync(string id, HttpContext context, ConnectionStore connections, PersonalWebhooks hooks)
    {
        var isEnded = await connections.GetAsync(Caller.Of(context).Person, id, context.RequestAborted) is not null
            && await hooks.EndAsync(id, context.RequestAborted);
        return isEnded ? Results.NoContent() : Problems.NotFound(ResourceName);
    }
}

internal sealed record HookItem
{
    /// <summary>The address for GitHub to call; absent while no public address is set.</summary>
    public string? Url { get; init; }

    /// <summary>The path of that address.</summary>
    public required string Path { get; init; }

    /// <summary>Only in the response that created it.</summary>
    public string? Secret { get; init; }

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<string> Events { get; init; } = ["pull_request"];

    public required DateTimeOffset Since { get; init; }

    /// <summary>Until when the previous secret is also accepted.</summary>
    public DateTimeOffset? FormerUntil { get; init; }

    /// <summary>Time of the last correctly signed delivery, to the minute.</summary>
    public DateTimeOffset? LastDelivery { get; init; }

    public string? LastEvent { get; init; }

    /// <summary>A note on what is needed to use it.</summary>
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

    /// <summary>Omits the secret.</summary>
    public override string ToString() => Path;
}
