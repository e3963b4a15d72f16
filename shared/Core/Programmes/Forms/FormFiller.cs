using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>For whom and of what a form is filled.</summary>
/// <param name="Membership">What the person has said of the programme.</param>
/// <param name="Today">In the person's time zone.</param>
public sealed record FormRequest(LedgerOwner Owner, Programme Programme, Membership Membership, DateOnly Today)
{
    /// <summary>Private entries, too.</summary>
    public bool IncludesPrivate { get; init; }

    /// <summary>The areas of an entry, the one it counts in first; null where areas are not known.</summary>
    public Func<Contribution, IReadOnlyList<string>>? Areas { get; init; }
}

/// <summary>Fills a programme's form with the entries of its window.</summary>
public sealed class FormFiller(LedgerReader reader, Memberships memberships)
{
    private const int EntriesPerRead = 500;

    public async Task<FilledForm> FillAsync(FormRequest request, CancellationToken cancel)
    {
        var (programme, membership, person) = (request.Programme, request.Membership, request.Owner.Person);
        var form = programme.Form ?? GeneralForm.Of(programme);
        var (profile, answers) = (await memberships.ProfileAsync(person, cancel), await memberships.AnswersAsync(person, programme.Id, cancel));
        var known = programme.Window?.Around(request.Today, membership);
        var window = known ?? new CountedDays(request.Today.AddYears(-1).AddDays(1), request.Today);
        var chosen = form.Room is null ? null : membership.Chosen?.ToHashSet(StringComparer.Ordinal);
        var (entries, hidden, placeless, notChosen) = (new List<FilledEntry>(), 0, 0, 0);
        await foreach (var (entry, day) in EntriesAsync(request, window, cancel))
        {
            var values = entry.Effective();
            if (entry.Private && !request.IncludesPrivate)
                hidden++;
            else if (form.GroupOf(values.Kind, values.Role) is not { } group)
                placeless++;
            else if (chosen?.Contains(entry.Id) == false)
                notChosen++;
            else
                entries.Add(Fill(request, form, group, entry, day, answers.GetValueOrDefault(entry.Id) ?? Answers.None));
        }

        var about = form.Person.Select(field => AboutPerson(programme, form, field, profile));
        return new FilledForm(programme, form, membership, window, known is null, [.. about], entries) { LeftOutPrivate = hidden, LeftOutKinds = placeless, LeftOutNotChosen = notChosen };
    }

    /// <summary>What counts of the window, the newest first, with the day on which it does.</summary>
    private async IAsyncEnumerable<(Contribution Entry, DateOnly Day)> EntriesAsync(FormRequest request, CountedDays window, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var (owner, rule) = (request.Owner, request.Programme.Window);
        var (from, to) = (new DateOrInstant(null, window.From.AddDays(-1)).Start(owner.Zone), new DateOrInstant(null, window.To.AddDays(1)).End(owner.Zone));
        await foreach (var entry in reader.NewestFirstAsync(owner.Person, from, to, null, EntriesPerRead, cancel))
        {
            var values = entry.Effective();
            if (entry.Review == Review.Rejected || !MonthRollup.IsCounted(values.Status))
                continue;
            var day = MonthRollup.Day(values.When, owner.Zone);
            var isIn = rule is { Kind: WindowKind.Deadline } && request.Membership.Deadline is not null ? rule.Includes(values.When, day, request.Today, request.Membership) : window.Includes(day);
            if (isIn && day <= request.Today)
                yield return (entry, owner.Day(values.When, values.DatePrecision));
        }
    }

    private static FilledEntry Fill(FormRequest request, Form form, FormGroup group, Contribution entry, DateOnly day, Answers own)
    {
        var fields = new List<FilledField>();
        foreach (var field in group.Fields)
        {
            if (field.OnlyIf is { } condition && !fields.Exists(other => other.Field.Name == condition.Field && other.Values.Any(condition.Is.Contains)))
                continue;
            var filled = Value(request, form, field, entry, day, own);
            var findings = new EntryFindings(request.Programme, form, entry, day, fields).Of(filled);
            fields.Add(filled with { Findings = [.. findings] });
        }

        return new FilledEntry(entry, group, day, fields);
    }

    private static FilledField Value(FormRequest request, Form form, FormField field, Contribution entry, DateOnly day, Answers own)
    {
        if (field.From == FieldSource.Fixed)
            return new FilledField(field, [field.Value!], ValueOrigin.Form);
        if (field.IsAnswered && field.From != FieldSource.Number && own.Values.GetValueOrDefault(field.AnswerKey) is { } answer)
            return new FilledField(field, FormText.Split(field, answer), ValueOrigin.Entry);
        if (FromLedger(request, form, field, entry, day) is { Count: > 0 } found)
            return new FilledField(field, found, ValueOrigin.Ledger);

        // An answer for all counts where the form takes it: the roles of a talk are not those of a post.
        return field.ForAll && request.Membership.Answers.GetValueOrDefault(field.AnswerKey) is { } all && FormText.Split(field, all) is var values && FieldCheck.Of(form, field, values) is null
            ? new FilledField(field, values, ValueOrigin.All)
            : new FilledField(field, [], ValueOrigin.Unknown);
    }

