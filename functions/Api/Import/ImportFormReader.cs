using ContributionIngest.Core.Import;
using ContributionIngest.Core.Model;
using ContributionIngest.Web.Import;

namespace ContributionIngest.Functions.Api.Import;

/// <summary>The choices of the page, from its form.</summary>
internal static class ImportFormReader
{
    public static ImportForm Read(string file, IFormCollection form)
    {
        var mappings = new Dictionary<string, Dictionary<string, ImportField?>>(StringComparer.Ordinal);
        foreach (var (name, value) in form)
        {
            // "column.(signature).(header)", so that a field is what it says it is whatever the order.
            if (name.Split('.', 3) is not ["column", var signature, { Length: > 0 } header] || !Identity.IsWellFormed(signature))
                continue;
            if (!mappings.TryGetValue(signature, out var fields))
                mappings[signature] = fields = new Dictionary<string, ImportField?>(StringComparer.Ordinal);
            fields[header] = EnumText<ImportField>.TryParse(value, out var meant) ? meant : null;
        }

        var options = new ImportOptions(
            EnumText<Kind>.TryParse(form["kind"], out var kind) ? kind : null,
            EnumText<DayOrder>.TryParse(form["dayOrder"], out var order) ? order : null,
            form["firstIsMonth"] == "true",
            form["private"] == "true")
        { Mappings = mappings.ToDictionary(pair => pair.Key, pair => new ColumnMapping(pair.Value), StringComparer.Ordinal) };
        return new ImportForm(file, Normaliser.Line(form["name"], 100), options);
    }
}
