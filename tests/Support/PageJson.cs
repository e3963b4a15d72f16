using System.Text.Json.Nodes;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Tests.Support;

/// <summary>What a source brought, as JSON to compare with: camel case, absent when unknown.</summary>
internal static class PageJson
{
    public static JsonObject Of(IReadOnlyList<SourcePage> pages)
    {
        var coverage = pages.Select(page => page.Coverage).LastOrDefault(found => found is not null);
        return Slim(new JsonObject
        {
            ["drafts"] = new JsonArray([.. pages.SelectMany(page => page.Drafts).Select(Of)]),
            ["coverage"] = coverage is null
                ? null
                : Slim(new JsonObject { ["since"] = coverage.Since?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ"), ["complete"] = coverage.Complete, ["reason"] = coverage.Reason }),
            ["repairs"] = new JsonArray(
                [.. pages.SelectMany(page => page.Repairs).Select(repair => (JsonNode)new JsonObject { ["what"] = repair.What, ["count"] = repair.Count })]),
        });
    }

    private static JsonNode Of(Draft draft) => Slim(new JsonObject
    {
        ["nativeId"] = draft.NativeId,
        ["kind"] = EnumText<Kind>.Of(draft.Kind),
        ["role"] = EnumText<Role>.Of(draft.Role),
        ["status"] = EnumText<Status>.Of(draft.Status),
        ["title"] = draft.Title,
        ["url"] = draft.Url,
        ["summary"] = draft.Summary,
        ["when"] = draft.When?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ"),
        ["datePrecision"] = draft.When is null ? null : EnumText<DatePrecision>.Of(draft.DatePrecision),
        ["endsAt"] = draft.EndsAt?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ"),
        ["version"] = draft.Version?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ"),
        ["author"] = draft.Author,
        ["container"] = draft.Container is null ? null : Slim(new JsonObject { ["name"] = draft.Container.Name, ["url"] = draft.Container.Url }),
        ["topics"] = draft.Topics.Count == 0 ? null : new JsonArray([.. draft.Topics.Select(topic => (JsonNode)topic)]),
        ["metrics"] = draft.Metrics.Count == 0
            ? null
            : new JsonObject(draft.Metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)metric.Value))),
        ["idIsReliable"] = draft.IdIsReliable ? null : false,
    });

    private static JsonObject Slim(JsonObject node)
    {
        foreach (var absent in node.Where(member => member.Value is null).Select(member => member.Key).ToArray())
            node.Remove(absent);
        return node;
    }
}
