namespace ContributionIngest.Functions.Api;

/// <summary>Where people and senders reach this program.</summary>
/// <param name="Url">As it is set, or as the platform says; null where nobody does.</param>
/// <param name="Site">What addresses in mails begin with: the same, or where the program listens on this machine.</param>
public sealed record PublicAddress(Uri? Url, Uri? Site);
