using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Faults;

/// <summary>
/// The rows a run leaves behind, without etags, without the times of the run, and with places instead of the ids of connections; and what must hold
/// for every store at rest.
/// </summary>
internal sealed partial class EndState
{
    private const int Around = 60;

    /// <summary>Of a connection's state, what does not tell how often it took.</summary>
    private static readonly string[] Compared = ["address", "cursor", "health", "problem", "failures", "coverage", "backfilling", "push", "followed", "lease"];

    private readonly SortedDictionary<string, string> rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> reported = new(StringComparer.Ordinal);
    private readonly List<string> faults = [];
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    private EndState()
    {
    }

    public static async Task<EndState> OfAsync(FaultedRun run, Scenario scenario)
    {
        var state = new EndState();
        var (table, folder) = (run.App.Store.Table, run.Folder);
        var person = run.Known["me"];
        var connections = await new ConnectionStore(table, run.Clock).ListAsync(person, CancellationToken.None);
        foreach (var connection in connections.Select(c => c.Connection))
            state.names[connection.Id] = $"<{connection.Source} {connection.Origin}>";
        foreach (var row in await Dumps.RowsAsync(table, "ledger", folder))
            state.Add("ledger", row);
        foreach (var row in (await Dumps.RowsAsync(table, "people", folder)).Where(r => !r.Key.StartsWith("a|", StringComparison.Ordinal) && !r.Key.StartsWith("t|", StringComparison.Ordinal)))
            state.Add("people", row);
        foreach (var row in (await Dumps.RowsAsync(table, "lookups", folder)).Where(r => IsCompared(r.Partition) && !state.LeadsNowhere(r)))
            state.Add("lookups", row);
        foreach (var connected in connections)
        {
            foreach (var report in await new HarvestReports(table).NewestAsync(person, connected.Connection.Id, HarvestReports.Kept, CancellationToken.None))
                state.reported.UnionWith(report.Revised.Select(id => $"{state.names[connected.Connection.Id]} revised {id}"));
        }

        await state.CheckScheduleAsync(run, connections);
        await state.CheckQueuesAsync(run);
        foreach (var row in await scenario.Further(run))
            state.rows[row] = "";
        try
        {
            await Recounted.CheckAsync(run.App);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            state.faults.Add(e.Message);
        }

        state.faults.AddRange(run.Problems);
        return state;
    }

