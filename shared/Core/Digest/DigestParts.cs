using System.Globalization;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Digest;

/// <summary>One line of a section: a title that leads somewhere, a detail, and what can be done with it.</summary>
public sealed record DigestLine(string Title, Uri? Link, string Detail, IReadOnlyList<(string Text, Uri Link)> Actions);

/// <param name="Heading">Null for a section that goes on from the one before.</param>
/// <param name="More">What is not shown, as a sentence.</param>
public sealed record DigestSection(string? Heading, IReadOnlyList<DigestLine> Lines, string? More = null);

/// <summary>What a digest says, in its language and order, for both the HTML and the text part to write down.</summary>
public sealed record DigestParts(
    string Subject, string Title, string Greeting, IReadOnlyList<string> Opening, IReadOnlyList<(string Day, int Count)> Days, IReadOnlyList<DigestSection> Sections)
{
    /// <summary>Keeps a mail of 200 contributions below 100 KB.</summary>
    private const int MostNew = 60;

    private const int MostOthers = 15;
    private const int TitleLength = 140;

    public static DigestParts Of(WeekDigest digest, DigestLinks links)
    {
        var texts = DigestTexts.Of(digest.Locale);
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(digest.Zone) ?? DateTimeZone.Utc;
        return new Writing(digest, links, texts, zone).Parts();
    }

    private sealed class Writing(WeekDigest digest, DigestLinks links, DigestTexts texts, DateTimeZone zone)
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
            var what = string.Join(", ", kinds);
            if (what.Length == 0 && digest.Coming.Count > 0)
                what = texts.With("subject.coming", digest.Coming[0].Title);
            return Normaliser.Text(what.Length == 0 ? texts.With("subject.quiet", from) : texts.With("subject", what), TitleLength)!;
        }

        private IEnumerable<string> Opening()
        {
            if (digest.IsFirst)
                yield return texts["first"];
            yield return digest.Total == 0 ? texts["sum.none"] : texts.Count("sum", digest.Total);
            if (digest.IsQuiet)
                yield return texts["quiet"];
            if (digest.Average is { } average)
            {
                yield return digest.Total > average ? texts.With("average.more", texts.Number(average))
                    : digest.Total < average ? texts.With("average.less", texts.Number(average)) : texts["average.same"];
            }

            if (digest.Private > 0)
                yield return texts.Count("private", digest.Private);
            if (digest.Streak > 1)
                yield return texts.With("streak", texts.Number(digest.Streak));
            yield return digest.LastYear > 0
                ? texts.With("year", texts.Number(digest.ThisYear), texts.Number(digest.LastYear))
                : texts.With("year.first", texts.Number(digest.ThisYear));
        }

        private IEnumerable<DigestSection> Sections()
        {
            foreach (var kind in digest.New.Take(MostNew).GroupBy(i => i.Kind).OrderByDescending(g => g.Count()).ThenBy(g => g.Key))
                yield return new DigestSection(texts.Kind(kind.Key, digest.New.Count(i => i.Kind == kind.Key)), [.. kind.Select(i => Line(i, Detail(i)))]);
            if (digest.New.Count > MostNew)
                yield return new DigestSection(null, [new DigestLine(texts.Count("more", digest.New.Count - MostNew), null, "", [])]);
            yield return Section("changed", digest.Changed, c => Line(c.Item, texts.With("change", texts.Status(c.Item.Status), texts.Status(c.Before))));
            yield return Section("coming", digest.Coming, i => Line(i, Detail(i)));
            yield return Section("numbers", digest.Numbers, Number);
            yield return Section("care", digest.Care, Care);
            yield return Section("gaps", digest.Gaps, Gap);
        }

        private DigestSection Section<T>(string name, IReadOnlyList<T> items, Func<T, DigestLine> line) => new(
            texts[name], [.. items.Take(MostOthers).Select(line)], items.Count > MostOthers ? texts.Count("more", items.Count - MostOthers) : null);

        private DigestLine Line(DigestItem item, string detail) => new(
            Normaliser.Text(item.Title, TitleLength) ?? texts["untitled"], Web(item.Url), detail, [.. Actions(item.Id)]);

        private string Detail(DigestItem item)
        {
            string?[] parts =
            [
                texts.When(item.When, item.IsDay, zone),
                item.Container is { } container ? Normaliser.Text(container, TitleLength) : null,
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
            var how = texts.With(number.How == How.Typed ? "number.typed" : "number.since", texts.When(number.At, true, zone), texts.When(number.Since, true, zone));
            return new DigestLine(Normaliser.Text(number.Title, TitleLength) ?? texts["untitled"], Web(number.Url), $"{what} ({how})", []);
        }

        private DigestLine Care(DigestCare care)
        {
            var said = care.Problem is { } problem ? $"{texts["care." + Word<People.Health>.Of(care.Health)]}: {problem}" : texts["care." + Word<People.Health>.Of(care.Health)];
            return new DigestLine(care.Title, null, said, links.Act(care.Connection, DigestAction.Connection) is { } link ? [(texts["care.do"], link)] : []);
        }

        private DigestLine Gap(DigestGap gap) => new(
            texts.With("gap", texts["name." + Word<Kind>.Of(gap.Kind)], texts.Day(gap.Last), gap.Usual.ToString(CultureInfo.InvariantCulture)), null, "", []);

        private static Uri? Web(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
    }
}
