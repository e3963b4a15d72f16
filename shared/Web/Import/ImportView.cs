using ContributionIngest.Core.Import;
using NodaTime;

namespace ContributionIngest.Web.Import;

/// <summary>A file and what was chosen for it.</summary>
/// <param name="File">The id under which it waits.</param>
/// <param name="Name">As it is called on the person's computer; null if it has none.</param>
public sealed record ImportForm(string File, string? Name, ImportOptions Options);

/// <summary>What an import would do, with the choices.</summary>
public sealed record ImportView(ImportForm Form, ImportPlan Plan, DateTimeZone Zone)
{
    public const int MaxRows = 200;
    public const int MaxFaults = 200;

    /// <summary>A table with the same headers is asked about once.</summary>
    public IReadOnlyList<PlannedSheet> Tables => [.. Plan.Sheets.DistinctBy(sheet => sheet.Signature, StringComparer.Ordinal)];

    /// <summary>Rows that become or join something, and those that are left out with a reason.</summary>
    public IReadOnlyList<ImportItem> Of(ImportOutcome outcome) => [.. Plan.Items.Where(item => item.Outcome == outcome)];

    /// <summary>Whether the choices about it matter.</summary>
    public bool HasTables => Plan.Sheets.Count > 0;
}
