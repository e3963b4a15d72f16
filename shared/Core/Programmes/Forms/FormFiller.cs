using System.Runtime.CompilerServices;
using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>For whom and of what a form is filled.</summary>
/// <param name="Membership">What the person has said of the programme.</param>
/// <param name="Today">In the person's time zone.</param>
/// <param name="IncludesPrivate">Private entries, too.</param>
public sealed record FormRequest(LedgerOwner Owner, Programme Programme, Membership Membership, DateOnly Today, bool IncludesPrivate = false);

/// <summary>Fills a programme's form with what counts for the programme.</summary>
public sealed class FormFiller(LedgerReader reader, AreaChoiceStore areas, Memberships memberships)
{
    private const int EntriesPerRead = 500;

    public async Task<FilledForm> FillAsync(FormRequest request, CancellationToken cancel)
    {
        var (programme, membership, person) = (request.Programme, request.Membership, request.Owner.Person);
        var (form, list) = (ProgrammeForm.Of(programme), AreaList.Find(programme.Areas));
        var (profile, answers) = (await memberships.ProfileAsync(person, cancel), await memberships.AnswersAsync(person, programme.Id, cancel));
        var placer = list is null ? null : new AreaPlacer(list, await areas.ReadAsync(person, list.Id, cancel), membership.Area);
        var days = new CountedEntries(programme, membership, request.Today, request.Owner.Zone);
        var chosen = form.Room is null ? null : membership.Chosen?.ToHashSet(StringComparer.Ordinal);
        var (entries, hidden, placeless, notChosen) = (new List<FilledEntry>(), 0, 0, 0);
        await foreach (var entry in CountedAsync(request, days, cancel))
        {
            var values = entry.Effective();
            if (entry.Private && !request.IncludesPrivate)
                hidden++;
            else if (form.GroupOf(values.Kind, values.Role) is not { } group)
                placeless++;
            else if (chosen?.Contains(entry.Id) == false)
                notChosen++;
            else
                entries.Add(new EntryFiller(request, form, placer, entry, answers.GetValueOrDefault(entry.Id) ?? Answers.None).Fill(group));
        }

        var about = form.Person.Select(field => AboutPerson(programme, form, field, profile));
        return new FilledForm(programme, form, membership, days.Window, !days.IsOwnWindow, [.. about], entries) { LeftOutPrivate = hidden, LeftOutKinds = placeless, LeftOutNotChosen = notChosen };
    }

    /// <summary>What counts for the programme, with all that the ledger has of it.</summary>
    private async IAsyncEnumerable<Contribution> CountedAsync(FormRequest request, CountedEntries days, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (days.Last < days.First)
            yield break;
        var (from, to) = (new DateOrInstant(null, days.First).Start(request.Owner.Zone), new DateOrInstant(null, days.Last).End(request.Owner.Zone));
        await foreach (var entry in reader.NewestFirstAsync(request.Owner.Person, from, to, null, EntriesPerRead, cancel))
        {
            var values = entry.Effective();
            if (entry.Review != Review.Rejected && MonthRollup.IsCounted(values.Status) && days.IsInWindow(values.When, values.EndsAt) && days.IsAbout(values.Title, values.Topics))
                yield return entry;
        }
    }

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
}