    /// <summary>A sentence for each.</summary>
    public IEnumerable<string> Differences(EndState undisturbed)
    {
        foreach (var fault in faults)
            yield return fault;
        foreach (var name in rows.Keys.Union(undisturbed.rows.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (rows.GetValueOrDefault(name) is var now && undisturbed.rows.GetValueOrDefault(name) is var before && now != before)
                yield return Difference(name, now, before);
        }

        // What was read once more is told of once more, but nothing is left out: digests are made of it.
        foreach (var missing in undisturbed.reported.Except(reported, StringComparer.Ordinal))
            yield return $"No report says: {missing}";
    }

    /// <summary>Of rows that are in both, where they begin to differ.</summary>
    private static string Difference(string name, string? now, string? before)
    {
        if (now is null || before is null)
            return now is null ? $"{name} is missing" : $"{name} is there and undisturbed it is not: {now}";
        var at = Math.Max(0, now.Zip(before).TakeWhile(pair => pair.First == pair.Second).Count() - Around);
        return $"{name} has …{Part(now)}; undisturbed it has …{Part(before)}";

        string Part(string text) => text.Substring(Math.Min(at, text.Length), Math.Clamp(text.Length - at, 0, 4 * Around));
    }

    /// <summary>Keys and hooks are drawn by lot, and so are where they lead; scenarios look at them by using them.</summary>
    private static bool IsCompared(string partition) =>
        partition == "people" || partition.StartsWith("o|", StringComparison.Ordinal) || partition.StartsWith("ws|", StringComparison.Ordinal);

    /// <summary>A row of a place may outlive its connection, or come before one that never came into being: whoever follows it looks.</summary>
    private bool LeadsNowhere(Row row) => row.Partition.StartsWith("o|", StringComparison.Ordinal) && !names.ContainsKey(row.Key.Split('|')[^1]);

    private void Add(string table, Row row)
    {
        var values = row.Values.Where(v => v.Key is not ("hashes" or "since")).OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={Text(row, v.Value)}");
        var name = Named($"{table} {row.Partition} {Key(table, row)}");
        for (var number = 2; !rows.TryAdd(name, string.Join(' ', values)); number++)
            name = string.Create(CultureInfo.InvariantCulture, $"{name.Split(" #")[0]} #{number}");
    }

    /// <summary>A connection that was made and ended in the run has an id that nobody knows any more. Entries of the audit trail are told apart by their order.</summary>
    private string Key(string table, Row row) =>
        table == "ledger" && row.Key.StartsWith("c|", StringComparison.Ordinal) && !names.ContainsKey(row.Key[2..]) ? "c|<ended>"
        : IsAudit(row) ? "t|<entry>"
        : row.Key;

    private static bool IsAudit(Row row) => row.Key.StartsWith("t|", StringComparison.Ordinal);

    private string Text(Row row, object? value)
    {
        if (value is not byte[] bytes)
            return Named(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        var document = JsonNode.Parse(bytes)!;
        if (row.Key.StartsWith("c|", StringComparison.Ordinal) && row.Key.EndsWith("|s", StringComparison.Ordinal))
            document = new JsonObject(Compared.Select(name => KeyValuePair.Create(name, document[name]?.DeepClone())));
        if (row.Key == "s" && row.Partition.StartsWith("ws|", StringComparison.Ordinal))
            document = new JsonObject([KeyValuePair.Create("state", document["state"]?.DeepClone())]);

        // Each start of the program gives the client another key.
        if (IsAudit(row))
            document = Without(document, "credential");

        // A mail may end unconfirmed; the scenario that sends one looks at that.
        if (row.Key.StartsWith("w|", StringComparison.Ordinal))
            document = Without(document, "mail", "claim");
        var text = document is JsonArray list
            ? string.Join(' ', list.Select(item => Named(item!.ToJsonString(Plain))).Order(StringComparer.Ordinal))
            : Named(document.ToJsonString(Plain));
        return DrawnPattern().Replace(text, "${kept}-");
    }

    private static JsonObject Without(JsonNode document, params string[] names) =>
        new(document.AsObject().Where(p => !names.Contains(p.Key, StringComparer.Ordinal)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));

    private string Named(string text)
    {
        foreach (var (id, name) in names)
            text = text.Replace(id, name, StringComparison.Ordinal);
        return TimePattern().Replace(text, match => IsOfTheRun(match.Value) ? "-" : match.Value);
    }

    /// <summary>Places tell of nothing later.</summary>
    private static bool IsOfTheRun(string time) =>
        DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) >= new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Nobody is forgotten: what is to be done has a row that is due by then.</summary>
    private async Task CheckScheduleAsync(FaultedRun run, IReadOnlyList<ConnectionSnapshot> connections)
    {
        var due = (await Dumps.RowsAsync(run.App.Store.Table, TableNames.Schedule, run.Folder)).Select(r => r.Key.Split('|')).ToList();
        foreach (var (connection, state) in connections.Select(c => (c.Connection, c.State)).Where(c => c.State.NextRun is not null && !c.Connection.Paused))
        {
            var latest = state.NextRun!.Value.UtcTicks.ToString("D19", CultureInfo.InvariantCulture);
            if (!due.Exists(key => key[1] == DueIndex.Harvest && key[3] == connection.Id && string.CompareOrdinal(key[0], latest) <= 0))
                faults.Add($"{names[connection.Id]} is to be harvested and stands in no row of the due index.");
        }
    }

    private async Task CheckQueuesAsync(FaultedRun run)
    {
        foreach (var queue in FunctionQueues)
        {
            if (await run.App.Store.Queue.CountAsync(queue, CancellationToken.None) is var count && count > 0)
                faults.Add($"{count} messages are left in queue {queue}.");
        }
    }

    private static readonly string[] FunctionQueues =
        [.. ContributionIngest.Functions.Triggers.TriggeredFunction.All.Select(f => f.Queue).OfType<string>()];

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { TypeInfoResolver = LedgerJson.Default, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex(@"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex TimePattern();

    /// <summary>A rank holds the time of the connection, the name of a digest's content the time it was made.</summary>
    [GeneratedRegex("(?<kept>\"rank\":\")[^\"]*|(?<kept>\"blob\":\"[^\"]*-)[a-z2-7]{26}", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex DrawnPattern();
}
