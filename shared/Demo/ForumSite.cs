using System.Globalization;
using System.Text.Json.Nodes;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>A forum of the demo that runs Discourse: what it shows of the person's posts.</summary>
internal sealed class ForumSite(World world) : IWorldSite
{
    private readonly WorldForum forum = World.Read<WorldForum>("discourse");

    public string Name => forum.Site;

    public string Source => "discourse";

    public string Typed => world.Address($"{forum.Site}/u/{forum.Username}");

    public string About => forum.About;

    public void Map(RouteGroupBuilder site)
    {
        site.MapGet("/site/basic-info.json", () => Json(new JsonObject { ["title"] = forum.Forum }));
        site.MapGet("/u/{name}.json", (string name) => name == forum.Username
            ? Json(new JsonObject { ["user"] = new JsonObject { ["username"] = forum.Username, ["name"] = world.Person.Name } })
            : Results.NotFound());
        site.MapGet("/solution/by_user.json", (int offset) => Json(new JsonObject
        {
            ["user_solved_posts"] = new JsonArray([.. forum.Posts.Where(post => post.Solved).Skip(offset).Select(post => Row(post, "topic_title", "cooked"))]),
        }));
        site.MapGet("/user_actions.json", (string filter, int offset) => Json(new JsonObject
        {
            ["user_actions"] = new JsonArray([.. forum.Posts.Where(_ => filter.Contains('5', StringComparison.Ordinal)).Skip(offset).Select(post => Row(post, "title", "excerpt"))]),
        }));
        site.MapGet("/t/{slug}/{topic:int}/{number:int}", (int topic, int number) => forum.Posts.FirstOrDefault(post => post.Topic == topic && post.Number == number) is { } found
            ? Tagged(Page(found.Title, "", $"<h1>{Text(found.Title)}</h1>\n<p>{Text(found.Text)}</p>"), "text/html")
            : Results.NotFound());
    }

    private JsonObject Row(WorldForumPost post, string title, string text) => new()
    {
        ["action_type"] = 5,
        ["created_at"] = world.When(post.Ago, post.At).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        ["topic_id"] = post.Topic,
        ["post_number"] = post.Number,
        ["slug"] = "topic",
        [title] = post.Title,
        [text] = $"<p>{Text(post.Text)}</p>",
    };

    private static IResult Json(JsonObject body) => Tagged(body.ToJsonString(), "application/json");
}

/// <summary>The forum (<c>World/discourse.json</c>).</summary>
/// <param name="Forum">Its name.</param>
internal sealed record WorldForum(string Site, string Forum, string Username, string About, IReadOnlyList<WorldForumPost> Posts);

internal sealed record WorldForumPost(int Ago, string At, int Topic, int Number, bool Solved, string Title, string Text);
