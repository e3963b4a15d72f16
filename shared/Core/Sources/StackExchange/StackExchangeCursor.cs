using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>How far an account was read. Stored: members may be added, never renamed. It does not grow with the number of answers.</summary>
internal sealed record StackExchangeCursor
{
    /// <summary>The filter that adds title, tags and link.</summary>
    public string? Filter { get; init; }

    /// <summary>The site's own name.</summary>
    public string? SiteName { get; init; }

    /// <summary>A hash of each of the newest answers, by id.</summary>
    public IReadOnlyDictionary<string, string>? Recent { get; init; }

    /// <summary>Creation of the newest answer, in Unix seconds.</summary>
    public long Newest { get; init; }

    /// <summary>The current walk through older answers.</summary>
    public AnswerWalk? Walk { get; init; }

    /// <summary>The account had answers, and the site shows none of them any more.</summary>
    public bool IsGone { get; init; }

    /// <summary>The last walk was stopped, because the list did not end.</summary>
    public bool IsCapped { get; init; }

    /// <summary>When all answers were last read; null until the history was read.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>An unreadable cursor starts over, which costs a full read and changes nothing else.</summary>
    public static StackExchangeCursor Parse(string? text) => StackExchangeCursorJson.Default.StackExchangeCursor.ReadOrNull(text) ?? new StackExchangeCursor();

    public string ToText() => JsonSerializer.Serialize(this, StackExchangeCursorJson.Default.StackExchangeCursor);
}

/// <summary>A walk from older answers to newer ones.</summary>
/// <param name="From">Creation to go on at, in Unix seconds; answers of that second are read again.</param>
/// <param name="Page">More than one only if a page has nothing but answers of one second.</param>
/// <param name="IsFull">It began with the first answer.</param>
/// <param name="Read">Pages read so far.</param>
internal sealed record AnswerWalk(long From, int Page, bool IsFull, int Read = 0);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(StackExchangeCursor))]
internal sealed partial class StackExchangeCursorJson : JsonSerializerContext;
