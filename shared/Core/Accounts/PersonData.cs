using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Accounts;

/// <summary>
/// Where the rows of a person are: what a deletion removes and a backup copies. The partitions of tables <c>ledger</c> and <c>people</c> are people, those of
/// <c>harvests</c> begin with one, and the rows of <c>lookups</c> and <c>schedule</c> name one. Hooks and subscriptions are found by a person's connections
/// (<see cref="Push.WebhookStore.RowsAsync"/>, <see cref="Push.SubscriptionStore.RowsAsync"/>).
/// </summary>
public static class PersonData
{
    private const string Person = "person";

    /// <summary>Tables whose partitions are people.</summary>
    public static readonly IReadOnlyList<string> Partitioned = [TableNames.Ledger, TableNames.People];

    /// <summary>The person's rows of a table in <see cref="Partitioned"/>.</summary>
    public static IAsyncEnumerable<Row> Rows(ITable table, string name, string person, int? limit, CancellationToken cancel) =>
        table.RangeAsync(name, person, " ", "~", limit, cancel);

    /// <summary>The reports of the person's harvests.</summary>
    public static IAsyncEnumerable<Row> Reports(ITable table, string person, CancellationToken cancel) =>
        table.ScanAsync(TableNames.Harvests, person + "|", person + "}", cancel);

    /// <summary>Whom a row is about; null if it is about nobody, or is found by a connection.</summary>
    public static string? OwnerOf(string table, Row row) => table switch
    {
        TableNames.Ledger or TableNames.People => row.Partition,
        TableNames.Harvests => row.Partition.Split('|') is [var person, _] ? person : null,
        TableNames.Schedule => OfSchedule(row),
        _ => OfLookup(row),
    };

    /// <summary>Whether the row is that of a hook or a subscription, which a connection leads to.</summary>
    public static bool IsOfConnection(Row row) => KindOf(row) switch
    {
        "h" => row.Partition != "h|app",
        "hc" or "wc" => true,
        "ws" => row.Key == "s",
        _ => false,
    };

    // Rows of subscriptions have the subscription in place of a person.
    private static string? OfSchedule(Row row) => row.Key.Split('|') is [_, not "push", var person, _] ? person : null;

    private static string? OfLookup(Row row) => KindOf(row) switch
    {
        "people" => row.Key,
        "owner" when row.Key == Person => Named(row),
        "e" or "u" or "g" or "k" => Named(row),
        "o" => row.Key.Split('|')[0],
        "mail" when row.Partition == "mail|claims" => row.Key.Split('|')[0],
        "ws" when row.Key.Split('|') is ["f", var person, _] => person,
        _ => null,
    };

    private static string KindOf(Row row) => row.Partition.Split('|', 2)[0];

    private static string? Named(Row row) => row.Values.GetValueOrDefault(Person) is string { Length: > 0 } person ? person : null;
}
