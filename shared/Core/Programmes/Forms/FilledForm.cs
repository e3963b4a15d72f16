using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>How much a finding matters.</summary>
[JsonConverter(typeof(EnumTextConverter<FindingKind>))]
public enum FindingKind
{
    /// <summary>The file cannot have the entry as it is.</summary>
    Fault,

    /// <summary>Asked for before it is submitted; the file may go without.</summary>
    Open,

    /// <summary>Worth knowing.</summary>
    Note,
}

/// <summary>What is to say of a field.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Label">For people.</param>
/// <param name="Text">What is wrong.</param>
/// <param name="Fix">What settles it.</param>
/// <param name="Link">The page on which it is settled.</param>
public sealed record FormFinding(FindingKind Kind, string Field, string Label, string Text, string Fix, string Link);

/// <summary>Where the value of a field is from.</summary>
[JsonConverter(typeof(EnumTextConverter<ValueOrigin>))]
public enum ValueOrigin
{
    /// <summary>Nobody has said anything.</summary>
    Unknown,

    /// <summary>The form has the same for everybody.</summary>
    Form,
    Ledger,

    /// <summary>The person answered for this entry.</summary>
    Entry,

    /// <summary>The person answered for all entries.</summary>
    All,

    /// <summary>The person answered about themselves.</summary>
    Person,
}

/// <summary>A field of the form with its value.</summary>
/// <param name="Values">Empty if it has none; more than one only for a list.</param>
public sealed record FilledField(FormField Field, IReadOnlyList<string> Values, ValueOrigin Origin)
{
    public IReadOnlyList<FormFinding> Findings { get; init; } = [];

    /// <summary>As one text; null if it has no value.</summary>
    public string? Text => Values.Count == 0 ? null : FormText.Join(Values);

    public bool IsFaulty => Findings.Any(finding => finding.Kind == FindingKind.Fault);
}

/// <summary>A contribution in the form's fields.</summary>
/// <param name="Fields">Those that are asked for with the other values as they are.</param>
public sealed record FilledEntry(Contribution Entry, FormGroup Group, DateOnly Day, IReadOnlyList<FilledField> Fields)
{
    public IEnumerable<FormFinding> Findings => Fields.SelectMany(filled => filled.Findings);

    public bool IsFaulty => Fields.Any(filled => filled.IsFaulty);
}

/// <summary>A programme's form, filled with what the ledger has and the person has answered, and with nothing else.</summary>
/// <param name="Window">The days that count.</param>
/// <param name="IsOurWindow">The programme says nothing of the days that count, or they are not known yet: these are the last twelve months.</param>
/// <param name="Person">Fields about the person.</param>
/// <param name="Entries">The newest first.</param>
public sealed record FilledForm(Programme Programme, Form Form, Membership Membership, CountedDays Window, bool IsOurWindow, IReadOnlyList<FilledField> Person, IReadOnlyList<FilledEntry> Entries)
{
    /// <summary>Private ones that were left out.</summary>
    public int LeftOutPrivate { get; init; }

    /// <summary>Those of kinds that have no place in the form.</summary>
    public int LeftOutKinds { get; init; }

    /// <summary>Those that were not chosen, of a form that has room for some only.</summary>
    public int LeftOutNotChosen { get; init; }

    public int Faulty => Entries.Count(entry => entry.IsFaulty);

    /// <summary>Questions about the person that have no answer yet.</summary>
    public IEnumerable<FilledField> PersonQuestions => Person.Where(filled => filled.Field.From == FieldSource.Person && filled.Values.Count == 0);

    /// <summary>Fields of entries that an answer for all of them would settle, each once, with how many lack it.</summary>
    public IEnumerable<(FormField Field, int Lacking)> QuestionsForAll => Entries
        .SelectMany(entry => entry.Fields.Where(filled => filled.Field is { ForAll: true, IsAnswered: true } && filled.Origin is ValueOrigin.Unknown or ValueOrigin.All))
        .GroupBy(filled => filled.Field.AnswerKey, StringComparer.Ordinal)
        .Select(group => (group.First().Field, group.Count(filled => filled.Origin == ValueOrigin.Unknown)));
}
