using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Model;

/// <summary>The hub and topic of a source that offers push (WebSub).</summary>
/// <param name="Spelling">Another spelling of the topic, which this hub is known to use for verification as well.</param>
/// <param name="OtherHubs">Other hubs of the topic, separated by spaces.</param>
public sealed record PushOffer(string Hub, string Topic, string? Spelling = null, string? OtherHubs = null)
{
    /// <summary>A place may go on showing for hours what was before a delivery.</summary>
    public static readonly TimeSpan LongestLag = TimeSpan.FromHours(12);

    private const int MaxHubs = 3;

    /// <summary>The hubs, the one to ask first in front; a few are enough.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Hubs => [Hub, .. OtherHubs?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []];

    /// <summary>Null without a hub.</summary>
    public static PushOffer? Of(IEnumerable<string> hubs, string topic)
    {
        var all = hubs.Where(hub => !hub.Contains(' ', StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Take(MaxHubs).ToList();
        return all.Count == 0 ? null : new PushOffer(all[0], topic, OtherHubs: all.Count == 1 ? null : string.Join(' ', all.Skip(1)));
    }
}
