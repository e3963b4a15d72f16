using System.Globalization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>What is to say of a field of an entry.</summary>
/// <param name="before">The fields before it.</param>
internal sealed class EntryFindings(Programme programme, Form form, Contribution entry, DateOnly day, IReadOnlyList<FilledField> before)
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    public IEnumerable<FormFinding> Of(FilledField filled)
    {
        var field = filled.Field;
        if (field.From == FieldSource.Elsewhere)
            return [Finding(FindingKind.Note, field, field.Note!, "")];
        if (filled.Values.Count == 0)
            return Missing(field) is { } missing ? [missing, .. Topics(filled)] : Topics(filled);
        var fault = DateFault(field) ?? FieldCheck.Of(form, field, filled.Values) ?? SameFault(filled);
        if (fault is not null)
            return [Finding(FindingKind.Fault, field, fault.Reason, fault.Fix)];
        if (field.Note is { } note && field.From != FieldSource.Fixed)
            return [Finding(FindingKind.Note, field, note, ""), .. Doubt(field), .. Topics(filled)];
        return [.. Doubt(field), .. Topics(filled)];
    }

    private FormFinding? Missing(FormField field)
    {
        var (text, fix) = field.From switch
        {
            FieldSource.Link => ("It has no address.", "Give one for this form, or in the ledger."),
            FieldSource.Summary => ("It has no description.", "Write one for this form."),
            FieldSource.Number => ("The number is not known.", "Type it; it is kept in the ledger. What is not known stays out."),
            FieldSource.EndDay => ("Its last day is not known.", "Give it in the ledger."),
            FieldSource.Area or FieldSource.MoreAreas => ("It is in no area yet.", "Choose one."),
            _ => ("It has no answer yet.", field.ForAll ? "Answer it here, or once for all." : "Answer it here."),
        };
        return field.Need switch
        {
            FieldNeed.Always => Finding(FindingKind.Fault, field, text, fix),
            FieldNeed.ToSubmit => Finding(FindingKind.Open, field, text, field.Note is null ? fix : $"{fix} {field.Note}"),
            _ => null,
        };
    }

    /// <summary>When something was first seen is not when it was.</summary>
    private FieldFault? DateFault(FormField field) => IsDate(field) && entry.Effective().DatePrecision == DatePrecision.FirstSeen
        ? new($"When it was is not known; {day.ToString("d MMMM yyyy", English)} is only the day on which it was first seen.", "Give its date in the ledger.")
        : null;

    private FieldFault? SameFault(FilledField filled)
    {
        var other = before.FirstOrDefault(known => known.Field.Name == filled.Field.DiffersFrom);
        return other is not null && filled.Values.FirstOrDefault(value => other.Values.Contains(value, StringComparer.OrdinalIgnoreCase)) is { } same
            ? new($"“{same}” is the {other.Field.Label.ToLowerInvariant()} already.", "Leave it out here.")
            : null;
    }

    private IEnumerable<FormFinding> Doubt(FormField field) => IsDate(field) && entry.Effective().DatePrecision == DatePrecision.Derived
        ? [Finding(FindingKind.Note, field, $"{day.ToString("d MMMM yyyy", English)} was derived from an update or an address.", "Look whether it is right.")]
        : [];

    private IEnumerable<FormFinding> Topics(FilledField filled)
    {
        if (filled.Field.From != FieldSource.Topics || filled.Origin == ValueOrigin.Entry || form.AllowedOf(filled.Field) is not { } allowed)
            return [];
        var others = entry.Effective().Topics.Where(topic => !allowed.Contains(topic, StringComparer.OrdinalIgnoreCase)).ToList();
        return others.Count == 0 ? [] : [Finding(FindingKind.Note, filled.Field, $"No tag of the form, and left out: {string.Join(", ", others)}.", "Choose tags for this form, if others fit.")];
    }

    private static bool IsDate(FormField field) => field.From is FieldSource.Day or FieldSource.Year or FieldSource.Month;

    /// <summary>Dates and what is not asked for here are settled in the ledger.</summary>
    private FormFinding Finding(FindingKind kind, FormField field, string text, string fix) => new(
        kind, field.Name, field.Label, text, fix, field.IsAnswered ? $"/programmes/{programme.Id}/form?entry={entry.Id}" : $"/ledger/{entry.Id}/edit");
}
