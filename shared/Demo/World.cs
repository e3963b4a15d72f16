using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.Text;

namespace ContributionIngest.Demo;

/// <summary>A post as its site currently shows it.</summary>
/// <param name="Path">Path below the world's root, such as <c>blog.example/a-post/</c>.</param>
/// <param name="Key">Stays the same when the post is revised.</param>
internal sealed record WorldEntry(
    string Path, string Key, string Title, string Text, IReadOnlyList<string> Topics, string Author, DateTimeOffset When, DateTimeOffset Updated);

/// <summary>
/// The bundled demo world: an invented person's year. The files in <c>World</c> give dates as days before today, so that the year ends now.
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

    /// <summary>The base address of all sites, with a trailing slash; set once the server runs.</summary>
    public Uri? Root { get; set; }

    /// <summary>Title of the post published on two blogs.</summary>
    public string CrossPosted => Blogs.SelectMany(blog => blog.Posts).First(post => post.From is not null).Title;

    public static World Read(DateTimeOffset now) => new(now);

    /// <param name="path">Starts with a site's name.</param>
    public string Address(string path) => new Uri(Root!, path).AbsoluteUri;

    /// <summary>From now on, the sites show the revised version of posts that have a <see cref="WorldPost.Later"/>.</summary>
    public void Revise() => isRevised = true;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<WorldEntry> Entries(WorldBlog blog) =>
        [.. blog.Posts.Select(post => Entry(blog, post)).OrderByDescending(entry => entry.When).ThenBy(entry => entry.Path, StringComparer.Ordinal)];

    /// <summary>The date a number of days ago in the person's time zone, as <c>yyyy-MM-dd</c>.</summary>
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

        // If that time is still ahead today, the post appears as published just now.
        return (at <= now ? at : Instant.FromUnixTimeSeconds((now - JustNow).ToUnixTimeSeconds() / 60 * 60)).ToDateTimeOffset();
    }

    /// <summary>A time (<c>HH:mm</c>) in the person's time zone, a number of days ago; negative if in the future.</summary>
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

/// <summary>The person the world is about (<c>World/person.json</c>).</summary>
/// <param name="Zone">IANA time zone of all times of day.</param>
/// <param name="About">Continues the sentence after the name, such as "writes software in Malmö".</param>
/// <param name="Topics">Where topics belong that no table knows: an area of the Microsoft MVP programme by topic.</param>
internal sealed record WorldPerson(string Name, string City, string Zone, string About, WorldTalk Talk, IReadOnlyDictionary<string, string> Topics);

/// <summary>The talk that the person logs by hand.</summary>
/// <param name="Ago">Days before today.</param>
internal sealed record WorldTalk(int Ago, string Title, string Url, string Summary, string Note, IReadOnlyList<string> Topics, int Attendees, int Minutes);

/// <summary>A blog; each has its own file in <c>World</c>.</summary>
/// <param name="Site">Its invented host, which is the first path segment on loopback.</param>
/// <param name="Format"><c>rss</c>, <c>atom</c> or <c>json</c>.</param>
/// <param name="IsShared">Whether others write there too; if so, the connection filters by the person as author.</param>
/// <param name="Workdays">Whether posts dated on a weekend are published on the preceding Friday instead.</param>
/// <param name="PageSize">Entries per page of the feed.</param>
internal sealed record WorldBlog(
    string Site, string Format, string Title, string About, bool IsShared, bool Workdays, int PageSize, IReadOnlyList<WorldPost> Posts);

/// <param name="Ago">Days before today.</param>
/// <param name="At">Time of day, <c>HH:mm</c>.</param>
/// <param name="By">The author; absent for the person.</param>
/// <param name="From">The site of the blog that first published it under the same title; date, text and address come from there.</param>
/// <param name="Later">Changes made by its revision.</param>
internal sealed record WorldPost(
    string Title, int Ago = 0, string At = "12:00", string Text = "", IReadOnlyList<string>? Topics = null, string? By = null, string? From = null, WorldChange? Later = null);

/// <summary>The changed fields; others are absent.</summary>
internal sealed record WorldChange(string? Title = null, int? Ago = null);

/// <summary>A blog or provider of the demo world. It responds on loopback as the real one does, but knows only the invented person.</summary>
internal interface IWorldSite
{
    /// <summary>Its invented host, which is the first path segment on loopback.</summary>
    string Name { get; }

    /// <summary>Name of the source that reads it.</summary>
    string Source { get; }

    /// <summary>What the person types to connect.</summary>
    string Typed { get; }

    /// <summary>A short description for the demo's viewers.</summary>
    string About { get; }

    /// <summary>Options of the connection.</summary>
    Dictionary<string, string> Options => [];

    /// <summary>Settings that direct the program's requests to this site.</summary>
    Dictionary<string, string?> Settings => [];

    /// <param name="site">The route group of everything below <see cref="Name"/>.</param>
    void Map(RouteGroupBuilder site);
}
