using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.Text;

namespace ContributionIngest.Functions.Demo;

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
    private static readonly Duration JustNow = Duration.FromMinutes(20);
    private static readonly LocalTimePattern TimeOfDay = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    private readonly DateTimeZone zone;
    private readonly Instant now;
    private volatile bool isRevised;

    private World(WorldPerson person, IReadOnlyList<WorldBlog> blogs, DateTimeOffset now)
    {
        (Person, Blogs, this.now) = (person, blogs, now.ToInstant());
        zone = DateTimeZoneProviders.Tzdb[person.Zone];
    }

    public WorldPerson Person { get; }

    public IReadOnlyList<WorldBlog> Blogs { get; }

    public IReadOnlyList<WorldProvider> Providers { get; private set; } = [];

    /// <summary>Title of the post that stands in two blogs.</summary>
    public string CrossPosted => Blogs.SelectMany(blog => blog.Posts).First(post => post.From is not null).Title;

    public static World Read(DateTimeOffset now)
    {
        var world = new World(Read("person", WorldJson.Default.WorldPerson), [.. BlogFiles.Select(file => Read(file, WorldJson.Default.WorldBlog))], now);
        world.Providers =
        [
            GitHubWorld.Of(world),
            YouTubeWorld.Of(world),
            MeetupWorld.Of(world),
        ];
        return world;
    }

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

    internal static T Read<T>(string file, JsonTypeInfo<T> type)
    {
        using var stream = typeof(World).Assembly.GetManifestResourceStream($"demo/{file}.json")
            ?? throw new InvalidOperationException($"The demo's {file}.json is not in the program.");
        return JsonSerializer.Deserialize(stream, type) ?? throw new InvalidOperationException($"The demo's {file}.json says nothing.");
    }
}
