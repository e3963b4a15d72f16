namespace ContributionIngest.Web.Ledger;

/// <summary>The address of a list of entries: its filters by the names that the API has for them. Changes nothing; each change gives another address.</summary>
public sealed class LedgerAddress
{
    /// <summary>The path of the list without filters.</summary>
    public const string Root = "/ledger";

    /// <summary>Where a page begins: after an entry, or before one.</summary>
    public const string After = "cursor";

    /// <inheritdoc cref="After"/>
    public const string Before = "before";

    /// <summary>Where a page begins: with this day, month or year, as people type it.</summary>
    public const string At = "at";

    /// <summary>Their values are lists, separated by commas.</summary>
    private static readonly string[] Lists = ["kind", "source", "connection", "topic", "status", "review"];

    private readonly List<KeyValuePair<string, string>> filters;

    private LedgerAddress(IEnumerable<KeyValuePair<string, string>> filters) => this.filters = [.. filters];

    public static LedgerAddress All { get; } = new([]);

    /// <param name="sent">Names and values as a form sends them, where an empty value is no filter.</param>
    public static LedgerAddress Of(IEnumerable<KeyValuePair<string, string>> sent) => new(
        from pair in sent
        from value in Lists.Contains(pair.Key, StringComparer.Ordinal) ? pair.Value.Split(',') : [pair.Value]
        where !string.IsNullOrWhiteSpace(value)
        group value.Trim() by pair.Key into named
        from value in named.Distinct(StringComparer.Ordinal)
        select KeyValuePair.Create(named.Key, value));

    /// <summary>With the question mark, and empty without filters.</summary>
    public string Query => filters.Count == 0 ? "" : "?" + string.Join('&', filters.Select(filter => $"{Uri.EscapeDataString(filter.Key)}={Uri.EscapeDataString(filter.Value)}"));

    public string Path => Root + Query;

    public bool HasFilters => filters.Exists(filter => filter.Key is not (After or Before or At or "order"));

    /// <summary>All pairs in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Filters => filters;

    public IReadOnlyList<string> Values(string name) => [.. filters.Where(filter => filter.Key == name).Select(filter => filter.Value)];

    public string? Value(string name) => Values(name) is [var first, ..] ? first : null;

    public bool Has(string name) => filters.Exists(filter => filter.Key == name);

    public bool Has(string name, string value) => filters.Exists(filter => filter.Key == name && string.Equals(filter.Value, value, StringComparison.OrdinalIgnoreCase));

    /// <summary>Without those filters, and from the first page on.</summary>
    public LedgerAddress Without(params IReadOnlyList<string> names) => new(filters.Where(filter => filter.Key is not (After or Before or At) && !names.Contains(filter.Key, StringComparer.Ordinal)));

    /// <summary>With this value in place of all that the filter has.</summary>
    public LedgerAddress With(string name, string value) => new([.. Without(name).filters, KeyValuePair.Create(name, value)]);
}
