using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>What is kept of an event that was listed as coming, so that it is known again under another id and when its listing has forgotten it.</summary>
internal sealed record KnownEvent
{
    /// <summary>The id it has in the ledger.</summary>
    [JsonPropertyName("i")]
    public required string Id { get; init; }

    /// <summary>Its other ids.</summary>
    [JsonPropertyName("n")]
    public IReadOnlyList<string>? Names { get; init; }

    [JsonPropertyName("s")]
    public DateTimeOffset Start { get; init; }

    [JsonPropertyName("e")]
    public DateTimeOffset? End { get; init; }

    [JsonPropertyName("d")]
    public bool IsDay { get; init; }

    [JsonPropertyName("t")]
    public string? Title { get; init; }

    [JsonPropertyName("u")]
    public string? Url { get; init; }

    [JsonPropertyName("k")]
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>It takes place, as far as is known: once its time has come the ledger is told so.</summary>
    [JsonPropertyName("w")]
    public bool IsAwaited { get; init; }

    [JsonPropertyName("f")]
    public bool IsSteady { get; init; }

    public static KnownEvent Of(ListedEvent listed, string id) => new()
    {
        Id = id,
        Names = listed.Names.Where(name => name != id).ToList() is { Count: > 0 } names ? names : null,
        Start = listed.Start,
        End = listed.End,
        IsDay = listed.IsDay,
        Title = listed.Title,
        Url = listed.Url,
        Topics = listed.Topics.Count > 0 ? listed.Topics : null,
        IsAwaited = !listed.IsCancelled,
        IsSteady = listed.IsSteady,
    };

    public ListedEvent ToListed() => new([Id], Start)
    {
        IsSteady = IsSteady,
        End = End,
        IsDay = IsDay,
        Title = Title,
        Url = Url,
        Topics = Topics ?? [],
    };
}
