using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>What tables and containers that are not arranged by person hold of some people.</summary>
internal sealed class FoundByScan
{
    public Dictionary<string, List<(string Table, Row Row)>> Rows { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<(string Container, string Name)>> Blobs { get; } = new(StringComparer.Ordinal);
}

/// <summary>Reads all that the store holds of a person, or of nobody, in the order in which it is restored: what makes a person visible comes last.</summary>
internal sealed class StoreReader(ITable table, IBlobs blobs, ConnectionStore connections, WebhookStore hooks, SubscriptionStore subscriptions)
{
    /// <summary>The partition of what a restoration notes, which is part of no archive.</summary>
    public const string Restoring = "restore";

    /// <summary>The partition of what the weekly backup notes, which is part of no archive.</summary>
    public const string Weekly = "backup";

    private const string SharedOwner = "shared";

    /// <summary>Scans for several people at once.</summary>
    /// <param name="withRaw">With the raw answers of sources.</param>
    public async Task<FoundByScan> ScanAsync(IReadOnlyCollection<string> people, bool withRaw, CancellationToken cancel)
    {
        var found = new FoundByScan();
        foreach (var person in people)
            (found.Rows[person], found.Blobs[person]) = ([], []);
        foreach (var name in (string[])[TableNames.Lookups, TableNames.Schedule])
        {
            await foreach (var row in table.ScanAsync(name, " ", "~", cancel))
            {
                if (PersonData.OwnerOf(name, row) is { } owner && found.Rows.TryGetValue(owner, out var rows))
                    rows.Add((name, row));
            }
        }

        foreach (var container in withRaw ? (string[])[PushBodyStore.Container, RawAnswers.Container] : [PushBodyStore.Container])
        {
            await foreach (var name in blobs.ListAsync(container, "", cancel))
            {
                if (name.Split('/') is [_, var owner, _] && found.Blobs.TryGetValue(owner, out var names))
                    names.Add((container, name));
            }
        }

        return found;
    }

    /// <summary>Reads a person. The stamp is the same as long as nothing of the person changes.</summary>
    /// <param name="blob">Null to look at the names only.</param>
    /// <param name="row">Null to look at the stamp only.</param>
    public async Task<string> ReadAsync(string person, FoundByScan found, Func<string, string, byte[], Task>? blob, Func<string, Row, Task>? row, CancellationToken cancel)
    {
        using var stamp = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var own = blobs.ListAsync(DigestStore.Container, $"{person}/", cancel).Select(name => (Container: DigestStore.Container, Name: name));
        await foreach (var (container, name) in own.Concat(found.Blobs[person].ToAsyncEnumerable()))
        {
            stamp.AppendData(Encoding.UTF8.GetBytes($"{container}\n{name}\n"));
            if (blob is not null && await blobs.GetAsync(container, name, cancel) is { } content)
                await blob(container, name, content);
        }

        await foreach (var (name, stored) in RowsAsync(person, found.Rows[person], cancel))
        {
            stamp.AppendData(Encoding.UTF8.GetBytes($"{name}\n{stored.Partition}\n{stored.Key}\n{stored.ETag}\n"));
            if (row is not null)
                await row(name, ConnectionStore.WithoutLease(stored));
        }

        return Convert.ToHexStringLower(stamp.GetCurrentHash());
    }

