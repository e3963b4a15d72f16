using System.Globalization;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Web.Ledger;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>The fields of forms that log or keep something, as people type them.</summary>
internal static class LogForm
{
    /// <summary>The numbers that a form always asks for.</summary>
    public static readonly IReadOnlyList<string> Numbers = ["attendees", "minutes"];

    /// <summary>What was typed as a body of the API, and what is wrong with it as typed.</summary>
    public static (JsonObject Body, Dictionary<string, string> Faults) Body(IFormCollection form, DateTimeZone zone)
    {
        var (body, metrics, faults) = (new JsonObject(), new JsonObject(), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var name in (string[])["url", "title", "kind", "role", "note"])
        {
            if (Typed(form, name) is { } typed)
                body[name] = name == "url" && !typed.Contains("://", StringComparison.Ordinal) ? "https://" + typed : typed;
        }

        foreach (var name in (string[])["when", "endsAt"])
        {
            if (Typed(form, name) is not { } day)
                continue;
            var (text, fault) = TypedTime.Read(day, zone);
            if (fault is null)
                body[name] = text;
            else
                faults[name] = fault;
        }

        if (form["topics"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } topics)
            body["topics"] = new JsonArray([.. topics.Select(topic => JsonValue.Create(topic))]);
        foreach (var name in Numbers)
        {
            if (Typed(form, name) is not { } number)
                continue;
            if (TypedNumber.Read(number) is { } value)
                metrics[name] = value;
            else
                faults[name] = TypedNumber.Fault;
        }

        if (metrics.Count > 0)
            body["metrics"] = metrics;
        if (form["private"] == "true")
            body["private"] = true;
        return (body, faults);
    }

    /// <summary>The template's role, and its numbers that the form does not ask for.</summary>
    public static void Complete(JsonObject body, ContributionTemplate template)
    {
        if (template.Role is { } role)
            body["role"] ??= EnumText<Role>.Of(role);
        var others = template.Metrics.Where(metric => !Numbers.Contains(metric.Key, StringComparer.Ordinal)).ToList();
        if (others.Count > 0 && body["metrics"] is null)
            body["metrics"] = new JsonObject();
        foreach (var (name, value) in others)
            body["metrics"]![name] = value;
    }

    /// <summary>A template's value of a field; null if it has none.</summary>
    public static string? ValueOf(ContributionTemplate template, string name) => name switch
    {
        "title" => template.Title,
        "kind" => EnumText<Kind>.Of(template.Kind),
        "role" => template.Role is { } role ? EnumText<Role>.Of(role) : null,
        "topics" => string.Join(", ", template.Topics),
        "note" => template.Note,
        "private" => template.Private ? "true" : null,
        _ => template.Metrics.TryGetValue(name, out var number) ? number.ToString("0.##########", CultureInfo.InvariantCulture) : null,
    };

    /// <summary>The field of a body whose faults belong to a field of the form.</summary>
    public static string BodyField(string name) => Numbers.Contains(name, StringComparer.Ordinal) ? "metrics." + name : name;

    public static EntryField Field(string name, string label, Func<string, string?> value, string? hint = null) => new(name, label, value(name) ?? "") { Hint = hint };

    private static string? Typed(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } typed ? typed : null;
}
