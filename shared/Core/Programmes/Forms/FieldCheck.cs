using System.Globalization;
using System.Text.RegularExpressions;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>What is wrong with a value.</summary>
/// <param name="Reason">In plain words.</param>
/// <param name="Fix">What settles it.</param>
public sealed record FieldFault(string Reason, string Fix);

/// <summary>Compares the values of a field with what the form takes.</summary>
public static class FieldCheck
{
    private const int MaxShown = 60;
    private static readonly TimeSpan MaxMatch = TimeSpan.FromMilliseconds(200);

    /// <summary>The first fault; null if the form takes the values.</summary>
    /// <param name="values">At least one.</param>
    public static FieldFault? Of(Form form, FormField field, IReadOnlyList<string> values)
    {
        if (field.Type == FieldType.List && CountFault(field, values) is { } count)
            return count;
        foreach (var value in values)
        {
            if (ValueFault(form, field, value) is { } fault)
                return fault;
        }

        return null;
    }

    private static FieldFault? CountFault(FormField field, IReadOnlyList<string> values)
    {
        if (values.GroupBy(value => value, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            return new($"“{Shown(twice.Key)}” is there twice.", "Name each once.");
        if (values.Count > field.MaxCount)
            return new($"It has {values.Count} values; the form takes {field.MaxCount}.", "Leave some out.");
        return values.Count < field.MinCount ? new($"It has {values.Count} values; the form wants {field.MinCount} or more.", "Add some.") : null;
    }

    private static FieldFault? ValueFault(Form form, FormField field, string value)
    {
        if (FormText.HasHiddenCharacters(value))
            return new("It has invisible characters, which change how the text around it is shown.", "Save it once without them.");
        if (form.AllowedOf(field) is { } allowed && !allowed.Contains(value, StringComparer.Ordinal))
            return new($"“{Shown(value)}” is none of the form's values.", allowed.Count <= 15 ? $"Choose one: {string.Join(", ", allowed)}." : "Choose one of its list.");
        var fault = field.Type switch
        {
            FieldType.Address => FormText.Address(value) is null ? new($"“{Shown(value)}” is no web address.", "Give an address with http:// or https://.") : null,
            FieldType.Whole => NumberFault(field, value),
            FieldType.Flag => value is "true" or "false" ? null : new($"“{Shown(value)}” is neither true nor false.", "Say true or false."),
            FieldType.Day => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : new FieldFault($"“{Shown(value)}” is no day.", "Type it like 2026-05-20."),
            _ => null,
        };
        return fault ?? LengthFault(form, field, value) ?? PatternFault(field, value);
    }

    private static FieldFault? NumberFault(FormField field, string value)
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return new($"“{Shown(value)}” is no whole number.", "Type digits, such as 40.");
        return number < (field.AtLeast ?? 0) ? new($"It is {number}; the form takes {field.AtLeast ?? 0} or more.", "Correct it, or take it back if it is not known.") : null;
    }

    private static FieldFault? LengthFault(Form form, FormField field, string value)
    {
        if (FormText.Length(value, form.Lengths) is var length && length > field.MaxLength)
            return new($"It has {Characters(length)}; the form takes {field.MaxLength}.", "Type a shorter one for this form; the ledger keeps its own.");
        return length < field.MinLength ? new($"It has {Characters(length)}; the form wants {field.MinLength} or more.", "Type a longer one for this form.") : null;
    }

    private static FieldFault? PatternFault(FormField field, string value)
    {
        if (field.Pattern is null)
            return null;
        try
        {
            // An operator's file may have a pattern that takes too long.
            if (Regex.IsMatch(value, field.Pattern, RegexOptions.CultureInvariant, MaxMatch))
                return null;
        }
        catch (RegexMatchTimeoutException)
        {
            // What cannot be compared is not let through.
        }

        return new($"“{Shown(value)}” does not fit.", $"It takes {field.PatternText}.");
    }

    private static string Characters(int count) => count == 1 ? "1 character" : string.Create(CultureInfo.InvariantCulture, $"{count} characters");

    private static string Shown(string value) => Model.Normaliser.Line(value, MaxShown) ?? "";
}
