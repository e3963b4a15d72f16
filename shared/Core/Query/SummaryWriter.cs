using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Ledger;

namespace ContributionIngest.Core.Query;

/// <summary>
/// Counts as JSON: <c>{from, to, by, split, public: {total, split: {name: count}, other, items: [{period, start, total, split, other}]},
/// private: {…}}</c>. Only the 50 biggest topics have a number of their own, the rest is <c>other</c>; an entry with two topics counts in both.
/// </summary>
public static class SummaryWriter
{
    private const int MostTopics = 50;

    public static void Write(IBufferWriter<byte> output, Summary summary, SummaryQuery query, DateOnly from, DateOnly to)
    {
        using var writer = new Utf8JsonWriter(output, ItemWriter.Options);
        writer.WriteStartObject();
        writer.WriteString("from"u8, Day(from));
        writer.WriteString("to"u8, Day(to));
        writer.WriteString("by"u8, Word(query.By.ToString()));
        if (query.Split != Split.None)
            writer.WriteString("split"u8, Word(query.Split.ToString()));
        Side(writer, "public", summary.Public, query.Split);
        Side(writer, "private", summary.Private, query.Split);
        writer.WriteEndObject();
    }

    private static void Side(Utf8JsonWriter writer, string name, IReadOnlyList<PeriodCounts> periods, Split split)
    {
        var all = new Counts();
        foreach (var period in periods)
            all.Add(period.Counts);
        var shown = Of(all, split).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(split == Split.Topic ? MostTopics : int.MaxValue).Select(c => c.Key).ToList();
        writer.WriteStartObject(name);
        Counts(writer, all, split, shown);
        writer.WriteStartArray("items"u8);
        foreach (var period in periods)
        {
            writer.WriteStartObject();
            writer.WriteString("period"u8, period.Name);
            writer.WriteString("start"u8, Day(period.Start));
            Counts(writer, period.Counts, split, shown);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter writer, Counts counts, Split split, List<string> shown)
    {
        writer.WriteNumber("total"u8, counts.Total);
        if (split == Split.None)
            return;
        var parts = Of(counts, split);
        writer.WriteStartObject("split"u8);
        foreach (var name in shown.Where(parts.ContainsKey))
            writer.WriteNumber(name, parts[name]);
        writer.WriteEndObject();
        var other = parts.Values.Sum() - shown.Sum(name => parts.GetValueOrDefault(name));
        if (other > 0)
            writer.WriteNumber("other"u8, other);
    }

    private static SortedDictionary<string, int> Of(Counts counts, Split split) => split switch
    {
        Split.Kind => counts.Kind,
        Split.Source => counts.Source,
        _ => counts.Topic,
    };

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Word(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
