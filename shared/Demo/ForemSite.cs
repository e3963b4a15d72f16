using System.Globalization;
using System.Text.Json.Nodes;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>A community of the demo that runs Forem: the list of the person's articles, and their pages.</summary>
internal sealed class ForemSite(World world) : IWorldSite
{
    private readonly WorldForem forem = World.Read<WorldForem>("forem");

    public string Name => forem.Site;

    public string Source => "forem";

    public string Typed => world.Address($"{forem.Site}/{forem.Username}");

    public string About => forem.About;

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["ForemSite"] = world.Address(forem.Site) };

    public void Map(RouteGroupBuilder site)
    {
        site.MapGet("/api/users/by_username", (string url) => url == forem.Username
            ? Tagged(new JsonObject { ["username"] = forem.Username, ["name"] = world.Person.Name }.ToJsonString(), "application/json")
            : Results.NotFound());
        site.MapGet("/api/articles", (string username) => Tagged(new JsonArray(username == forem.Username ? [.. forem.Articles.Select(Item)] : []).ToJsonString(), "application/json"));
        site.MapGet("/{name}/{slug}", (string name, string slug) => forem.Articles.FirstOrDefault(article => Slug(article) == slug) is { } found && name == forem.Username
            ? Tagged(Page(found.Title, "", $"<h1>{Text(found.Title)}</h1>\n<p>{Text(found.Text)}</p>"), "text/html")
            : Results.NotFound());
    }

    private JsonObject Item(WorldArticle article) => new()
    {
        ["id"] = article.Id,
        ["title"] = article.Title,
        ["description"] = article.Text,
        ["url"] = $"{Typed}/{Slug(article)}",
        ["canonical_url"] = $"{Typed}/{Slug(article)}",
        ["published_at"] = world.When(article.Ago, article.At).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["public_reactions_count"] = article.Reactions,
        ["comments_count"] = article.Comments,
        ["tag_list"] = new JsonArray([.. article.Topics.Select(topic => (JsonNode)topic)]),
        ["user"] = new JsonObject { ["name"] = world.Person.Name, ["username"] = forem.Username },
    };

    private static string Slug(WorldArticle article) => string.Create(CultureInfo.InvariantCulture, $"article-{article.Id}");
}

/// <summary>The profile (<c>World/forem.json</c>).</summary>
internal sealed record WorldForem(string Site, string Username, string About, IReadOnlyList<WorldArticle> Articles);

internal sealed record WorldArticle(int Id, int Ago, string At, int Reactions, int Comments, IReadOnlyList<string> Topics, string Title, string Text);
