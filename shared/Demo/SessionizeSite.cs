using System.Text.Json.Nodes;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The demo's Sessionize: the data that the person publishes as a speaker.</summary>
internal sealed class SessionizeSite(World world) : IWorldSite
{
    private readonly WorldSpeaker speaker = World.Read<WorldSpeaker>("sessionize");

    public string Name => speaker.Site;

    public string Source => "sessionize";

    public string Typed => world.Address($"{speaker.Site}/api/speaker/json/{speaker.Speaker}");

    public string About => speaker.About;

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["SessionizeSite"] = world.Address(speaker.Site) };

    public void Map(RouteGroupBuilder site) => site.MapGet("/api/speaker/json/{id}", (string id) => id == speaker.Speaker ? Tagged(Data().ToJsonString(), "application/json") : Results.NotFound());

    private JsonObject Data()
    {
        var names = world.Person.Name.Split(' ');
        return new()
        {
            ["speaker"] = new JsonObject { ["firstName"] = names[0], ["lastName"] = names[^1] },
            ["sessions"] = new JsonArray([.. speaker.Talks.Select((title, index) => (JsonNode)new JsonObject { ["id"] = 300 + index, ["title"] = title })]),
            ["events"] = new JsonArray([.. speaker.Events.Select(one => (JsonNode)new JsonObject
            {
                ["id"] = one.Id,
                ["name"] = one.Name,
                ["eventStartDate"] = world.Day(one.Ago) + "T00:00:00",
                ["eventEndDate"] = world.Day(one.Ago - one.Days + 1) + "T00:00:00",
                ["location"] = null,
                ["website"] = one.Website,
            })]),
        };
    }
}

/// <summary>The speaker (<c>World/sessionize.json</c>).</summary>
/// <param name="Speaker">The id in the address of the data.</param>
internal sealed record WorldSpeaker(string Site, string Speaker, string About, IReadOnlyList<string> Talks, IReadOnlyList<WorldConference> Events);

/// <param name="Ago">Days before today; negative if it is still to come.</param>
internal sealed record WorldConference(int Id, int Ago, int Days, string Name, string Website);
