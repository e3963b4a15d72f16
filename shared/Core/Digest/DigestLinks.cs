namespace ContributionIngest.Core.Digest;

/// <summary>What a person can do right from the mail, with an entry or a connection.</summary>
public enum DigestAction
{
    NotMine,
    Private,
    Edit,
    Connection,

    /// <summary>Something of a kind that is missing is logged.</summary>
    Log,
}

/// <summary>Where the lines of a digest lead, without sign-in. What is missing is not offered.</summary>
/// <param name="Week">This digest on the web.</param>
/// <param name="Settings">Where day, hour and language are set.</param>
/// <param name="Unsubscribe">Ends the digests.</param>
/// <param name="Act">Signed and for one purpose each, by entry, connection or kind, and action.</param>
public sealed record DigestLinks(Uri? Week, Uri? Settings, Uri? Unsubscribe, Func<string, DigestAction, Uri?> Act)
{
    public static readonly DigestLinks None = new(null, null, null, (_, _) => null);
}
