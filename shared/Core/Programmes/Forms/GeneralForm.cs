using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>A sheet with what the ledger has, for programmes whose form is not known.</summary>
internal static class GeneralForm
{
    private static readonly FormField[] Fields =
    [
        new() { Name = "title", Label = "Title", From = FieldSource.Title, Need = FieldNeed.Always },
        new() { Name = "type", Label = "Type", From = FieldSource.Type, Need = FieldNeed.Always },
        new() { Name = "date", Label = "Date", From = FieldSource.Day, Type = FieldType.Day, Need = FieldNeed.Always },
        new() { Name = "link", Label = "Link", From = FieldSource.Link, Type = FieldType.Address },
        new() { Name = "description", Label = "Description", From = FieldSource.Summary, Type = FieldType.Prose },
        new() { Name = "topics", Label = "Topics", From = FieldSource.Topics, Type = FieldType.List },
        new() { Name = "numbers", Label = "Numbers", From = FieldSource.Numbers },
    ];

    public static Form Of(Programme programme) => new()
    {
        Mark = RuleMark.Advice,
        Source = "ContributionIngest",
        Seen = "2026",
        Note = "The form of this programme is not on file. This is what the ledger has.",
        Groups = [new FormGroup { Name = "contributions", Kinds = programme.Types.Count == 0 ? Enum.GetValues<Kind>() : [.. programme.Types.Keys], Fields = Fields }],
    };
}
