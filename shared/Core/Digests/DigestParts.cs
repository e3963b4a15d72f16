using System.Globalization;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Digests;

/// <summary>One line of a section: a title, possibly linked, a detail, and the actions offered.</summary>
public sealed record DigestLine(string Title, Uri? Link, string Detail, IReadOnlyList<(string Text, Uri Link)> Actions);

/// <param name="More">A sentence about the lines that are not shown.</param>
public sealed record DigestSection(string Heading, IReadOnlyList<DigestLine> Lines, string? More = null);

/// <summary>A digest's content in its language and order, rendered by both the HTML and the text part.</summary>
public sealed record DigestParts(
    string Subject, string Title, string Greeting, IReadOnlyList<string> Opening, IReadOnlyList<(string Day, int Count)> Days, IReadOnlyList<DigestSection> Sections)
{
    /// <summary>Keeps a mail about 200 contributions below 100 KB.</summary>
    private const int MaxNew = 60;

    private const int MaxOthers = 10;
    private const int MaxTitleLength = 140;
    private const int MaxProblemLength = 400;

    public static DigestParts Of(WeekDigest digest, DigestLinks links)
    {
        var texts = DigestTexts.Of(digest.Locale);
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(digest.Zone) ?? DateTimeZone.Utc;
        return new Composer(digest, links, texts, zone).Parts();
    }

    private sealed class Composer(WeekDigest digest, DigestLinks links, DigestTexts texts, DateTimeZone zone)
    {
        public DigestParts Parts()
        {
            var (from, to) = (texts.Day(digest.Monday), texts.Day(digest.Monday.AddDays(6)));
            return new DigestParts(
                Subject(from),
                texts.With("title", from, to),
                digest.Name is { } name ? texts.With("hello", name) : texts["hello.nobody"],
                [.. Opening()],
                [.. digest.Days.Select((count, i) => (texts.ShortDay(digest.Monday.AddDays(i)), count))],
                [.. Sections().Where(s => s.Lines.Count > 0)]);
        }

        private string Subject(string from)
        {
            var kinds = digest.New.GroupBy(i => i.Kind).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(3).Select(g => texts.Kind(g.Key, g.Count()));
            var what = digest.New.Count > 0 ? string.Join(", ", kinds)
                : digest.Total > 0 ? texts.Count("subject.done", digest.Total)
                : digest.Changed.Count > 0 ? texts.Count("subject.changed", digest.Changed.Count)
                : digest.Late.Count > 0 ? texts.Count("subject.late", digest.Late.Count)
                : digest.Coming.Count > 0 ? texts.With("subject.coming", Title(digest.Coming[0].Title)) : null;
            return Plain(what is null ? texts.With("subject.quiet", from) : texts.With("subject", what))!;
        }

        private IEnumerable<string> Opening()
        {
            if (digest.IsFirst)
                yield return texts["first"];
            yield return digest.Total == 0 ? texts["sum.none"] : texts.Count("sum", digest.Total);
            if (digest.Private > 0)
                yield return digest.Private == digest.Total ? texts["private.all"] : texts.Count("private", digest.Private);
            if (digest.IsQuiet)
                yield return texts["quiet"];
            if (digest.Average is { } average and > 0)
            {
                yield return digest.Total > average ? texts.With("average.more", texts.Number(average))
                    : digest.Total < average ? texts.With("average.less", texts.Number(average)) : texts["average.same"];
            }

            if (digest.LastYear > 0)
                yield return texts.With("year", texts.Number(digest.ThisYear), texts.Number(digest.LastYear));
            else if (digest.ThisYear > digest.Total)
                yield return texts.With("year.first", texts.Number(digest.ThisYear));
        }

        private IEnumerable<DigestSection> Sections()
        {
            var left = digest.New.Count - MaxNew;
            var kinds = digest.New.Take(MaxNew).GroupBy(i => i.Kind).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).ToList();
            foreach (var kind in kinds)
            {
                var heading = texts.Kind(kind.Key, digest.New.Count(i => i.Kind == kind.Key));
                yield return new DigestSection(heading, [.. kind.Select(i => Line(i, Detail(i)))], left > 0 && kind == kinds[^1] ? texts.Count("more", left) : null);
            }

            yield return Section("late", digest.Late, i => Line(i, Detail(i)));
            yield return Section("changed", digest.Changed, c => Line(c.Item, texts.With("change", texts.Status(c.Item.Status), texts.Status(c.Before))));
            yield return Section("coming", digest.Coming, i => Line(i, Detail(i)));
            yield return Section("numbers", digest.Numbers, Number);
            yield return Section("care", digest.Care, Care);
            yield return Section("gaps", digest.Gaps, Gap);
        }

        private DigestSection Section<T>(string name, IReadOnlyList<T> items, Func<T, DigestLine> line) => new(
            texts[name], [.. items.Take(MaxOthers).Select(line)], items.Count > MaxOthers ? texts.Count("more", items.Count - MaxOthers) : null);

        private DigestLine Line(DigestItem item, string detail) => new(
            Title(item.Title), Web(item.Url), detail, [.. Actions(item.Id)]);

        private string Detail(DigestItem item)
        {
            string?[] parts =
            [
                When(item.When, item.IsDay),
                Plain(item.Container),
                item.Status is Status.Published or Status.Scheduled ? null : texts.Status(item.Status),
            ];
            return string.Join(" · ", parts.OfType<string>());
        }

        private IEnumerable<(string, Uri)> Actions(string id)
        {
            foreach (var (action, text) in new[] { (DigestAction.NotMine, "notMine"), (DigestAction.Private, "makePrivate"), (DigestAction.Edit, "edit") })
            {
                if (links.Act(id, action) is { } link)
                    yield return (texts[text], link);
            }
        }

        private DigestLine Number(DigestNumber number)
        {
            var what = texts.With("number", texts.Metric(number.Name), texts.Number(number.Value), texts.Number(number.By));
            var how = texts.With(number.How == MetricOrigin.Typed ? "number.typed" : "number.since", Day(number.At), Day(number.Since));
            return new DigestLine(Title(number.Title), Web(number.Url), $"{what} ({how})", []);
        }

        private DigestLine Care(DigestCare care)
        {
            var description = texts["care." + EnumText<ContributionIngest.Core.Connections.Health>.Of(care.Health)];
            var detail = Normaliser.Text(care.Problem, MaxProblemLength) is { } problem ? $"{description}: {problem}" : description;
            return new DigestLine(Title(care.Title), null, detail, links.Act(care.Connection, DigestAction.Connection) is { } link ? [(texts["care.do"], link)] : []);
        }

        private DigestLine Gap(DigestGap gap) => new(
            texts.With(gap.Usual == 1 ? "gap.daily" : "gap", texts["name." + EnumText<Kind>.Of(gap.Kind)], texts.Day(gap.Last), gap.Usual.ToString(CultureInfo.InvariantCulture)), null, "",
            links.Act(EnumText<Kind>.Of(gap.Kind), DigestAction.Log) is { } link ? [(texts["gap.do"], link)] : []);

        private string Day(DateTimeOffset at) => texts.DayOf(at, zone, digest.Monday.AddDays(6).Year);

        private string When(DateTimeOffset at, bool isDay) => texts.When(at, isDay, zone, digest.Monday.AddDays(6).Year);

        private string Title(string? title) => Plain(title) ?? texts["untitled"];

        private static string? Plain(string? text) => Normaliser.Line(text, MaxTitleLength);

        private static Uri? Web(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
    }
}
