namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Counts, by word, what had to be put right while a document was read.</summary>
internal sealed class Repairs
{
    private readonly List<(string What, int Count)> _counts = [];

    public void Add(string what, int count = 1)
    {
        for (var i = 0; i < _counts.Count; i++)
        {
            if (!ReferenceEquals(_counts[i].What, what)) continue;
            _counts[i] = (what, _counts[i].Count + count);
            return;
        }

        _counts.Add((what, count));
    }

    public IReadOnlyList<Repair> ToList()
    {
        if (_counts.Count == 0) return [];
        var list = new Repair[_counts.Count];
        for (var i = 0; i < list.Length; i++) list[i] = new Repair(_counts[i].What, _counts[i].Count);
        return list;
    }

    public const string Encoding = "encoding";
    public const string InvalidBytes = "invalidBytes";
    public const string ControlCharacter = "controlCharacter";
    public const string LeadingJunk = "leadingJunk";
    public const string BareAmpersand = "bareAmpersand";
    public const string HtmlEntity = "htmlEntity";
    public const string BareLessThan = "bareLessThan";
    public const string UndeclaredPrefix = "undeclaredPrefix";
    public const string MissingEndTag = "missingEndTag";
    public const string StrayEndTag = "strayEndTag";
    public const string BrokenTag = "brokenTag";
    public const string TooDeep = "tooDeep";
    public const string TooManyNamespaces = "tooManyNamespaces";
    public const string Truncated = "truncated";
    public const string UnreadableDate = "unreadableDate";
    public const string RefusedLink = "refusedLink";
    public const string RelativeLink = "unresolvedLink";
    public const string TooLong = "tooLong";
    public const string TooManyEntries = "tooManyEntries";
    public const string WrongType = "wrongType";
    public const string InvalidJson = "invalidJson";
    public const string SkippedEntry = "itemSkipped";
}
