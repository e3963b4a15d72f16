using System.Text.Json.Serialization;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>A programme's form, filled.</summary>
/// <param name="Form">Its fields, and where they are known from.</param>
/// <param name="From">The first day that counts.</param>
/// <param name="To">The last.</param>
/// <param name="Needs">What would have to be said for the programme's own window: `accepted`, `cohort` or `deadline`.</param>
/// <param name="Formats">The formats of the file, the programme's own first.</param>
/// <param name="Counts">How many entries there are.</param>
/// <param name="Person">Fields about you.</param>
/// <param name="Questions">What one answer would settle for several entries.</param>
/// <param name="Entries">The newest first.</param>
internal sealed record FormAnswer(
    string Programme, Form Form, DateOnly From, DateOnly To, string? Needs, IReadOnlyList<string> Formats, FormCounts Counts, FilledPart Person, IReadOnlyList<FormQuestion> Questions, IReadOnlyList<FilledEntryItem> Entries)
{
    public static FormAnswer Of(FilledForm form) => new(
        form.Programme.Id,
        form.Form,
        form.Window.From,
        form.Window.To,
        form.IsOurWindow ? Membership.Needed(form.Programme.Window?.Kind) : null,
        [.. FormExport.Formats(form.Form.Format).Select(format => format.Name)],
        new FormCounts(form.Entries.Count, form.Faulty, form.LeftOutPrivate, form.LeftOutKinds, form.LeftOutNotChosen),
        FilledPart.Of(form.Person),
        [.. form.QuestionsForAll.Select(question => FormQuestion.Of(form, question.Field, question.Lacking))],
        [.. form.Entries.Select(FilledEntryItem.Of)]);
}

/// <param name="Entries">Those with a place in the form.</param>
/// <param name="Faulty">Those of them with a fault.</param>
/// <param name="Private">Private ones that were left out.</param>
/// <param name="Kinds">Those of kinds without a place in the form.</param>
/// <param name="NotChosen">Those that you have not chosen, where the form has room for some only.</param>
internal sealed record FormCounts(int Entries, int Faulty, int Private, int Kinds, int NotChosen);

/// <param name="Values">By the form's name; absent if unknown. Values of a list are separated by semicolons.</param>
internal sealed record FilledPart(IReadOnlyDictionary<string, string> Values, IReadOnlyList<FormFinding> Findings)
{
    public static FilledPart Of(IReadOnlyList<FilledField> fields) => new(
        fields.Where(filled => filled.Text is not null).ToDictionary(filled => filled.Field.Name, filled => filled.Text!, StringComparer.Ordinal), [.. fields.SelectMany(filled => filled.Findings)]);
}

/// <param name="Key">What an answer is kept under.</param>
/// <param name="Lacking">How many entries have no value.</param>
/// <param name="Answer">What you have answered for all.</param>
/// <param name="Learnt">What you have typed before, for a list that is not published.</param>
internal sealed record FormQuestion(string Key, string Question, int Lacking, string? Answer, IReadOnlyList<string>? Learnt)
{
    public static FormQuestion Of(FilledForm form, FormField asked, int lacking) => new(
        asked.AnswerKey, asked.Question ?? asked.Label, lacking, form.Membership.Answers.GetValueOrDefault(asked.AnswerKey), form.Membership.Learnt.GetValueOrDefault(asked.AnswerKey));
}

/// <param name="Group">Which fields of the form it has.</param>
/// <param name="Values">By the form's name; absent if unknown. Values of a list are separated by semicolons.</param>
/// <param name="Origins">Where each value is from.</param>
internal sealed record FilledEntryItem(
    string Id, string Title, string Group, bool IsFaulty, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, ValueOrigin> Origins, IReadOnlyList<FormFinding> Findings)
{
    public static FilledEntryItem Of(FilledEntry entry)
    {
        var part = FilledPart.Of(entry.Fields);
        var origins = entry.Fields.Where(filled => filled.Text is not null).ToDictionary(filled => filled.Field.Name, filled => filled.Origin, StringComparer.Ordinal);
        return new FilledEntryItem(entry.Entry.Id, entry.Entry.Effective().Title, entry.Group.Name, entry.IsFaulty, part.Values, origins, part.Findings);
    }
}

/// <summary>Answers as a merge patch; null takes one back.</summary>
/// <param name="Person">About yourself.</param>
/// <param name="All">For all entries without an answer of their own.</param>
/// <param name="Entries">For entries, by their ids.</param>
internal sealed record AnswersBody(Dictionary<string, string?>? Person, Dictionary<string, string?>? All, Dictionary<string, Dictionary<string, string?>>? Entries);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FormAnswer))]
[JsonSerializable(typeof(AnswersBody))]
internal sealed partial class FormJson : JsonSerializerContext;
