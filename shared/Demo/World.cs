using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.Text;

namespace ContributionIngest.Demo;

/// <summary>A post as its site shows it now.</summary>
/// <param name="Path">Below the world's root, e.g. <c>blog.example/a-post/</c>.</param>
/// <param name="Key">Stays the same whatever becomes of the post.</param>
internal sealed record WorldEntry(
    string Path, string Key, string Title, string Text, IReadOnlyList<string> Topics, string Author, DateTimeOffset When, DateTimeOffset Updated);

/// <summary>
/// The bundled world: an invented person's year, as the files in <c>World</c> tell it in days before today, laid out so that it ends now.
/// </summary>
internal sealed class World
{
    private static readonly string[] BlogFiles = ["quayside", "pebblesync", "below-deck"];
    private static readonly JsonSerializerOptions FileFormat = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
    private static readonly Duration JustNow = Duration.FromMinutes(20);
    private static readonly LocalTimePattern TimeOfDay = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    private readonly DateTimeZone zone;
    private readonly Instant now;
    private volatile bool isRevised;

    private World(DateTimeOffset now)
    {
        this.now = now.ToInstant();
        zone = DateTimeZoneProviders.Tzdb[Person.Zone];
        Sites = [.. Blogs.Select(blog => new BlogSite(blog, this)), new GitHubSite(this), new YouTubeSite(this), new MeetupSite(this)];
    }

    public WorldPerson Person { get; } = Read<WorldPerson>("person");

    public IReadOnlyList<WorldBlog> Blogs { get; } = [.. BlogFiles.Select(Read<WorldBlog>)];

    public IReadOnlyList<IWorldSite> Sites { get; }

    /// <summary>Where all sites are served below, with a slash at the end; known once they are.</summary>
    public Uri? Root { get; set; }

    /// <summary>Title of the post that stands in two blogs.</summary>
    public string CrossPosted => Blogs.SelectMany(blog => blog.Posts).First(post => post.From is not null).Title;

    public static World Read(DateTimeOffset now) => new(now);

    /// <param name="path">Begins with a site's name.</param>
    public string Address(string path) => new Uri(Root!, path).AbsoluteUri;

    /// <summary>From now on the sites show what became of the posts that have a <see cref="WorldPost.Later"/>.</summary>
    public void Revise() => isRevised = true;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<WorldEntry> Entries(WorldBlog blog) =>
        [.. blog.Posts.Select(post => Entry(blog, post)).OrderByDescending(entry => entry.When).ThenBy(entry => entry.Path, StringComparer.Ordinal)];

    /// <summary>The day of the person that many days ago, as <c>yyyy-MM-dd</c>.</summary>
    public string Day(int ago) => Date(ago).ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);

    private WorldEntry Entry(WorldBlog blog, WorldPost post)
    {
        if (post.From is { } from)
        {
            var first = Blogs.First(other => string.Equals(other.Site, from, StringComparison.Ordinal));
            return Entry(first, first.Posts.First(other => string.Equals(other.Title, post.Title, StringComparison.Ordinal)));
        }

        var key = Slug(post.Title);
        var when = When(blog, post, post.Ago);
        var later = isRevised ? post.Later : null;
        return new WorldEntry(
            $"{blog.Site}/{key}/",
            key,
            later?.Title ?? post.Title,
            post.Text,
            post.Topics ?? [],
            post.By ?? Person.Name,
            later?.Ago is { } ago ? When(blog, post, ago) : when,
            later is null ? when : now.ToDateTimeOffset());
    }

    private DateTimeOffset When(WorldBlog blog, WorldPost post, int ago)
    {
        var day = Date(ago);
        if (blog.Workdays && day.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday)
            day = day.With(DateAdjusters.Previous(IsoDayOfWeek.Friday));
        var at = At(day, post.At);

        // Today has not got that far yet: it was posted just now.
        return (at <= now ? at : Instant.FromUnixTimeSeconds((now - JustNow).ToUnixTimeSeconds() / 60 * 60)).ToDateTimeOffset();
    }

    /// <summary>That time of the person's day (<c>HH:mm</c>), so many days ago; negative: to come.</summary>
    public DateTimeOffset When(int ago, string at) => At(Date(ago), at).ToDateTimeOffset();

    private Instant At(LocalDate day, string at) => zone.AtLeniently(day + TimeOfDay.Parse(at).Value).ToInstant();

    private LocalDate Date(int ago) => now.InZone(zone).Date.PlusDays(-ago);

    private static string Slug(string title)
    {
        var letters = title.Where(c => c is not '\'' and not '’').Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        return string.Join('-', string.Concat(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
    }

    internal static T Read<T>(string file)
    {
        using var stream = typeof(World).Assembly.GetManifestResourceStream($"demo/{file}.json")!;
        return JsonSerializer.Deserialize<T>(stream, FileFormat)!;
    }
}

/// <summary>Who the world is about (<c>World/person.json</c>).</summary>
/// <param name="Zone">IANA name; her times of day are in it.</param>
/// <param name="About">Goes on after the name, e.g. "writes software in Malmö".</param>
internal sealed record WorldPerson(string Name, string City, string Zone, string About, WorldTalk Talk);

/// <summary>What she logs by hand.</summary>
/// <param name="Ago">Days before today.</param>
internal sealed record WorldTalk(int Ago, string Title, string Url, string Summary, string Note, IReadOnlyList<string> Topics, int Attendees, int Minutes);

/// <summary>One blog (a file of its own in <c>World</c>).</summary>
/// <param name="Site">Its invented host; on loopback it is the first part of the path.</param>
/// <param name="Format"><c>rss</c>, <c>atom</c> or <c>json</c>.</param>
/// <param name="IsShared">Others write there too, so that the connection names her as author.</param>
/// <param name="Workdays">Nothing is published at weekends: what would be is out on the Friday before.</param>
/// <param name="PageSize">Entries a page of the feed has.</param>
internal sealed record WorldBlog(
    string Site, string Format, string Title, string About, bool IsShared, bool Workdays, int PageSize, IReadOnlyList<WorldPost> Posts);

/// <param name="Ago">Days before today.</param>
/// <param name="At">Time of day, <c>HH:mm</c>.</param>
/// <param name="By">Who wrote it; absent for the person.</param>
/// <param name="From">The site of the blog it was first published on, under the same title; date, text and address are from there.</param>
/// <param name="Later">What it says after its revision.</param>
internal sealed record WorldPost(
    string Title, int Ago = 0, string At = "12:00", string Text = "", IReadOnlyList<string>? Topics = null, string? By = null, string? From = null, WorldChange? Later = null);

/// <summary>Only what changes is given.</summary>
internal sealed record WorldChange(string? Title = null, int? Ago = null);

/// <summary>A blog or a provider of the world: it answers on loopback as the real one does, for the invented person alone.</summary>
internal interface IWorldSite
{
    /// <summary>Its invented host; on loopback it is the first part of the path.</summary>
    string Name { get; }

    /// <summary>The source that reads it.</summary>
    string Source { get; }

    /// <summary>What the person types to connect.</summary>
    string Typed { get; }

    /// <summary>What is there, for people who watch.</summary>
    string About { get; }

    /// <summary>Of the connection.</summary>
    Dictionary<string, string> Options => [];

    /// <summary>What the program has to be told so that it asks here.</summary>
    Dictionary<string, string?> Settings => [];

    /// <param name="site">Everything below <see cref="Name"/>.</param>
    void Map(RouteGroupBuilder site);
}
