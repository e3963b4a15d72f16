using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContributionIngest.Functions.Demo;

/// <summary>The GitHub of the world: GraphQL and REST below <c>api</c>, and the pages people open.</summary>
internal sealed class GitHubWorld
{
    private const string Api = "/api";
    private const string Token = "demo-token";

    private readonly World world;
    private readonly WorldGitHub hub;

    private GitHubWorld(World world)
    {
        this.world = world;
        hub = World.Read("github", GitHubWorldJson.Default.WorldGitHub);
    }

    public static WorldProvider Of(World world)
    {
        var github = new GitHubWorld(world);
        return new WorldProvider(
            github.hub.Site,
            "github",
            _ => github.hub.Login,
            github.hub.About,
            new Dictionary<string, string>(StringComparer.Ordinal),
            root => new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["GitHubApi"] = new Uri(root, Api[1..]).AbsoluteUri,
                ["GitHubSite"] = root.AbsoluteUri.TrimEnd('/'),
                ["GitHubToken"] = Token,
            },
            github.Answer);
    }

    private async Task Answer(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value ?? "");
        var documents = new GitHubDocuments(hub, world, $"{request.Scheme}://{request.Host}{request.PathBase}");
        if (!path.StartsWith(Api + "/", StringComparison.Ordinal))
            await Page(context, documents.Page(path));
        else if (!string.Equals(request.Headers.Authorization, "Bearer " + Token, StringComparison.Ordinal))
            await Send(context, StatusCodes.Status401Unauthorized, new JsonObject { ["message"] = "Bad credentials", ["documentation_url"] = "https://docs.github.com/rest" });
        else if (path == Api + "/graphql" && HttpMethods.IsPost(request.Method))
            await GraphQl(context, documents);
        else if (documents.Resource(path[(Api.Length + 1)..]) is { } resource)
            await Send(context, StatusCodes.Status200OK, resource);
        else
            await Send(context, StatusCodes.Status404NotFound, new JsonObject { ["message"] = "Not Found", ["documentation_url"] = "https://docs.github.com/rest" });
    }

    private static async Task GraphQl(HttpContext context, GitHubDocuments documents)
    {
        try
        {
            var asked = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            await Send(context, StatusCodes.Status200OK, documents.GraphQl(asked));
        }
        catch (JsonException)
        {
            await Send(context, StatusCodes.Status400BadRequest, new JsonObject { ["message"] = "Problems parsing JSON" });
        }
    }

    private static Task Send(HttpContext context, int status, JsonNode body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers["X-RateLimit-Remaining"] = "4990";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static Task Page(HttpContext context, string? page)
    {
        context.Response.StatusCode = page is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page ?? "<!doctype html><title>Page not found</title><p>This is not the web page you are looking for.</p>", context.RequestAborted);
    }
}
