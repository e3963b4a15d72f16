namespace ContributionIngest.Formats;

/// <summary>Counts, by word, what had to be put right while a document was read.</summary>
internal sealed class RepairLog
{
    private List<Counter>? _counts;

    public void Add(string what, int count = 1)
    {
        _counts ??= [];
        foreach (var known in _counts)
        {
            if (!ReferenceEquals(known.What, what)) continue;
            known.Count += count;
            return;
        }

        _counts.Add(new Counter { What = what, Count = count });
    }

    public IReadOnlyList<Repair> ToList() =>
        _counts is null ? [] : _counts.ConvertAll(counter => new Repair(counter.What, counter.Count));

    private sealed class Counter
    {
        public required string What { get; init; }

        public int Count { get; set; }
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
    public const string InvalidJson = "invalidJson";
    public const string UnpairedSurrogate = "loneSurrogate";
    public const string ItemSkipped = "itemSkipped";
}
