using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>The form of a programme, or a sheet with what the ledger has where its form is not on file.</summary>
public static class ProgrammeForm
{
    private static readonly FormField[] General =
    [
        new() { Name = "title", Label = "Title", From = FieldSource.Title, Need = FieldNeed.Always },
        new() { Name = "type", Label = "Type", From = FieldSource.Type, Need = FieldNeed.Always },
        new() { Name = "date", Label = "Date", From = FieldSource.Day, Type = FieldType.Day, Need = FieldNeed.Always },
        new() { Name = "link", Label = "Link", From = FieldSource.Link, Type = FieldType.Address },
        new() { Name = "description", Label = "Description", From = FieldSource.Summary, Type = FieldType.Prose },
        new() { Name = "topics", Label = "Topics", From = FieldSource.Topics, Type = FieldType.List },
        new() { Name = "numbers", Label = "Numbers", From = FieldSource.Numbers },
    ];

    /// <summary>With the programme's areas as a list.</summary>
    public static Form Of(Programme programme)
    {
        var form = programme.Form ?? GeneralOf(programme);
        if (AreaList.Find(programme.Areas) is not { } list)
            return form;
        var areas = list.Categories.Values.SelectMany(area => area).Select(area => AreaName(programme, area)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase);
        return form with { Lists = new Dictionary<string, IReadOnlyList<string>>(form.Lists, StringComparer.Ordinal) { [Form.AreaListName] = [.. areas] } };
    }

    /// <summary>What the form calls an area of the current list; null if it does not have it.</summary>
    internal static string? AreaName(Programme programme, string area) =>
        programme.Form?.AreasSeen is { } seen ? AreaList.Find(programme.Areas)?.NameIn(seen, area) : area;

    /// <summary>The area of the current list that the form calls so.</summary>
    internal static string? AreaOf(Programme programme, string name) =>
        AreaList.Find(programme.Areas)?.Categories.Values.SelectMany(area => area).FirstOrDefault(area => AreaName(programme, area) == name);

    private static Form GeneralOf(Programme programme) => new()
    {
        Mark = RuleMark.Advice,
        Source = "ContributionIngest",
        Seen = "2026",
        Note = "The form of this programme is not on file. This is what the ledger has.",
        Groups = [new FormGroup { Name = "contributions", Kinds = programme.Types.Count == 0 ? Enum.GetValues<Kind>() : [.. programme.Types.Keys], Fields = General }],
    };
}
