using System.Globalization;
using System.Text.Json.Nodes;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>
/// What the program's API says of everything it keeps, row by row, without what differs from run to run: times of observation, and ids that are
/// drawn by lot.
/// </summary>
internal sealed class Picture
{
    private const string All = "from=1970-01-01&to=2100-01-01";

    private readonly SortedDictionary<string, string> rows = new(StringComparer.Ordinal);

    private Picture()
    {
    }

    /// <summary>The entries by their addresses, and those by their ids.</summary>
    public Dictionary<string, JsonObject> ByUrl { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, JsonObject> ById { get; } = new(StringComparer.Ordinal);

    public static async Task<Picture> TakeAsync(Caller caller)
    {
        var picture = new Picture();
        var connections = (await caller.GetAsync("/connections")).At("items").AsArray().Select(item => item!.AsObject()).ToList();
        var places = connections.ToDictionary(c => c.Text("id"), c => $"{c.Text("source")} {c.Text("origin")}", StringComparer.Ordinal);
        foreach (var connection in connections)
            picture.Add($"connection {places[connection.Text("id")]}", Connection(connection));
        foreach (var line in (await caller.TextAsync("/ledger?limit=all&format=ndjson&review=all")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            picture.Add(JsonNode.Parse(line)!.AsObject(), places);
        foreach (var entry in picture.ById.Values.Where(entry => entry["revision"]!.GetValue<int>() > 1))
            picture.Add($"history {entry.Text("id")}", History(await caller.GetAsync($"/ledger/{entry.Text("id")}/history")));
        foreach (var split in (string[])["", "&split=kind", "&split=source", "&split=topic"])
        {
            var summary = await caller.GetAsync($"/ledger/summary?by=month&{All}{split}");
            foreach (var side in (string[])["public", "private"])
            {
                foreach (var period in summary.At(side, "items").AsArray())
                    picture.Add($"summary{split} {side} {period!.At("period")}", period!.ToJsonString());
            }
        }

        picture.Add("topics", (await caller.GetAsync("/me/topics")).ToJsonString());
        picture.Add("zone", (await caller.GetAsync("/me")).At("zone").ToJsonString());
        foreach (var message in (await caller.GetAsync("/status")).At("poisoned").AsArray())
            picture.Add("poisoned message", message!.ToJsonString());
        return picture;
    }

    /// <summary>A sentence for every row that is not in both as it is.</summary>
    public IEnumerable<string> Differences(Picture expected)
    {
        foreach (var name in rows.Keys.Union(expected.rows.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (rows.GetValueOrDefault(name) is var now && expected.rows.GetValueOrDefault(name) is var before && now != before)
                yield return $"{name}: {now ?? "missing"}; undisturbed: {before ?? "missing"}";
        }
    }

    public int Lost(Picture expected) => expected.Entries().Except(Entries(), StringComparer.Ordinal).Count();

    public int Doubled(Picture expected) => expected.Lost(this);

    private IEnumerable<string> Entries() => rows.Keys.Where(name => name.StartsWith("entry ", StringComparison.Ordinal));

    private void Add(string name, string text)
    {
        // What is there twice is a row of its own.
        for (var number = 2; !rows.TryAdd(name, text); number++)
            name = string.Create(CultureInfo.InvariantCulture, $"{name.Split(" #")[0]} #{number}");
    }

    private void Add(JsonObject entry, Dictionary<string, string> places)
    {
        var sightings = entry["sightings"]!.AsArray().Select(s => s!.AsObject())
            .Select(s => $"{places.GetValueOrDefault(s.Text("connection"), s.Text("connection"))} {s["url"]}");
        entry["sightings"] = new JsonArray([.. sightings.Order(StringComparer.Ordinal).Select(s => JsonValue.Create(s))]);
        foreach (var (_, metric) in entry["metrics"]!.AsObject())
            metric!.AsObject().Remove("at");
        Add($"entry {entry.Text("id")}", entry.ToJsonString());
        ById[entry.Text("id")] = entry;
        if (entry["url"] is { } url)
            ByUrl[url.GetValue<string>()] = entry;
    }

    private static string Connection(JsonObject connection)
    {
        string[] kept = ["address", "title", "url", "options", "paused", "verified", "health", "failures", "backfilling", "coverage", "contributions"];
        var row = new JsonObject(kept.Select(name => KeyValuePair.Create(name, connection[name]?.DeepClone())));
        row["problem"] = connection["problem"]?["code"]?.DeepClone();
        return row.ToJsonString();
    }

    private static string History(JsonNode history)
    {
        foreach (var revision in history.At("items").AsArray())
            revision!.AsObject().Remove("until");
        return history.ToJsonString();
    }
}
