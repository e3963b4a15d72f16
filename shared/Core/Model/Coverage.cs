namespace ContributionIngest.Core.Model;

/// <summary>How far back a connection could see.</summary>
/// <param name="Since">The oldest moment the place let us see; null when everything was seen.</param>
/// <param name="Complete">True when the place's whole history was read.</param>
/// <param name="Reason">Why not further back, and what would lift it; in one sentence for people.</param>
public sealed record Coverage(DateTimeOffset? Since, bool Complete, string? Reason);
