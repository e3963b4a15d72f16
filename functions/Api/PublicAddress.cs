namespace ContributionIngest.Functions.Api;

/// <summary>The addresses at which this installation is reached.</summary>
/// <param name="Url">The public address from the settings or the platform; null if neither provides one.</param>
/// <param name="Site">The base of links in mails: the same, or the local address the program listens on.</param>
public sealed record PublicAddress(Uri? Url, Uri? Site);
