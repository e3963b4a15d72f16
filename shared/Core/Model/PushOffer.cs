namespace ContributionIngest.Core.Model;

/// <summary>The hub and topic of a source that offers push (WebSub).</summary>
/// <param name="Spelling">Another spelling of the topic, which this hub is known to use for verification as well.</param>
public sealed record PushOffer(string Hub, string Topic, string? Spelling = null);
