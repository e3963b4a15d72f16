using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>How far a chapter was read. Stored: members may be added, never renamed.</summary>
internal sealed record BevyCursor
{
    /// <summary>Characters for the events that are awaited.</summary>
    public const int TrackedLength = 11_000;

    private const int LongestValidator = 300;

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Of the coming events on the chapter's page.</summary>
    public string? Hash { get; init; }

    public string? Title { get; init; }

    /// <summary>Time of the first read.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The connection's options; a change means that everything is read again.</summary>
    public string? Options { get; init; }

    public RobotsState? Robots { get; init; }

    public IReadOnlyList<TrackedEvent> Events { get; init; } = [];

    public DateTimeOffset? Forgotten { get; init; }

    /// <summary>Pages of events that were read: a mark of each, one after the other.</summary>
    public string Pages { get; init; } = "";

    /// <summary>What the person does at awaited events, by their ids.</summary>
    public IReadOnlyDictionary<string, string>? Parts { get; init; }

    /// <summary>Versions of the sitemaps that were read, by their keys.</summary>
    public IReadOnlyDictionary<string, string>? Sitemaps { get; init; }

    /// <summary>When the sitemaps were last looked at to the end.</summary>
    public DateTimeOffset? ScannedAt { get; init; }

    /// <summary>All sitemaps were read once.</summary>
    public bool IsPastRead { get; init; }

    /// <summary>The site has no sitemap, or does not let programs read it.</summary>
    public bool IsPastHidden { get; init; }

    /// <summary>Start of the oldest event that was read.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>An unreadable cursor starts over, which costs a full read and changes nothing else.</summary>
    public static BevyCursor Parse(string? text) => BevyCursorJson.Default.BevyCursor.ReadOrNull(text) ?? new BevyCursor();

    /// <summary>For a full read; tracked events keep their ids.</summary>
    public BevyCursor Restarted() => this with { ETag = null, LastModified = null, Hash = null, Pages = "", Sitemaps = null, ScannedAt = null, IsPastRead = false };

    public BevyCursor WithPage(Fetched answer, ChapterPage page) =>
        this with { ETag = Short(answer.Header("ETag")), LastModified = Short(answer.Header("Last-Modified")), Title = page.Title ?? Title };

    public string ToText() => JsonSerializer.Serialize(this, BevyCursorJson.Default.BevyCursor);

    private static string? Short(string? validator) => validator?.Length <= LongestValidator ? validator : null;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(BevyCursor))]
internal sealed partial class BevyCursorJson : JsonSerializerContext;
