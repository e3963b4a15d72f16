using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes;

/// <summary>What is wrong with the form in a programme file.</summary>
internal static partial class FormFile
{
    private const int MaxText = 300;
    private static readonly TimeSpan MaxMatch = TimeSpan.FromMilliseconds(200);

    /// <param name="hasAreas">The programme has a list of areas.</param>
    /// <returns>Where it is wrong, such as <c>form.groups[1].fields[0]</c>, and why; null if nothing is.</returns>
    public static (string Path, string Reason)? Fault(Form form, bool hasAreas)
    {
        if (!hasAreas && (form.AreasSeen is not null || form.Groups.Any(group => group.Fields.Any(HasAreas))))
            return ("form", "The programme has no list of areas.");
        if (form.Room < 1)
            return ("form.room", "A form has room for 1 or more.");
        if (form.Lists.FirstOrDefault(list => list.Value.Count == 0 || list.Value.Any(IsEmpty)) is { Key: { } name })
            return ($"form.lists.{name}", "A list has values, and none is empty.");
        if (form.Groups.Count == 0)
            return ("form.groups", "A form has a group of fields.");
        if (Fault(form, form.Person, "form.person", isPerson: true) is { } person)
            return person;
        foreach (var (at, group) in form.Groups.Index())
        {
            var path = $"form.groups[{at}]";
            if (IsEmpty(group.Name) || group.Kinds.Count == 0 || group.Fields.Count == 0)
                return (path, "A group has a name, kinds and fields.");
            if (Fault(form, group.Fields, path + ".fields", isPerson: false) is { } wrong)
                return wrong;
        }

        return null;
    }

    private static (string Path, string Reason)? Fault(Form form, IReadOnlyList<FormField> fields, string path, bool isPerson)
    {
        foreach (var (at, field) in fields.Index())
        {
            var before = fields.Take(at).Select(other => other.Name).ToList();
            if ((Fault(form, field, isPerson) ?? Order(field, before)) is { } reason)
                return ($"{path}[{at}]", reason);
        }

        return null;
    }

    private static string? Fault(Form form, FormField field, bool isPerson)
    {
        if (!Name().IsMatch(field.Name) || (field.Key is not null && !Name().IsMatch(field.Key)))
            return $"'{field.Name}' is no name of a field: letters and digits, with full stops between.";
        if (IsEmpty(field.Label) || field.Label.Length > MaxText || field.Question?.Length > MaxText || field.Note?.Length > MaxText)
            return $"A field has a label, and no text of it is longer than {MaxText} characters.";
        if (isPerson && field.From is not (FieldSource.Person or FieldSource.Fixed))
            return "A field about the person comes from the person.";
        if (field.From == FieldSource.Number != field.Metrics.Count > 0)
            return "A number says by which names the ledger knows it, and nothing else does.";
        if (field.From == FieldSource.Elsewhere && IsEmpty(field.Note))
            return "A field that the file cannot carry says in a note what to do.";
        if (field.From == FieldSource.Fixed != field.Value is not null)
            return "A fixed field has a value, and nothing else has.";
        if (field.Words.Count > 0 && WordsFault(field) is { } word)
            return word;
        return LimitFault(form, field);
    }

    private static string? WordsFault(FormField field) => field.From switch
    {
        FieldSource.Type => field.Words.Keys.FirstOrDefault(word => !EnumText<Kind>.TryParse(word, out _)) is { } kind ? $"'{kind}' is no kind." : null,
        FieldSource.Role => field.Words.Keys.FirstOrDefault(word => !EnumText<Role>.TryParse(word, out _)) is { } role ? $"'{role}' is no role." : null,
        _ => "Only a type or a role has words.",
    };

    private static string? LimitFault(Form form, FormField field)
    {
        if (field.MinLength < 1 || field.MaxLength < 1 || field.MinLength > field.MaxLength || field.MinCount < 1 || field.MaxCount < 1 || field.MinCount > field.MaxCount || field.AtLeast < 0)
            return "A limit is 1 or more, and the lower one is not above the higher.";
        if ((field.MinCount is not null || field.MaxCount is not null) && field.Type != FieldType.List)
            return "Only a list has a count.";
        if (field.AtLeast is not null && field.Type != FieldType.Whole)
            return "Only a whole number has a lowest value.";
        if (field.List is not null && (field.Allowed is not null || (field.List != Form.AreaListName && !form.Lists.ContainsKey(field.List))))
            return $"There is no list '{field.List}', or the field has values of its own as well.";
        if (field.Open && (field.List is not null || field.Allowed is not null))
            return "An open list has no values on file.";
        if (field.Allowed is { } allowed && (allowed.Count == 0 || allowed.Any(IsEmpty)))
            return "The values of a field are not empty.";
        return field.Pattern is null ? null : PatternFault(field);
    }

    private static string? PatternFault(FormField field)
    {
        if (IsEmpty(field.PatternText))
            return "A pattern says in words what it takes.";
        try
        {
            _ = Regex.IsMatch("", field.Pattern!, RegexOptions.CultureInvariant, MaxMatch);
            return null;
        }
        catch (ArgumentException)
        {
            return "The pattern is no regular expression.";
        }
    }

    /// <summary>A field is named once, and depends only on fields before it.</summary>
    private static string? Order(FormField field, List<string> before)
    {
        if (before.Contains(field.Name, StringComparer.Ordinal) && field.OnlyIf is null)
            return $"The field '{field.Name}' is there twice.";
        if (field.DiffersFrom is not null && !before.Contains(field.DiffersFrom, StringComparer.Ordinal))
            return $"No field '{field.DiffersFrom}' comes before it.";
        if (field.OnlyIf is { } condition && (condition.Is.Count == 0 || !before.Contains(condition.Field, StringComparer.Ordinal)))
            return $"No field '{condition.Field}' comes before it.";
        return null;
    }

    private static bool HasAreas(FormField field) => field.List == Form.AreaListName || field.From is FieldSource.Area or FieldSource.MoreAreas;

    private static bool IsEmpty(string? text) => string.IsNullOrWhiteSpace(text);

    /// <summary>The line of the value at a path of names and indexes, or of the last part of it that is there.</summary>
    public static int Line(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json);
        long found = 0;
        reader.Read();
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            if (!(step[0] == '[' ? ToItem(ref reader, int.Parse(step[1..^1], CultureInfo.InvariantCulture)) : ToProperty(ref reader, step)))
                break;
            found = reader.TokenStartIndex;
            if (step[0] != '[')
                reader.Read();
        }

        return json[..(int)found].Count((byte)'\n') + 1;
    }

    private static bool ToProperty(ref Utf8JsonReader reader, string name)
    {
        var depth = reader.CurrentDepth + 1;
        while (reader.Read() && reader.CurrentDepth >= depth)
        {
            if (reader.CurrentDepth == depth && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name))
                return true;
        }

        return false;
    }

    private static bool ToItem(ref Utf8JsonReader reader, int index)
    {
        var depth = reader.CurrentDepth + 1;
        for (var at = 0; reader.Read() && reader.CurrentDepth >= depth;)
        {
            if (reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) && at++ == index)
                return true;
        }

        return false;
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
