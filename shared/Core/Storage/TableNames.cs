namespace ContributionIngest.Core.Storage;

/// <summary>The tables. The types that write the rows document them.</summary>
public static class TableNames
{
    public const string Harvests = "harvests";
    public const string Ledger = "ledger";

    /// <summary>Maps what a caller presents (a key, a callback, an origin) to its owner; a prefix of the partition names the kind of lookup.</summary>
    public const string Lookups = "lookups";

    public const string People = "people";
    public const string Schedule = "schedule";
}
