namespace ContributionIngest.Core.Model;

/// <summary>Hub and topic of a place that offers pushes (WebSub).</summary>
/// <param name="Spelling">Another spelling of the topic, under which this hub is known to verify as well.</param>
public sealed record PushOffer(string Hub, string Topic, string? Spelling = null);