    private static IReadOnlyList<string> FromLedger(FormRequest request, Form form, FormField field, Contribution entry, DateOnly day)
    {
        var values = entry.Effective();
        return field.From switch
        {
            FieldSource.Topics => Known(form, field, values.Topics),
            FieldSource.Area => [.. (request.Areas?.Invoke(entry) ?? []).Take(1)],
            FieldSource.MoreAreas => [.. (request.Areas?.Invoke(entry) ?? []).Skip(1).Take(field.MaxCount ?? int.MaxValue)],
            _ => Single(request, field, entry, values, day) is { Length: > 0 } text ? [text] : [],
        };
    }

    private static string? Single(FormRequest request, FormField field, Contribution entry, ContributionValues values, DateOnly day) => field.From switch
    {
        FieldSource.Title => values.Title,
        FieldSource.Summary => values.Summary,
        FieldSource.Link => values.Url is { } url ? FormText.Address(url) ?? url : null,
        FieldSource.Day => Iso(day),
        FieldSource.EndDay => values.EndsAt is { } end && end >= values.When ? Iso(request.Owner.Day(end, values.DatePrecision)) : null,
        FieldSource.Year => day.Year.ToString("0000", CultureInfo.InvariantCulture),
        FieldSource.Month => day.ToString("MMMM", CultureInfo.InvariantCulture),
        FieldSource.Type => field.Words.GetValueOrDefault(EnumText<Kind>.Of(values.Kind)) ?? (field.Words.Count > 0 ? null : request.Programme.Types.GetValueOrDefault(values.Kind) ?? CamelCase.ToWords(EnumText<Kind>.Of(values.Kind))),
        FieldSource.Role => field.Words.Count > 0 ? field.Words.GetValueOrDefault(EnumText<Role>.Of(values.Role)) : EnumText<Role>.Of(values.Role),
        FieldSource.Number => Number(field, entry.EffectiveMetrics()),
        FieldSource.Numbers => string.Join("; ", entry.EffectiveMetrics().Select(metric => $"{CamelCase.ToWords(metric.Key)}: {Text(metric.Value.Value)}")),
        FieldSource.Private => entry.Private ? "true" : "false",
        _ => null,
    };

    private static string? Number(FormField field, IReadOnlyDictionary<string, Metric> metrics) =>
        field.Metrics.FirstOrDefault(metrics.ContainsKey) is { } name ? Text(metrics[name].Value) : null;

    /// <summary>The topics that the form has as well, in its own spelling; all of them if it takes any.</summary>
    private static IReadOnlyList<string> Known(Form form, FormField field, IReadOnlyList<string> topics) => form.AllowedOf(field) is { } allowed
        ? [.. topics.Select(topic => allowed.FirstOrDefault(tag => tag.Equals(topic, StringComparison.OrdinalIgnoreCase))).OfType<string>().Distinct(StringComparer.Ordinal)]
        : [.. topics.Where(topic => !topic.Contains(FormText.Separator))];

    private static FilledField AboutPerson(Programme programme, Form form, FormField field, Answers profile)
    {
        if (field.From == FieldSource.Fixed)
            return new FilledField(field, [field.Value!], ValueOrigin.Form);
        var values = profile.Values.GetValueOrDefault(field.AnswerKey) is { } answer ? FormText.Split(field, answer) : [];
        var filled = new FilledField(field, values, values.Count == 0 ? ValueOrigin.Unknown : ValueOrigin.Person);
        var link = $"/programmes/{programme.Id}/form#person-{field.AnswerKey.Replace('.', '-')}";
        if (values.Count > 0)
            return FieldCheck.Of(form, field, values) is { } fault ? filled with { Findings = [new FormFinding(FindingKind.Fault, field.Name, field.Label, fault.Reason, fault.Fix, link)] } : filled;
        return field.Need switch
        {
            FieldNeed.Always => filled with { Findings = [new FormFinding(FindingKind.Fault, field.Name, field.Label, "It is not known yet.", "Answer it once; it is remembered.", link)] },
            FieldNeed.ToSubmit => filled with { Findings = [new FormFinding(FindingKind.Open, field.Name, field.Label, "It is asked for.", "Answer it once; it is remembered.", link)] },
            _ => filled,
        };
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("0.##########", CultureInfo.InvariantCulture);
}
