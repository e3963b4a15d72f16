namespace ContributionIngest.Core.Digests;

/// <summary>Something to do, by a link.</summary>
public sealed record DigestLink(string Text, Uri Address);

/// <param name="IsName">Somebody else chose it, in whatever script.</param>
public sealed record DigestFact(string Text, bool IsName = false);

/// <summary>One line of a section: a title, possibly linked, what is known of it, and what can be done.</summary>
public sealed record DigestLine(string Title, Uri? Link, IReadOnlyList<DigestFact> Facts, IReadOnlyList<DigestLink> Acts);

/// <param name="More">About the lines that are not shown.</param>
public sealed record DigestSection(string Heading, IReadOnlyList<DigestLine> Lines, string? More = null)
{
    /// <summary>What can be done beside the lines.</summary>
    public IReadOnlyList<DigestLink> Acts { get; init; } = [];
}

/// <param name="Name">Of the weekday.</param>
/// <param name="Number">Of the month.</param>
/// <param name="Count">Empty if there is nothing.</param>
/// <param name="Heat">0 for none, up to <see cref="MaxHeat"/> for the busiest.</param>
public sealed record DigestDay(string Name, int Number, string Count, int Heat)
{
    public const int MaxHeat = 4;
}

/// <summary>A digest's content in its language and order, rendered by the page and by both parts of the mail.</summary>
/// <param name="Week">Which week it is about.</param>
/// <param name="Headline">What the week brought; also the subject of the mail.</param>
/// <param name="Why">Why it is sent, and what its links do.</param>
public sealed record DigestParts(
    string Language,
    string Week,
    string Headline,
    IReadOnlyList<string> Opening,
    IReadOnlyList<DigestDay> Days,
    IReadOnlyList<DigestSection> Sections,
    string Why,
    IReadOnlyList<DigestLink> Foot)
{
    public static DigestParts Of(WeekDigest digest, DigestLinks links) => new DigestComposer(digest, links).Parts();
}

/// <summary>Renders the HTML part of a digest's mail.</summary>
public delegate Task<string> DigestMailHtml(DigestParts parts);
