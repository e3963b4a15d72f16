using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes;

/// <summary>How a form is handed in.</summary>
[JsonConverter(typeof(EnumTextConverter<FormFormat>))]
public enum FormFormat
{
    /// <summary>A sheet to copy from, as CSV, XLSX or Markdown.</summary>
    Sheet,

    /// <summary>The bodies of activity drafts of Advocu's personal API.</summary>
    AdvocuDrafts,

    /// <summary>The body of a batch: <c>{"data":[…]}</c>.</summary>
    Stars,

    /// <summary>The person's part of a list of members, as YAML.</summary>
    AsyncApiYaml,

    /// <summary>A list of one profile, as JSON.</summary>
    JsonSchemaJson,
}

/// <summary>What a form counts where it limits the length of a text.</summary>
[JsonConverter(typeof(EnumTextConverter<TextUnit>))]
public enum TextUnit
{
    /// <summary>UTF-16 code units, as the fields of a browser and of .NET do: an emoji counts two or more.</summary>
    Utf16,

    /// <summary>Code points, as JSON Schema does.</summary>
    CodePoints,
}

[JsonConverter(typeof(EnumTextConverter<FieldType>))]
public enum FieldType
{
    /// <summary>Text on one line.</summary>
    Line,

    /// <summary>Text of several lines.</summary>
    Prose,

    /// <summary>A web address.</summary>
    Address,
    Day,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>Several texts.</summary>
    List,
}

/// <summary>Where the value of a field comes from. A person's own answer for the entry comes before it, except for dates, which the ledger has.</summary>
[JsonConverter(typeof(EnumTextConverter<FieldSource>))]
public enum FieldSource
{
    /// <summary>Nothing but an answer: for the entry, or else for all entries.</summary>
    Answer,

    /// <summary>An answer about the person, which forms share by its name.</summary>
    Person,
    Title,
    Summary,
    Link,
    Day,
    EndDay,
    Year,

    /// <summary>The English name of the month.</summary>
    Month,

    /// <summary>What the programme calls the kind.</summary>
    Type,
    Role,
    Topics,

    /// <summary>The area the entry is in.</summary>
    Area,

    /// <summary>Further areas.</summary>
    MoreAreas,

    /// <summary>A number of the ledger.</summary>
    Number,

    /// <summary>All numbers of the ledger, in words.</summary>
    Numbers,

    /// <summary>The same for all entries.</summary>
    Fixed,
    Private,

    /// <summary>Filled in where the form is: the file cannot carry it.</summary>
    Elsewhere,
}

/// <summary>When a field has to be filled in.</summary>
[JsonConverter(typeof(EnumTextConverter<FieldNeed>))]
public enum FieldNeed
{
    Never,

    /// <summary>Before it is submitted; the file may go without.</summary>
    ToSubmit,

    /// <summary>The file cannot be without it.</summary>
    Always,
}

/// <summary>A field that is there only where another has one of some values.</summary>
/// <param name="Field">The name of a field before it.</param>
public sealed record FieldCondition(string Field, IReadOnlyList<string> Is);

/// <summary>A field of a programme's form.</summary>
public sealed record FormField
{
    /// <summary>As the form calls it. A full stop leads into an object: <c>metrics.readers</c>.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public required string Label { get; init; }

    public FieldType Type { get; init; }

    public FieldSource From { get; init; }

    /// <summary>What an answer is kept under, if the name does not say it: forms have different fields of the same name.</summary>
    public string? Key { get; init; }

    /// <summary>For <see cref="FieldSource.Number"/> the ledger's names of it, the usual one first.</summary>
    public IReadOnlyList<string> Metrics { get => field ?? []; init; }

    /// <summary>For <see cref="FieldSource.Fixed"/>.</summary>
    public string? Value { get; init; }

    /// <summary>For <see cref="FieldSource.Type"/> and <see cref="FieldSource.Role"/>: what the form calls the kind or the role. A role without a word is asked for.</summary>
    public IReadOnlyDictionary<string, string> Words { get => field ?? None; init; }

