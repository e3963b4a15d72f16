namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Which Meetup, and with what rights.</summary>
/// <param name="Api">GraphQL, <c>gql-ext</c>.</param>
/// <param name="Site">What people type and open; public iCal is below it.</param>
/// <param name="Token">Reads past events, for everybody; null: only what is public.</param>
public sealed record MeetupOptions(Uri Api, Uri Site, string? Token)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => Api.AbsoluteUri;
}
