using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.People;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Support;

/// <summary>
/// What is counted and kept (summaries by day, kind, source and topic, of public and private entries, and how many entries each connection sees)
/// equals a recount of what the API exports.
/// </summary>
internal static class Recounted
{
    /// <summary>A store of thousands of people is looked at in samples.</summary>
    private const int MaxPeople = 20;

    /// <summary>Summaries name so many topics and add up the rest.</summary>
    private const int MaxTopics = 50;

    private const string Days = "by=day&from=1970-01-01&to=8999-12-31";

    public static async Task CheckAsync(AppFixture app)
    {
        await ContributionIngest.Tests.Core.Harvesting.InterleavingTests.AssertCountsAsync(app);
        var services = app.App.Services;
        var keys = services.GetRequiredService<ApiKeys>();
        foreach (var person in (await services.GetRequiredService<PeopleStore>().AllAsync(CancellationToken.None)).Take(MaxPeople))
        {
            await services.GetRequiredService<RollupRebuilder>().FinishAsync(person, CancellationToken.None);
            var (secret, key) = await keys.CreateAsync(person, "recount", Scope.Read, CancellationToken.None);
            using var client = app.App.GetTestClient();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            await CheckAsync(client);
            await keys.RevokeAsync(person, key.Id, CancellationToken.None);
        }
    }

    private static async Task CheckAsync(HttpClient client)
    {
        using var me = await GetAsync(client, "me");
        var zone = DateTimeZoneProviders.Tzdb[me.RootElement.GetProperty("zone").GetString()!];
        var lines = (await client.GetStringAsync(new Uri("/api/ledger?limit=all&format=ndjson&review=all", UriKind.Relative))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var entries = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        foreach (var (split, words) in Splits)
        {
            using var summary = await GetAsync(client, $"ledger/summary?{Days}&split={split}");
            Assert.Equal(Expected(entries, zone, words), Kept(summary.RootElement, split));
        }

        using var connections = await GetAsync(client, "connections");
        var living = connections.RootElement.GetProperty("items").EnumerateArray().Where(c => !c.TryGetProperty("ending", out _)).ToList();
        var seen = entries.SelectMany(Seeing).CountBy(id => id).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(
            living.Select(c => $"{c.GetProperty("origin")} sees {seen.GetValueOrDefault(c.GetProperty("id").GetString()!)}"),
            living.Select(c => $"{c.GetProperty("origin")} sees {c.GetProperty("contributions")}"));
    }

    private static readonly (string Split, Func<JsonElement, IEnumerable<string>> Words)[] Splits =
    [
        ("kind", entry => [entry.GetProperty("kind").GetString()!]),
        ("source", entry => [entry.GetProperty("source").GetString()!]),
        ("topic", entry => entry.GetProperty("topics").EnumerateArray().Select(t => t.GetString()!)),
    ];

    /// <summary>One line for every day and word.</summary>
    private static List<string> Expected(List<JsonElement> entries, DateTimeZone zone, Func<JsonElement, IEnumerable<string>> words)
    {
        var counted = entries.Where(e => e.GetProperty("review").GetString() != "rejected" && e.GetProperty("status").GetString() is not ("cancelled" or "removed"))
            .Select(e => (Side: e.GetProperty("private").GetBoolean() ? "private" : "public", Day: MonthRollup.Day(e.GetProperty("when").GetDateTimeOffset(), zone), Words: words(e).ToList()))
            .ToList();
        var isNamed = counted.GroupBy(e => e.Side, StringComparer.Ordinal).All(side => side.SelectMany(e => e.Words).Distinct(StringComparer.Ordinal).Count() <= MaxTopics);
        var totals = counted.CountBy(e => Line(e.Side, e.Day, "total"));
        var parts = counted.SelectMany(e => e.Words.Select(word => Line(e.Side, e.Day, isNamed ? $"of {word}" : "in parts"))).CountBy(line => line);
        return [.. totals.Concat(parts).Select(line => $"{line.Key}: {line.Value}").Order(StringComparer.Ordinal)];
    }

    private static List<string> Kept(JsonElement summary, string split)
    {
        var lines = new List<string>();
        string[] sides = ["public", "private"];
        var isNamed = !sides.Any(side => summary.GetProperty(side).TryGetProperty("other", out _));
        foreach (var side in sides)
        {
            foreach (var period in summary.GetProperty(side).GetProperty("items").EnumerateArray())
            {
                var day = DateOnly.ParseExact(period.GetProperty("period").GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
                lines.Add($"{Line(side, day, "total")}: {period.GetProperty("total")}");
                var parts = period.GetProperty("split").EnumerateObject().ToList();
                if (isNamed)
                    lines.AddRange(parts.Select(part => $"{Line(side, day, $"of {part.Name}")}: {part.Value}"));
                else if (parts.Sum(part => part.Value.GetInt32()) + (period.TryGetProperty("other", out var other) ? other.GetInt32() : 0) is var sum && sum > 0)
                    lines.Add($"{Line(side, day, "in parts")}: {sum.ToString(CultureInfo.InvariantCulture)}");
            }
        }

        Assert.True(isNamed || split == "topic", $"There are more words of {split} than can be.");
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static string Line(string side, DateOnly day, string what) => string.Create(CultureInfo.InvariantCulture, $"{side} {day:yyyy-MM-dd} {what}");

    private static IEnumerable<string> Seeing(JsonElement entry) =>
        entry.GetProperty("sightings").EnumerateArray().Select(s => s.GetProperty("connection").GetString()!).Distinct(StringComparer.Ordinal);

    private static async Task<JsonDocument> GetAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync(new Uri($"/api/{path}", UriKind.Relative)));
}
