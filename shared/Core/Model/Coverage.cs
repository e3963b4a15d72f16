namespace ContributionIngest.Core.Model;

/// <summary>How far back a connection can see.</summary>
/// <param name="Since">The earliest time the source lets us read; null when everything was read.</param>
/// <param name="Complete">True when the source's whole history was read.</param>
/// <param name="Reason">Why it reaches no further back and what would change that, in one sentence for people.</param>
public sealed record Coverage(DateTimeOffset? Since, bool Complete, string? Reason);
