using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Web.Programmes;

/// <summary>The page of a programme's form.</summary>
/// <param name="Shown">The entries of this page of it.</param>
/// <param name="Only">The id of the one entry whose fields are all shown; null for what needs the person.</param>
/// <param name="IncludesPrivate">Private entries are in it.</param>
public sealed record FormView(FilledForm Form, IReadOnlyList<FilledEntry> Shown, int Page, int Pages, string? Only, bool IncludesPrivate)
{
    public const int EntriesPerPage = 50;

    /// <summary>A list that is longer than this is no menu, but is offered while one types.</summary>
    private const int MaxMenu = 15;

    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    /// <summary>What was typed and could not be saved, by the name of its input.</summary>
    public IReadOnlyDictionary<string, string> Typed { get; init; } = Nothing;

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; init; } = Nothing;

    public string Path => $"/programmes/{Form.Programme.Id}/form";

    /// <summary>This page of it.</summary>
    public string Here => Path + Query(Page, Only);

    public string At(int page) => Path + Query(page, null);

    /// <summary>The rows of an entry: what has a fault or is open; all that can be answered if it is the only one.</summary>
    public IEnumerable<FilledField> Rows(FilledEntry entry) => Only is null
        ? entry.Fields.Where(IsRow)
        : entry.Fields.Where(filled => filled.Field.IsAnswered || filled.Findings.Count > 0);

    /// <summary>Whether the person has something to say of it.</summary>
    public static bool NeedsPerson(FilledEntry entry) => entry.Fields.Any(IsRow);

    /// <summary>Boxes to tick are asked for once, for all; they would be most of the page.</summary>
    private static bool IsRow(FilledField filled) =>
        filled.Findings.Any(finding => finding.Kind != FindingKind.Note) && filled is not { Origin: ValueOrigin.Unknown, Field: { ForAll: true, Type: FieldType.List, Allowed: not null } };

    /// <summary>The input of an answer about the person.</summary>
    public EntryField About(FilledField filled) => Input($"person.{filled.Field.AnswerKey}", filled.Field, filled.Text ?? "") is var field && field.Fault is null
        ? field with { Fault = filled.Findings.FirstOrDefault(finding => finding.Kind == FindingKind.Fault && filled.Values.Count > 0)?.Text, Hint = filled.Field.Note }
        : field;

    /// <summary>The input of an answer for all.</summary>
    public EntryField ForAll(FormField asked, int lacking) => Input($"all.{asked.AnswerKey}", asked, Form.Membership.Answers.GetValueOrDefault(asked.AnswerKey) ?? "") with
    {
        Hint = lacking == 0 ? "All have a value." : $"{Numbers.Capital(Numbers.Contributions(lacking))} {(lacking == 1 ? "has" : "have")} none.",
    };

    /// <summary>The input of an answer for an entry.</summary>
    public EntryField Of(FilledEntry entry, FilledField filled) => Input($"entry.{entry.Entry.Id}.{filled.Field.AnswerKey}", filled.Field, filled.Text ?? "");

    /// <summary>The values of a menu; null if there is none.</summary>
    public IReadOnlyList<string>? Menu(FormField asked) => Form.Form.AllowedOf(asked) is { Count: <= MaxMenu } allowed ? allowed : null;

    /// <summary>The id of the values that are offered while one types; null if there are none.</summary>
    public string? OfferId(FormField asked) => Offers(asked) is null ? null : $"offer-{(asked.List ?? asked.AnswerKey).Replace('.', '-')}";

    /// <summary>What is offered while one types.</summary>
    public IReadOnlyList<string>? Offers(FormField asked)
    {
        if (asked.Open)
            return Form.Membership.Learnt.GetValueOrDefault(asked.AnswerKey);
        return Form.Form.AllowedOf(asked) is { Count: > MaxMenu } allowed && asked.Type != FieldType.List ? allowed : null;
    }

    /// <summary>All that is offered on this page, each once.</summary>
    public IEnumerable<(string Id, IReadOnlyList<string> Values)> AllOffers => Form.QuestionsForAll.Select(question => question.Field)
        .Concat(Shown.SelectMany(entry => Rows(entry).Select(filled => filled.Field)))
        .Where(asked => Offers(asked) is not null).DistinctBy(OfferId).Select(asked => (OfferId(asked)!, Offers(asked)!));

    /// <summary>The path of the file in a format.</summary>
    public string Export(string format) => $"/api/programmes/{Form.Programme.Id}/export?format={format}{(Form.Faulty > 0 ? "&faulty=skip" : "")}{(IncludesPrivate ? "&private=include" : "")}";

    private EntryField Input(string name, FormField asked, string value) => new(name, asked.Question ?? asked.Label, Typed.GetValueOrDefault(name) ?? value) { Fault = Faults.GetValueOrDefault(name) };

    private string Query(int page, string? only)
    {
        var parts = new[] { only is null ? null : $"entry={only}", page > 1 ? $"page={page}" : null, IncludesPrivate ? "private=include" : null }.OfType<string>().ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
