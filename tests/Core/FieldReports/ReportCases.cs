using System.Text.Json;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.FieldReports;

/// <summary>Cases rebuilt from public bug reports of other software. Their README says what each part of a case means.</summary>
internal static class ReportCases
{
    /// <summary>The cases of a set, by id; none without the outside data.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Of(string set)
    {
        if (Corpora.Folder is null)
            return new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var expected = JsonElement.Parse(File.ReadAllBytes(Corpora.Path(set, "expected.json")));
        return expected.EnumerateObject().ToDictionary(report => report.Name, report => report.Value, StringComparer.Ordinal);
    }

    public static byte[] Input(string set, string file) => File.ReadAllBytes(Corpora.Path(set, "input", file));

    /// <summary>Runs of white space are one space.</summary>
    public static string? Folded(string? text) => text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static IEnumerable<string?> Strings(this JsonElement list) => list.EnumerateArray().Select(item => Folded(item.GetString()));

    /// <summary>The value at a path such as <c>events[0].start</c>, as text; null where there is none.</summary>
    public static string? At(this JsonElement element, string path)
    {
        foreach (var part in path.Replace('[', '.').Split('.'))
        {
            if (part.EndsWith(']'))
            {
                var index = int.Parse(part[..^1], System.Globalization.CultureInfo.InvariantCulture);
                if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() <= index)
                    return null;
                element = element[index];
            }
            else if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element))
            {
                return null;
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => element.GetString(),
            _ => element.GetRawText(),
        };
    }
}
