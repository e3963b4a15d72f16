using System.Globalization;
using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>Answers to a form as they come in, by what they are kept under; null or nothing takes one back.</summary>
/// <param name="Person">About the person.</param>
/// <param name="All">For all entries without an answer of their own.</param>
/// <param name="Entries">For one entry, by its id.</param>
public sealed record AnswerChanges(
    IReadOnlyDictionary<string, string?> Person, IReadOnlyDictionary<string, string?> All, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string?>> Entries)
{
    public int Count => Person.Count + All.Count + Entries.Values.Sum(answers => answers.Count);
}

/// <summary>
/// Takes answers to a form. Nothing is kept of answers with a fault in any of them. Numbers that the ledger knows go there, as the person's own. What a
/// person types for a list that is not published is offered again.
/// </summary>
public sealed class FormAnswers(Memberships memberships, LedgerEditor editor, AreaChoiceStore areas, TimeProvider clock)
{
    private const int MaxLearnt = 20;
    private const double MaxNumber = 1e15;

    /// <returns>What is wrong, by <c>person.name</c>, <c>all.name</c> or <c>entries.id.name</c>; empty if the answers are kept.</returns>
    /// <exception cref="Storage.ConcurrencyException">Other writers kept changing the same.</exception>
    public async Task<IReadOnlyDictionary<string, string[]>> SaveAsync(string person, FilledForm form, AnswerChanges sent, CancellationToken cancel)
    {
        var (faults, learnt) = (new SortedDictionary<string, string[]>(StringComparer.Ordinal), new List<(string Key, string Value)>());
        var about = Read(form, "person", sent.Person, key => form.Form.Person.FirstOrDefault(field => field.AnswerKey == key && field.From == FieldSource.Person), faults, learnt);
        var forAll = Read(form, "all", sent.All, key => FieldForAll(form, key, sent.All[key]), faults, learnt);
        var entries = new List<(FilledEntry Entry, IReadOnlyList<(FormField Field, string? Value)> Answers)>();
        foreach (var (id, answers) in sent.Entries)
        {
            if (form.Entries.FirstOrDefault(entry => entry.Entry.Id == id) is { } entry)
                entries.Add((entry, Read(form, $"entries.{id}", answers, key => FieldOf(entry.Group, key), faults, learnt)));
            else
                faults[$"entries.{id}"] = ["There is no such contribution in the form."];
        }

        if (faults.Count > 0)
            return faults;
        if (about.Count > 0)
            await memberships.AnswerAsync(person, Named(about), cancel);
        if (forAll.Count > 0 || learnt.Count > 0)
            await memberships.ChangeAsync(person, form.Programme.Id, known => Changed(known, Named(forAll), learnt), cancel);
        foreach (var (entry, answers) in entries)
            await SaveAsync(person, form.Programme, entry, answers, cancel);
        return faults;
    }

    private async Task SaveAsync(string person, Programme programme, FilledEntry entry, IReadOnlyList<(FormField Field, string? Value)> answers, CancellationToken cancel)
    {
        var others = answers.Where(answer => !answer.Field.IsKeptInLedger).ToList();
        if (others.Count > 0)
            await memberships.AnswerAsync(person, programme.Id, entry.Entry.Id, Named(others), cancel);
        var numbers = answers.Where(answer => answer.Field.From == FieldSource.Number).ToList();
        if (numbers.Count > 0)
            await editor.EditAsync(person, entry.Entry.Id, null, current => WithNumbers(current, numbers), cancel);
        foreach (var (_, area) in answers.Where(answer => answer.Field.From == FieldSource.Area))
            await areas.PlaceEntryAsync(person, programme.Areas!, entry.Entry.Id, area is null ? null : ProgrammeForm.AreaOf(programme, area), cancel);
    }