    public FieldNeed Need { get; init; }

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    /// <summary>A regular expression, with <see cref="PatternText"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>What the pattern takes, after "It takes".</summary>
    public string? PatternText { get; init; }

    /// <summary>All values that the form takes.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>The same, as the name of a list of the form.</summary>
    public string? List { get; init; }

    /// <summary>The lowest number.</summary>
    public int? AtLeast { get; init; }

    public int? MinCount { get; init; }

    public int? MaxCount { get; init; }

    /// <summary>The name of a field with whose value none of this may agree.</summary>
    public string? DiffersFrom { get; init; }

    /// <summary>The form has a list that is not published: what the person types is offered again.</summary>
    public bool Open { get; init; }

    /// <summary>One answer may do for all entries.</summary>
    public bool ForAll { get; init; }

    /// <summary>Asks the person for it; without one the label is shown.</summary>
    public string? Question { get; init; }

    /// <summary>What else to know of it.</summary>
    public string? Note { get; init; }

    public FieldCondition? OnlyIf { get; init; }

    /// <summary>What an answer to it is kept under.</summary>
    [JsonIgnore]
    public string AnswerKey => Key ?? Name;

    /// <summary>Whether the person can answer it here. When something was is for the ledger to say, and so is a number.</summary>
    [JsonIgnore]
    public bool IsAnswered => From is not (FieldSource.Fixed or FieldSource.Day or FieldSource.EndDay or FieldSource.Year or FieldSource.Month or FieldSource.Numbers or FieldSource.Private or FieldSource.Elsewhere);

    /// <summary>What the ledger knows is kept there, and not for one form.</summary>
    [JsonIgnore]
    public bool IsKeptInLedger => From is FieldSource.Number or FieldSource.Area;

    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);
}

/// <summary>What a form asks of contributions of some kinds.</summary>
public sealed record FormGroup
{
    /// <summary>As the form calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The first group with the kind and the role is the entry's.</summary>
    public required IReadOnlyList<Kind> Kinds { get; init; }

    /// <summary>Empty for any.</summary>
    public IReadOnlyList<Role> Roles { get => field ?? []; init; }

    public required IReadOnlyList<FormField> Fields { get; init; }

    /// <summary>What cannot be done by the file.</summary>
    public string? Note { get; init; }
}

/// <summary>A programme's form, as it was seen. What participants report of a form is a part of the form, not a rule to compare anybody with.</summary>
public sealed record Form
{
    public FormFormat Format { get; init; }

    public required RuleMark Mark { get; init; }

    public required string Source { get; init; }

    public required string Seen { get; init; }

    /// <summary>What lengths count.</summary>
    public TextUnit Lengths { get; init; }

    /// <summary>How many contributions it has room for; null if that is not known.</summary>
    public int? Room { get; init; }

    public string? Note { get; init; }

    /// <summary>Which version of the programme's list of areas it shows; null for the current one.</summary>
    public string? AreasSeen { get; init; }

    /// <summary>The list that a programme's areas make, and that no file has.</summary>
    public const string AreaListName = "areas";

    /// <summary>Values that several fields take, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Lists { get => field ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal); init; }

    /// <summary>About the person.</summary>
    public IReadOnlyList<FormField> Person { get => field ?? []; init; }

    public required IReadOnlyList<FormGroup> Groups { get; init; }

    /// <summary>Null if contributions of that kind have no place in it.</summary>
    public FormGroup? GroupOf(Kind kind, Role role) => Groups.FirstOrDefault(group => group.Kinds.Contains(kind) && (group.Roles.Count == 0 || group.Roles.Contains(role)));

    /// <summary>The values that a field takes; null if any.</summary>
    public IReadOnlyList<string>? AllowedOf(FormField field) => field.List is null ? field.Allowed : Lists[field.List];
}
