using System.Text.Json;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>A group on a site like that of Open Community Groups, at which the person speaks: its page, the search and the pages of events.</summary>
internal sealed class GroupSite(World world) : IWorldSite
{
    private const string Community = "cncf";
    private const string Id = "k7r2s9d";

    private readonly WorldChapter group = World.Read<WorldChapter>("group");

    public string Name => group.Site;

    public string Source => "ocg";

    public string Typed => world.Address($"{group.Site}/{Community}/group/{group.Slug}");

    public string About => group.About;

    public Dictionary<string, string> Options => new(StringComparer.Ordinal) { ["role"] = "speaker", ["names"] = world.Person.Name };

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["OpenCommunityGroupsSite"] = world.Address(group.Site) };

    public void Map(RouteGroupBuilder site)
    {
        site.MapGet($"/{Community}/group/{{slug}}", (string slug) => slug == group.Slug || slug == Id ? Page(group.Name, $"<p>{Text(group.About)}</p>") : Results.NotFound());
        site.MapGet($"/{Community}/group/{{slug}}/event/{{key}}", (string key) => group.Events.FirstOrDefault(one => one.Key == key) is { } found ? Page(found) : Results.NotFound());
        site.MapGet("/explore/groups/search", () => Results.Json(new { Groups = new[] { new { Slug = Id, SlugPretty = group.Slug, group.Name } }, Total = 1 }, SnakeCase));
        site.MapGet("/explore/events/search", () => Results.Json(new { Events = group.Events.OrderBy(one => one.Ago).Select(Found), Total = group.Events.Count }, SnakeCase));
    }

    private object Found(WorldChapterEvent one) => new
    {
        EventId = $"00000000-0000-0000-0000-{one.Ago + 1_000:D12}",
        Slug = one.Key,
        Name = one.Title,
        DescriptionShort = one.Text,
        CommunityName = Community,
        GroupName = group.Name,
        GroupSlug = Id,
        GroupSlugPretty = group.Slug,
        Kind = "in-person",
        StartsAt = one.When(world).ToUnixTimeSeconds(),
        EndsAt = one.When(world).AddHours(2).ToUnixTimeSeconds(),
        Timezone = world.Person.Zone,
        Canceled = one.Cancelled,
        Published = true,
    };

    private static IResult Page(WorldChapterEvent one)
    {
        var speakers = string.Concat(one.Speakers.Select(name => $"<user-chip user='{Text(JsonSerializer.Serialize(new { name }))}'></user-chip>\n"));
        return Page(one.Title, $"<p>{Text(one.Text)}</p>\n{(speakers.Length == 0 ? "" : $"<div>\nSpeakers\n</div>\n{speakers}")}");
    }

    private static IResult Page(string title, string body) => Tagged(WorldServer.Page(title, "", $"<h1>{Text(title)}</h1>\n{body}"), "text/html");
}
