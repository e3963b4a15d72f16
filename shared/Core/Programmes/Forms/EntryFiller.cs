using System.Globalization;
using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>Fills the fields of one entry: with the person's answer for it, else with what the ledger has, else with the answer for all.</summary>
/// <param name="placer">Null for programmes without areas.</param>
/// <param name="own">The answers for the entry.</param>
internal sealed class EntryFiller(FormRequest request, Form form, AreaPlacer? placer, Contribution entry, Answers own)
{
    private readonly ContributionValues values = entry.Effective();
    private readonly DateOnly day = request.Owner.Day(entry.Effective().When, entry.Effective().DatePrecision);

    public FilledEntry Fill(FormGroup group)
    {
        var fields = new List<FilledField>();
        foreach (var asked in group.Fields)
        {
            if (asked.OnlyIf is { } condition && !fields.Exists(other => other.Field.Name == condition.Field && other.Values.Any(condition.Is.Contains)))
                continue;
            var filled = Value(asked);
            fields.Add(filled with { Findings = [.. new EntryFindings(request.Programme, form, entry, day, fields).Of(filled)] });
        }

        return new FilledEntry(entry, group, day, fields);
    }

    private FilledField Value(FormField asked)
    {
        if (asked.From == FieldSource.Fixed)
            return new FilledField(asked, [asked.Value!], ValueOrigin.Form);
        if (asked.IsAnswered && !asked.IsKeptInLedger && own.Values.GetValueOrDefault(asked.AnswerKey) is { } answer)
            return new FilledField(asked, FormText.Split(asked, answer), ValueOrigin.Entry);
        if (FromLedger(asked) is { Count: > 0 } found)
            return new FilledField(asked, found, ValueOrigin.Ledger);

        // An answer for all counts where the form takes it: the roles of a talk are not those of a post.
        return asked.ForAll && request.Membership.Answers.GetValueOrDefault(asked.AnswerKey) is { } all && FormText.Split(asked, all) is var several && FieldCheck.Of(form, asked, several) is null
            ? new FilledField(asked, several, ValueOrigin.All)
            : new FilledField(asked, [], ValueOrigin.Unknown);
    }

    private IReadOnlyList<string> FromLedger(FormField asked) => asked.From switch
    {
        FieldSource.Topics => Known(asked),
        FieldSource.Area => [.. Areas().Take(1)],
        FieldSource.MoreAreas => [.. Areas().Skip(1).Take(asked.MaxCount ?? int.MaxValue)],
        _ => Single(asked) is { Length: > 0 } text ? [text] : [],
    };

    private string? Single(FormField asked) => asked.From switch
    {
        FieldSource.Title => values.Title,
        FieldSource.Summary => values.Summary,
        FieldSource.Link => values.Url is { } url ? FormText.Address(url) ?? url : null,
        FieldSource.Day => Iso(day),
        FieldSource.EndDay => values.EndsAt is { } end && end >= values.When ? Iso(request.Owner.Day(end, values.DatePrecision)) : null,
        FieldSource.Year => day.Year.ToString("0000", CultureInfo.InvariantCulture),
        FieldSource.Month => day.ToString("MMMM", CultureInfo.InvariantCulture),
        FieldSource.Type => TypeOf(asked),
        FieldSource.Role => asked.Words.Count > 0 ? asked.Words.GetValueOrDefault(EnumText<Role>.Of(values.Role)) : EnumText<Role>.Of(values.Role),
        FieldSource.Number => asked.Metrics.FirstOrDefault(entry.EffectiveMetrics().ContainsKey) is { } name ? Text(entry.EffectiveMetrics()[name].Value) : null,
        FieldSource.Numbers => string.Join("; ", entry.EffectiveMetrics().Select(metric => $"{CamelCase.ToWords(metric.Key)}: {Text(metric.Value.Value)}")),
        FieldSource.Private => entry.Private ? "true" : "false",
        _ => null,
    };

    private string? TypeOf(FormField asked)
    {
        var kind = EnumText<Kind>.Of(values.Kind);
        if (asked.Words.Count > 0)
            return asked.Words.GetValueOrDefault(kind);
        return request.Programme.Types.GetValueOrDefault(values.Kind) ?? CamelCase.ToWords(kind);
    }

    /// <summary>The topics that the form has as well, in its own spelling; all of them if it takes any.</summary>
    private IReadOnlyList<string> Known(FormField asked) => form.AllowedOf(asked) is { } allowed
        ? [.. values.Topics.Select(topic => allowed.FirstOrDefault(tag => tag.Equals(topic, StringComparison.OrdinalIgnoreCase))).OfType<string>().Distinct(StringComparer.Ordinal)]
        : [.. values.Topics.Where(topic => !topic.Contains(FormText.Separator))];

    /// <summary>The area that something has decided, and the others that topics name; as the form calls them.</summary>
    private IEnumerable<string> Areas() => placer?.Place(entry.Id, values.Topics) is { Reason: AreaReason.Person or AreaReason.PersonTopic or AreaReason.Topic, Area: { } area } place
        ? place.More.Prepend(area).Select(name => ProgrammeForm.AreaName(request.Programme, name)).OfType<string>()
        : [];

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("0.##########", CultureInfo.InvariantCulture);
}
