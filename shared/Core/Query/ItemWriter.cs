using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Query;

/// <summary>
/// Contributions as JSON: <c>{id, kind, source, role, status, title, url, summary, when, endsAt, datePrecision, container: {name, url}, topics,
/// metrics: {name: {value, at, how}}, sightings: [{connection, url, firstSeen, lastSeen}], private, review, note, revision, edited}</c>.
/// Effective values; what is unknown is absent; times are ISO 8601 in UTC.
/// </summary>
public static class ItemWriter
{
    /// <summary>Letters of all scripts as they are; what means something in HTML escaped.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary><c>{items, next}</c></summary>
    /// <param name="next">The cursor of the page after, or null.</param>
    public static void Page(IBufferWriter<byte> output, IEnumerable<Contribution> items, string? next)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var entry in items)
            Item(writer, entry);
        writer.WriteEndArray();
        Text(writer, "next"u8, next);
        writer.WriteEndObject();
    }

    /// <summary>One item.</summary>
    /// <param name="harvested">Adds what places say, where the person said something else.</param>
    public static void Item(Utf8JsonWriter writer, Contribution entry, bool harvested = false)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, entry.Id);
        writer.WriteString("source"u8, entry.Source);
        Facts(writer, entry.Effective());
        Metrics(writer, entry.EffectiveMetrics());
        Sightings(writer, entry.Sightings);
        writer.WriteBoolean("private"u8, entry.Private);
        writer.WriteString("review"u8, Word<Review>.Of(entry.Review));
        Text(writer, "note"u8, entry.Note);
        writer.WriteNumber("revision"u8, entry.Revision);
        var edited = entry.Edits.Fields();
        Texts(writer, "edited"u8, edited);
        if (harvested && edited.Count > 0)
        {
            writer.WriteStartObject("harvested"u8);
            Facts(writer, entry.Harvested);
            Metrics(writer, entry.Metrics);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary><c>{items: [{revision, until, edited, effective: {…}, harvested: {…}}]}</c>, oldest first; the current one has no <c>until</c>.</summary>
    public static void History(IBufferWriter<byte> output, IEnumerable<Revision> revisions)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var revision in revisions)
        {
            writer.WriteStartObject();
            writer.WriteNumber("revision"u8, revision.Number);
            Time(writer, "until"u8, revision.Until);
            Texts(writer, "edited"u8, revision.Edits.Fields());
            writer.WriteStartObject("effective"u8);
            Facts(writer, revision.Edits.Over(revision.Harvested));
            writer.WriteEndObject();
            writer.WriteStartObject("harvested"u8);
            Facts(writer, revision.Harvested);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>
    /// <c>{items: [{name, values: [{value, at, how}], growth: {by, from: {value, at, how}, to: {…}}}]}</c>; without two values to compare there
    /// is no <c>growth</c>.
    /// </summary>
    public static void Metrics(IBufferWriter<byte> output, IEnumerable<MetricSeries> series)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var metric in series)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, metric.Name);
            writer.WriteStartArray("values"u8);
            foreach (var value in metric.Values)
                Metric(writer, value);
            writer.WriteEndArray();
            if (metric.Growth is { } growth)
            {
                writer.WriteStartObject("growth"u8);
                writer.WriteNumber("by"u8, growth.By);
                writer.WritePropertyName("from"u8);
                Metric(writer, growth.From);
                writer.WritePropertyName("to"u8);
                Metric(writer, growth.To);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Facts(Utf8JsonWriter writer, Facts facts)
    {
        writer.WriteString("kind"u8, Word<Kind>.Of(facts.Kind));
        writer.WriteString("role"u8, Word<Role>.Of(facts.Role));
        writer.WriteString("status"u8, Word<Status>.Of(facts.Status));
        writer.WriteString("title"u8, facts.Title);
        Text(writer, "url"u8, facts.Url);
        Text(writer, "summary"u8, facts.Summary);
        Time(writer, "when"u8, facts.When);
        Time(writer, "endsAt"u8, facts.EndsAt);
        writer.WriteString("datePrecision"u8, Word<DatePrecision>.Of(facts.DatePrecision));
        if (facts.Container is { } container)
        {
            writer.WriteStartObject("container"u8);
            writer.WriteString("name"u8, container.Name);
            Text(writer, "url"u8, container.Url);
            writer.WriteEndObject();
        }

        Texts(writer, "topics"u8, facts.Topics);
    }

    private static void Metrics(Utf8JsonWriter writer, IReadOnlyDictionary<string, Metric> metrics)
    {
        writer.WriteStartObject("metrics"u8);
        foreach (var (name, metric) in metrics)
        {
            writer.WritePropertyName(name);
            Metric(writer, metric);
        }

        writer.WriteEndObject();
    }

    private static void Metric(Utf8JsonWriter writer, Metric metric)
    {
        writer.WriteStartObject();
        writer.WriteNumber("value"u8, metric.Value);
        Time(writer, "at"u8, metric.At);
        writer.WriteString("how"u8, Word<How>.Of(metric.How));
        writer.WriteEndObject();
    }

    private static void Sightings(Utf8JsonWriter writer, IReadOnlyList<Sighting> sightings)
    {
        writer.WriteStartArray("sightings"u8);
        foreach (var sighting in sightings)
        {
            writer.WriteStartObject();
            writer.WriteString("connection"u8, sighting.Connection);
            Text(writer, "url"u8, sighting.Url);
            Time(writer, "firstSeen"u8, sighting.FirstSeen);
            Time(writer, "lastSeen"u8, sighting.LastSeen);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    private static void Texts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    /// <summary>A UTC time is written with Z, and with a fraction only where it has one.</summary>
    private static void Time(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } t)
            writer.WriteString(name, t.UtcDateTime);
    }
}