    /// <summary>The person's own numbers; one that is taken back is what places measure again, if they do.</summary>
    private PersonalValues WithNumbers(Contribution entry, IEnumerable<(FormField Field, string? Value)> answers)
    {
        var metrics = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var (name, metric) in entry.Edits.Metrics ?? new Dictionary<string, Metric>(StringComparer.Ordinal))
            metrics[name] = metric;
        foreach (var (field, value) in answers)
        {
            // The form shows the first that is known, so that is the one that is corrected.
            var name = field.Metrics.FirstOrDefault(entry.EffectiveMetrics().ContainsKey) ?? field.Metrics[0];
            if (value is null)
                metrics.Remove(name);
            else if (double.Parse(value, CultureInfo.InvariantCulture) is var number && (!metrics.TryGetValue(name, out var known) || known.Value != number))
                metrics[name] = new Metric(number, clock.GetUtcNow(), MetricOrigin.Typed);
        }

        return PersonalValues.Of(entry) with { Edits = entry.Edits with { Metrics = metrics.Count == 0 ? null : metrics } };
    }

    private static Membership Changed(Membership known, IReadOnlyDictionary<string, string?> forAll, IReadOnlyList<(string Key, string Value)> learnt)
    {
        var values = known.Learnt.ToDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in learnt)
            values[key] = [value, .. (values.GetValueOrDefault(key) ?? []).Where(other => other != value).Take(MaxLearnt - 1)];
        return known with { Answers = new Answers(known.Answers).With(forAll).Values, Learnt = values };
    }

    private static List<(FormField Field, string? Value)> Read(
        FilledForm form, string path, IReadOnlyDictionary<string, string?> sent, Func<string, FormField?> find, SortedDictionary<string, string[]> faults, List<(string Key, string Value)> learnt)
    {
        var read = new List<(FormField Field, string? Value)>();
        foreach (var (key, typed) in sent)
        {
            if (find(key) is not { } field)
            {
                faults[$"{path}.{key}"] = ["The form does not ask for it there."];
                continue;
            }

            var value = FormText.Clean(field, typed);
            if (value is not null && Fault(form.Form, field, value) is { } fault)
                faults[$"{path}.{key}"] = [$"{fault.Reason} {fault.Fix}"];
            else
                read.Add((field, value));
            if (value is not null && field.Open)
                learnt.AddRange(FormText.Split(field, value).Select(item => (field.AnswerKey, item)));
        }

        return read;
    }

    private static FieldFault? Fault(Form form, FormField field, string value)
    {
        if (value.Length > FormText.MaxAnswer)
            return new($"It has {value.Length} characters.", $"At most {FormText.MaxAnswer} are kept.");
        var values = FormText.Split(field, value);
        if (values.Count == 0)
            return new("There is nothing in it but separators.", "Type a value, or nothing.");
        if (field.From == FieldSource.Number && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > MaxNumber)
            return new("It is more than the ledger takes.", "Type a smaller number.");
        return FieldCheck.Of(form, field, values);
    }

    /// <summary>Fields of several groups may share an answer; the first that takes it stands for all.</summary>
    private static FormField? FieldForAll(FilledForm form, string key, string? value)
    {
        var fields = form.Form.Groups.SelectMany(group => group.Fields).Where(field => field is { ForAll: true, IsAnswered: true } && field.AnswerKey == key).ToList();
        return Best(form.Form, fields, value);
    }

    private static FormField? FieldOf(FormGroup group, string key) =>
        group.Fields.FirstOrDefault(field => field.IsAnswered && field.AnswerKey == key);

    private static FormField? Best(Form form, IReadOnlyList<FormField> fields, string? value) =>
        fields.FirstOrDefault(field => FormText.Clean(field, value) is { } clean && FormText.Split(field, clean) is { Count: > 0 } values && FieldCheck.Of(form, field, values) is null) ?? (fields.Count > 0 ? fields[0] : null);

    private static Dictionary<string, string?> Named(IEnumerable<(FormField Field, string? Value)> answers) => answers.ToDictionary(answer => answer.Field.AnswerKey, answer => answer.Value, StringComparer.Ordinal);
}
