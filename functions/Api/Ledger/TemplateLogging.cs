using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>Logs what a template says, by the rules of <c>POST /ledger</c>.</summary>
internal sealed class TemplateLogging(TemplateStore templates, LedgerEditor editor, TimeProvider clock)
{
    /// <summary>What of an entry may differ from its template.</summary>
    private static readonly string[] Different = ["when", "endsAt", "metrics", "private", "note"];

    /// <summary>The fields of an entry: the template's, and what was sent over them. It was today unless another day was sent.</summary>
    public LedgerFields Fields(ContributionTemplate template, JsonElement sent, DateTimeZone zone)
    {
        var body = Body(template);
        body["when"] = LedgerParameters.Today(clock, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        foreach (var property in sent.EnumerateObject().Where(property => Different.Contains(property.Name, StringComparer.Ordinal)))
            body[property.Name] = property.Name == "metrics" ? Merged(body["metrics"]!.AsObject(), property.Value) : JsonNode.Parse(property.Value.GetRawText());
        var fields = new LedgerFields(JsonElement.Parse(body.ToJsonString()), LedgerLogging.Known, zone, clock.GetUtcNow());
        foreach (var name in sent.EnumerateObject().Select(property => property.Name).Except(Different, StringComparer.Ordinal))
            fields.Fault(name, $"'{name}' is the template's. {Spelling.Hint(name, Different)}");
        return fields;
    }

    /// <returns>Null if the fields have faults; then nothing was logged.</returns>
    /// <param name="key">Logging it again with the same key has no further effect.</param>
    public async Task<Logged?> LogAsync(string person, ContributionTemplate template, LedgerFields fields, string key, CancellationToken cancel)
    {
        var draft = LedgerLogging.Draft(fields, key, clock.GetUtcNow());
        var (note, isPrivate, metrics) = (fields.Text("note", Normaliser.SummaryLength), fields.Flag("private"), fields.Metrics("metrics"));
        if (!fields.IsValid)
            return null;
        var logged = await editor.LogAsync(person, LedgerLogging.Hand, draft, known => LedgerLogging.MergeTyped(known, note, isPrivate, metrics), cancel);
        if (logged.IsSame)
            await templates.UseAsync(person, template.Id, cancel);
        return logged;
    }

    /// <summary>A template as the fields of an entry.</summary>
    public static JsonObject Body(ContributionTemplate template)
    {
        var body = new JsonObject
        {
            ["title"] = template.Title,
            ["kind"] = EnumText<Kind>.Of(template.Kind),
            ["topics"] = new JsonArray([.. template.Topics.Select(topic => JsonValue.Create(topic))]),
            ["metrics"] = new JsonObject(template.Metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)metric.Value))),
            ["private"] = template.Private,
        };
        if (template.Role is { } role)
            body["role"] = EnumText<Role>.Of(role);
        if (template.Note is not null)
            body["note"] = template.Note;
        return body;
    }

    /// <summary>By name; null takes a number away. What is no object is left to be refused.</summary>
    private static JsonNode? Merged(JsonObject metrics, JsonElement sent)
    {
        if (sent.ValueKind != JsonValueKind.Object)
            return JsonNode.Parse(sent.GetRawText());
        foreach (var metric in sent.EnumerateObject())
            metrics[metric.Name] = JsonNode.Parse(metric.Value.GetRawText());
        return metrics.DeepClone();
    }
}

/// <summary>The fields of a template in a request.</summary>
internal static class TemplateFields
{
    public static readonly string[] Known = ["title", "kind", "role", "topics", "metrics", "private", "note"];

    /// <returns>Null if the fields have faults.</returns>
    public static ContributionTemplate? Read(LedgerFields fields, DateTimeOffset now)
    {
        fields.Require("title", "say what it is");
        fields.Require("kind", $"one of {string.Join(", ", EnumText<Kind>.All)}");
        var read = new ContributionTemplate(
            Identity.Random(),
            fields.Text("title", Normaliser.TitleLength) ?? "",
            fields.Word<Kind>("kind") ?? Kind.Other,
            fields.Word<Role>("role"),
            fields.Topics("topics") ?? [],
            fields.Metrics("metrics")?.ToDictionary(metric => metric.Key, metric => metric.Value.Value, StringComparer.Ordinal) ?? [],
            fields.Text("note", Normaliser.SummaryLength),
            fields.Flag("private"),
            now);
        return fields.IsValid ? read : null;
    }
}
