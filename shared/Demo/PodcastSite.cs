using System.Globalization;
using System.Xml.Linq;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>A podcast of others, in one episode of which the person is a guest (https://podcastindex.org/namespace/1.0).</summary>
internal sealed class PodcastSite(World world) : IWorldSite
{
    private static readonly XNamespace Podcast = "https://podcastindex.org/namespace/1.0";

    private readonly WorldPodcast podcast = World.Read<WorldPodcast>("podcast");

    public string Name => podcast.Site;

    public string Source => "feed";

    public string Typed => world.Address(podcast.Site + "/feed.xml");

    public string About => podcast.About;

    public Dictionary<string, string> Options => new(StringComparer.Ordinal) { ["names"] = world.Person.Name };

    public void Map(RouteGroupBuilder site)
    {
        site.MapGet("/feed.xml", () => Tagged(Feed().ToString(), "application/rss+xml"));
        site.MapGet("/{number:int}", (int number) => podcast.Episodes.FirstOrDefault(one => one.Number == number) is { } found
            ? Tagged(Page(found.Title, "", $"<h1>{Text(found.Title)}</h1>\n<p>{Text(found.Text)}</p>"), "text/html")
            : Results.NotFound());
    }

    private XElement Feed() => new(
        "rss",
        new XAttribute("version", "2.0"),
        new XAttribute(XNamespace.Xmlns + "podcast", Podcast),
        new XElement(
            "channel",
            new XElement("title", podcast.Title),
            new XElement("link", world.Address(podcast.Site + "/")),
            new XElement("description", podcast.About),
            podcast.Episodes.Select(one => new XElement(
                "item",
                new XElement("title", one.Title),
                new XElement("link", Address(one)),
                new XElement("guid", new XAttribute("isPermaLink", "false"), $"{podcast.Site}/{one.Number}"),
                new XElement("pubDate", world.When(one.Ago, "06:00").ToString("r", CultureInfo.InvariantCulture)),
                new XElement("description", one.Text),
                new XElement(Podcast + "person", new XAttribute("role", "guest"), one.Guest),
                new XElement("enclosure", new XAttribute("url", Address(one) + "audio.mp3"), new XAttribute("type", "audio/mpeg"), new XAttribute("length", 21_000_000))))));

    private string Address(WorldEpisode one) => world.Address($"{podcast.Site}/{one.Number.ToString(CultureInfo.InvariantCulture)}/");
}

/// <summary>The podcast (<c>World/podcast.json</c>).</summary>
internal sealed record WorldPodcast(string Site, string Title, string About, IReadOnlyList<WorldEpisode> Episodes);

/// <param name="Ago">Days before today.</param>
internal sealed record WorldEpisode(int Number, int Ago, string Title, string Text, string Guest);