    /// <summary>Reads what is about nobody.</summary>
    /// <param name="isAnonymous">Only what cannot tell anything about people: for copies from which a person must be deletable.</param>
    public async Task ReadSharedAsync(bool isAnonymous, Func<string, string, byte[], Task> blob, Func<string, Row, Task> row, CancellationToken cancel)
    {
        if (!isAnonymous)
        {
            await foreach (var name in blobs.ListAsync(PushBodyStore.Container, "", cancel).Where(name => IsBlobOf(null, PushBodyStore.Container, name)))
            {
                if (await blobs.GetAsync(PushBodyStore.Container, name, cancel) is { } content)
                    await blob(PushBodyStore.Container, name, content);
            }

            await foreach (var poisoned in table.RangeAsync(TableNames.Harvests, PoisonedMessages.Partition, " ", "~", null, cancel))
                await row(TableNames.Harvests, poisoned);
        }

        var followed = "";
        await foreach (var stored in table.ScanAsync(TableNames.Lookups, " ", "~", cancel))
        {
            // The rows of followers come before the subscription's own.
            if (stored.Partition.StartsWith("ws|", StringComparison.Ordinal) && stored.Key.StartsWith("f|", StringComparison.Ordinal))
                followed = stored.Partition;
            if (isAnonymous ? !IsAnonymous(stored) : PersonData.OwnerOf(TableNames.Lookups, stored) is not null || PersonData.IsOfConnection(stored) || stored.Partition is Restoring or Weekly)
            {
                if (!isAnonymous && stored.Partition.StartsWith("ws|", StringComparison.Ordinal) && stored.Key == "s" && stored.Partition != followed)
                {
                    await foreach (var unfollowed in subscriptions.RowsAsync(stored.Partition[3..], cancel))
                        await row(TableNames.Lookups, unfollowed);
                }

                continue;
            }

            if (stored.Partition == SignInLinks.Newcomers)
            {
                await foreach (var link in PersonData.Rows(table, TableNames.People, stored.Key, null, cancel))
                    await row(TableNames.People, link);
            }

            await row(TableNames.Lookups, stored);
        }

        await foreach (var stored in table.ScanAsync(TableNames.Schedule, " ", "~", cancel))
        {
            if (PersonData.OwnerOf(TableNames.Schedule, stored) is null && (!isAnonymous || stored.Partition.StartsWith("push", StringComparison.Ordinal)))
                await row(TableNames.Schedule, stored);
        }
    }

    /// <summary>Whether a row of an archive may stand in that person's part, or in the shared one.</summary>
    public static bool IsRowOf(string? person, string name, Row row)
    {
        if (person is not null)
            return name switch
            {
                TableNames.Ledger or TableNames.People or TableNames.Harvests or TableNames.Schedule => PersonData.OwnerOf(name, row) == person,
                TableNames.Lookups => PersonData.OwnerOf(name, row) == person || PersonData.IsOfConnection(row),
                _ => false,
            };
        return name switch
        {
            TableNames.People => row.Key.StartsWith("l|", StringComparison.Ordinal),
            TableNames.Harvests => row.Partition == PoisonedMessages.Partition,
            TableNames.Schedule => PersonData.OwnerOf(name, row) is null,
            TableNames.Lookups => PersonData.OwnerOf(name, row) is null && row.Partition is not (PeopleStore.AllPeople or Restoring or Weekly),
            _ => false,
        };
    }

    /// <summary>Whether a blob of an archive may stand in that person's part, or in the shared one.</summary>
    public static bool IsBlobOf(string? person, string container, string name) => container switch
    {
        DigestStore.Container => person is not null && name.StartsWith(person + "/", StringComparison.Ordinal),
        RawAnswers.Container or PushBodyStore.Container => name.Split('/') is [{ Length: 8 }, var owner, _] && owner == (person ?? SharedOwner),
        _ => false,
    };

    private static bool IsAnonymous(Row row) => row.Partition switch
    {
        "entries" or "mail" or "pushes" or "h|app" => true,
        PeopleStore.OwnerPartition => row.Key is "key" or "setup",
        var other => other.StartsWith("q|", StringComparison.Ordinal),
    };

    private async IAsyncEnumerable<(string Table, Row Row)> RowsAsync(
        string person, List<(string Table, Row Row)> scanned, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in PersonData.Rows(table, TableNames.Ledger, person, null, cancel))
            yield return (TableNames.Ledger, row);
        await foreach (var row in PersonData.Reports(table, person, cancel))
            yield return (TableNames.Harvests, row);
        await foreach (var row in PersonData.Rows(table, TableNames.People, person, null, cancel))
            yield return (TableNames.People, row);
        foreach (var connected in await connections.ListAsync(person, cancel))
        {
            await foreach (var row in hooks.RowsAsync(connected.Connection.Id, cancel))
                yield return (TableNames.Lookups, row);
        }

        // Those who follow the same topic share its subscription, so it comes with each of them.
        foreach (var topic in scanned.Select(found => found.Row.Partition).Where(partition => partition.StartsWith("ws|", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
        {
            await foreach (var row in subscriptions.RowsAsync(topic[3..], cancel))
                yield return (TableNames.Lookups, row);
        }

        foreach (var found in scanned.Where(found => found.Table == TableNames.Lookups && found.Row.Partition != PeopleStore.AllPeople))
            yield return found;
        foreach (var found in scanned.Where(found => found.Table == TableNames.Schedule))
            yield return found;
        foreach (var found in scanned.Where(found => found.Table == TableNames.Lookups && found.Row.Partition == PeopleStore.AllPeople))
            yield return found;
    }
}
