namespace ContributionIngest.Core.Storage;

/// <summary>The tables. Which rows stand in them is said where they are written.</summary>
public static class TableNames
{
    public const string Harvests = "harvests";
    public const string Ledger = "ledger";

    /// <summary>Leads from what somebody shows (a key, a callback, a place) to whose it is; a prefix of the partition says what it is.</summary>
    public const string Lookups = "lookups";

    public const string People = "people";
    public const string Schedule = "schedule";
}
