using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>How far a group was read. Stored: members may be added, never renamed.</summary>
internal sealed record GroupCursor
{
    /// <summary>Characters for the events that are awaited.</summary>
    public const int TrackedLength = 14_000;

    /// <summary>Of the first page of events, once all pages were read.</summary>
    public string? Hash { get; init; }

    /// <summary>The connection's options; a change means that everything is read again.</summary>
    public string? Options { get; init; }

    public RobotsState? Robots { get; init; }

    public IReadOnlyList<TrackedEvent> Events { get; init; } = [];

    public DateTimeOffset? Forgotten { get; init; }

    /// <summary>Events before the page to read next, while the pages are being read; and the hash of the first page then.</summary>
    public int? Offset { get; init; }

    /// <inheritdoc cref="Offset"/>
    public string? FirstHash { get; init; }

    /// <summary>Start of the oldest event.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Pages of events that were read for their people: a mark of each, one after the other.</summary>
    public string Pages { get; init; } = "";

    /// <summary>What the person does at awaited events, by their ids.</summary>
    public IReadOnlyDictionary<string, string>? Parts { get; init; }

    /// <summary>When pages of events that could not be read are tried again.</summary>
    public RetryState? Retry { get; init; }

    /// <summary>An unreadable cursor starts over, which costs a full read and changes nothing else.</summary>
    public static GroupCursor Parse(string? text) => GroupCursorJson.Default.GroupCursor.ReadOrNull(text) ?? new GroupCursor();

    /// <summary>For a full read; tracked events keep their ids.</summary>
    public GroupCursor Restarted() => this with { Hash = null, Offset = null, FirstHash = null, Pages = "", Retry = null };

    public GroupCursor With(EventTracker tracker, PageMarks marks, Dictionary<string, string> parts)
    {
        var awaited = tracker.Events.Where(known => parts.ContainsKey(known.Id)).ToDictionary(known => known.Id, known => parts[known.Id], StringComparer.Ordinal);
        return this with { Events = tracker.Events, Forgotten = tracker.EarliestDropped, Pages = marks.ToString(), Parts = awaited.Count == 0 ? null : awaited };
    }

    public string ToText() => JsonSerializer.Serialize(this, GroupCursorJson.Default.GroupCursor);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(GroupCursor))]
internal sealed partial class GroupCursorJson : JsonSerializerContext;
