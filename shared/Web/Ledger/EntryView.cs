using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Evidence;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Web.Ledger;

/// <summary>An entry with all that is known about it.</summary>
/// <param name="Zone">The zone in which days are counted.</param>
/// <param name="Series">Its numbers over time.</param>
/// <param name="Revisions">The current one last.</param>
public sealed record EntryView(
    Contribution Entry, DateTimeZone Zone, IReadOnlyList<MetricSeries> Series, IReadOnlyList<Revision> Revisions, IReadOnlyList<Connection> Connections)
{
    /// <summary>The last look at its link; null if there was none.</summary>
    public EvidenceCheck? Look { get; init; }
}

/// <summary>What was seen at an entry's link, in a sentence.</summary>
public static class LookText
{
    /// <summary>Null if its link, as it is now, was never looked at.</summary>
    public static string? Of(EntryView view)
    {
        var values = view.Entry.Effective();
        if (view.Look is not { } look || look.Address != values.Url)
            return null;
        var day = EntryText.Day(look.At, view.Zone);
        return look.Status switch
        {
            LinkStatus.Alive => $"The link answered on {day}{Found(look.Name, look.Day == EntryText.Day(values, view.Zone) ? look.Date : PageFinding.NotChecked)}.",
            LinkStatus.Gone => $"The link had vanished on {day}.",
            LinkStatus.Refused => $"The link did not let us in on {day}.",
            LinkStatus.NotCheckable => "The link is not on the public web, and was not looked at.",
            _ => $"The link could not be read on {day}.",
        };
    }

    private static string Found(PageFinding name, PageFinding date) => (name, date) switch
    {
        (PageFinding.Found, PageFinding.Found) => "; your name and the date stand on it",
        (PageFinding.Found, PageFinding.NotFound) => "; your name stands on it, the date was not found",
        (PageFinding.NotFound, PageFinding.Found) => "; the date stands on it, your name was not found",
        (PageFinding.NotFound, PageFinding.NotFound) => "; neither your name nor the date was found on it",
        (PageFinding.Found, _) => "; your name stands on it",
        (_, PageFinding.Found) => "; the date stands on it",
        (PageFinding.NotFound, _) => "; your name was not found on it",
        (_, PageFinding.NotFound) => "; the date was not found on it",
        _ => "",
    };
}

/// <summary>One change of an entry.</summary>
/// <param name="Text">What changed.</param>
/// <param name="Before">The value before, in words; null if that says nothing.</param>
/// <param name="Field">What can be put back; null if that is not the person's to do.</param>
/// <param name="Revision">The one with the value before.</param>
public sealed record EntryChange(DateTimeOffset At, string Text, string? Before = null, string? Field = null, int Revision = 0);

/// <summary>The history of an entry in sentences.</summary>
public static class EntryHistory
{
    private static readonly (string Field, string Name, Func<ContributionValues, DateTimeZone, string> Text, Func<Edits, object?> Edit)[] Fields =
    [
        ("title", "title", (values, _) => $"“{values.Title}”", edits => edits.Title),
        ("kind", "kind", (values, _) => KindText.One(values.Kind), edits => edits.Kind),
        ("role", "role", (values, _) => EnumText<Role>.Of(values.Role), edits => edits.Role),
        ("when", "date", (values, zone) => EntryText.When(values with { EndsAt = null }, zone), edits => edits.When),
        ("endsAt", "end", (values, zone) => values.EndsAt is { } end ? EntryText.When(values with { When = end, EndsAt = null }, zone) : "not known", edits => edits.EndsAt),
        ("url", "address", (values, _) => values.Url ?? "not known", edits => edits.Url),
    ];

    /// <summary>What a field is called in sentences.</summary>
    public static string NameOf(string field) => Array.Find(Fields, known => known.Field == field).Name ?? field;

    /// <summary>The newest first.</summary>
    public static IReadOnlyList<EntryChange> Of(EntryView view)
    {
        var (entry, zone) = (view.Entry, view.Zone);
        var isTyped = entry.Sightings.Any(sighting => sighting.Connection == LedgerFilter.Manual && sighting.FirstSeen == entry.FirstSeen);
        var changes = new List<EntryChange>();
        foreach (var (before, after) in view.Revisions.Zip(view.Revisions.Skip(1)))
            changes.AddRange(Between(before, after, entry, zone));
        foreach (var series in view.Series)
        {
            // Of several values typed on one day the last is kept, so what was there before the first one cannot be told.
            foreach (var (index, metric) in series.Values.Index().Where(value => value.Item.How == MetricOrigin.Typed))
                changes.Add(new EntryChange(metric.At, $"You typed {NumberText.Count(series.Name, metric.Value)}.", index == 0 ? null : Numbers.Of(series.Values[index - 1].Value)));
        }

        return [.. changes.OrderByDescending(change => change.At), new EntryChange(entry.FirstSeen, isTyped ? "Logged by you." : $"First seen at {EntryText.SourceName(entry.Source)}.")];
    }

    private static IEnumerable<EntryChange> Between(Revision before, Revision after, Contribution entry, DateTimeZone zone)
    {
        var (old, now, current) = (before.Edits.Over(before.Harvested), after.Edits.Over(after.Harvested), entry.Effective());
        var at = before.Until ?? entry.FirstSeen;
        if (old.Status != now.Status)
            yield return new EntryChange(at, $"The state changed to {EnumText<Status>.Of(now.Status)}.", EnumText<Status>.Of(old.Status));
        foreach (var (field, name, text, edit) in Fields)
        {
            var was = text(old, zone);
            if (was == text(now, zone))
                continue;
            var isYours = !Equals(edit(before.Edits), edit(after.Edits));
            yield return new EntryChange(at, isYours ? $"You changed the {name}." : $"The {name} changed.", was, isYours && was != text(current, zone) ? field : null, before.Number);
        }
    }
}
