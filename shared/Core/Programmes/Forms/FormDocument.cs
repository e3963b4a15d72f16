using System.Globalization;
using System.Text.Json.Nodes;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>The entries of a form without faults, as the document that its programme takes.</summary>
internal static class FormDocument
{
    public static JsonNode Of(FilledForm form, IEnumerable<FilledEntry> entries) => form.Form.Format switch
    {
        FormFormat.AdvocuDrafts => new JsonArray([.. entries.Select(Draft)]),
        FormFormat.Stars => new JsonObject { ["data"] = new JsonArray([.. entries.Select(entry => Described(Values(entry.Fields)))]) },
        _ => new JsonArray(Profile(form, entries)),
    };

    /// <summary>The path a draft is sent to, its body as it is sent, and what cannot be sent with it.</summary>
    private static JsonObject Draft(FilledEntry entry)
    {
        var open = entry.Findings.Where(finding => finding.Kind == FindingKind.Open).Select(finding => $"{finding.Label}: {finding.Text}");
        var elsewhere = entry.Fields.Where(filled => filled.Field.From == FieldSource.Elsewhere).Select(filled => filled.Field.Note!);
        JsonNode[] left = [.. open.Concat(elsewhere).Concat(entry.Group.Note is { } note ? [note] : [])];
        return new JsonObject { ["slug"] = entry.Group.Name, ["body"] = Values(entry.Fields), ["entry"] = entry.Entry.Id, ["left"] = new JsonArray(left) };
    }

    /// <summary>A description may be empty, but has to be there.</summary>
    private static JsonObject Described(JsonObject star)
    {
        star.TryAdd("description", "");
        return star;
    }

    private static JsonObject Profile(FilledForm form, IEnumerable<FilledEntry> entries)
    {
        var profile = Values(form.Person);
        profile["contributions"] = new JsonArray([.. entries.Select(entry => Values(entry.Fields))]);
        return profile;
    }

    /// <summary>The fields that have a value, those with a full stop in their names inside of objects.</summary>
    private static JsonObject Values(IReadOnlyList<FilledField> fields)
    {
        var root = new JsonObject();
        foreach (var filled in fields.Where(filled => filled.Values.Count > 0))
        {
            var (at, path) = (root, filled.Field.Name.Split('.'));
            foreach (var name in path[..^1])
            {
                if (at[name] is not JsonObject inner)
                    at[name] = inner = [];
                at = inner;
            }

            at[path[^1]] = Value(filled);
        }

        return root;
    }

    private static JsonNode Value(FilledField filled) => filled.Field.Type switch
    {
        FieldType.List => new JsonArray([.. filled.Values.Select(value => (JsonNode)value)]),
        FieldType.Whole => long.Parse(filled.Values[0], CultureInfo.InvariantCulture),
        FieldType.Flag => filled.Values[0] == "true",
        _ => filled.Values[0],
    };
}
