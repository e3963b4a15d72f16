namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Which entries of a shared blog are the person's: names compared without regard to case and spacing.</summary>
internal sealed class AuthorFilter
{
    private static readonly string[] Separators = [",", ";", "&", " and ", " und ", " et ", " y ", "|"];

    private readonly HashSet<string> names;

    /// <param name="option">Names separated by commas; null or empty lets everything through.</param>
    public AuthorFilter(string? option) => names = [.. (option ?? "").Split(',').Select(Folded).Where(name => name.Length > 0)];

    public bool IsOpen => names.Count == 0;

    /// <summary>The whole text, or one of several authors it names.</summary>
    public bool Lets(string author) =>
        names.Contains(Folded(author))
        || author.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Any(name => names.Contains(Folded(name)));

    private static string Folded(string name) =>
        string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}
