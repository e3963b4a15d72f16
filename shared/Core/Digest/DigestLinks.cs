namespace ContributionIngest.Core.Digest;

/// <summary>What a person can do with one entry right from the mail.</summary>
public enum DigestAction
{
    NotMine,
    Private,
    Edit,
}

/// <summary>Where the lines of a digest lead. What is missing is not offered.</summary>
/// <param name="Ledger">The person's ledger.</param>
/// <param name="Week">This digest on the web.</param>
/// <param name="Settings">Where day, hour and language are set.</param>
/// <param name="Unsubscribe">Ends the digests, without sign-in.</param>
/// <param name="Connection">A connection's own page, by its id.</param>
/// <param name="Act">Signed and for one purpose each, by entry and action.</param>
public sealed record DigestLinks(
    Uri? Ledger,
    Uri? Week,
    Uri? Settings,
    Uri? Unsubscribe,
    Func<string, Uri?> Connection,
    Func<string, DigestAction, Uri?> Act)
{
    public static readonly DigestLinks None = new(null, null, null, null, _ => null, (_, _) => null);
}
