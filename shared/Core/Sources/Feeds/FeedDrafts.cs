using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The drafts of a feed. Options: <c>author</c> keeps only entries by these names (comma-separated), <c>role</c> is the person's role (default author).
/// </summary>
/// <param name="Repairs">Entries left out, by reason: <c>itemSkipped itemResponse itemWithoutAuthor itemByOthers itemRepeated</c>.</param>
internal sealed record FeedDrafts(IReadOnlyList<Draft> Drafts, IReadOnlyList<Repair> Repairs)
{
    private const int MaxTopics = 50;
    private const int TitleFromSummary = 100;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly string[] MediaEndings = [".mp3", ".m4a", ".m4b", ".aac", ".ogg", ".oga", ".opus", ".wav", ".mp4", ".m4v", ".webm"];

    /// <summary>Dates of all entries, filtered or not; future ones do not count as newest.</summary>
    public DateTimeOffset? Oldest { get; private init; }

    /// <inheritdoc cref="Oldest"/>
    public DateTimeOffset? Newest { get; private init; }

    /// <summary>Date of the last entry, which is the oldest unless older entries are pinned to the top.</summary>
    public DateTimeOffset? Last { get; private init; }

    /// <summary>Entries without anything to identify them.</summary>
    public int Skipped { get; private init; }

    public static FeedDrafts Of(FeedDocument feed, Uri address, IReadOnlyDictionary<string, string> options, DateTimeOffset now)
    {
        var filter = new AuthorFilter(options.GetValueOrDefault("author"));
        var role = EnumText<Role>.TryParse(options.GetValueOrDefault("role"), out var chosen) ? chosen : Role.Author;
        var container = new Container(feed.Title ?? address.Host, HttpOrNull(feed.Link));
        var repairs = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var drafts = new List<(Draft Draft, string? Enclosure)>(feed.Entries.Count);
        var isBuilt = EntryDate.AreBuildTimes(feed);
        DateTimeOffset? oldest = null, newest = null, last = null;
        foreach (var entry in feed.Entries)
        {
            var draft = Draft(isBuilt ? EntryDate.WithoutBuildTime(entry) : entry, feed.Author, now) with { Role = role, Container = container };
            oldest = oldest is null || draft.When < oldest ? draft.When ?? oldest : oldest;
            newest = draft.When <= now && (newest is null || draft.When > newest) ? draft.When : newest;
            last = draft.When <= now ? draft.When : last;
            var problem = draft.NativeId.Length == 0 ? RepairLog.ItemSkipped
                : IsMediumResponse(feed, entry) ? "itemResponse"
                : filter.AllowsAll ? null
                : draft.Author is null ? "itemWithoutAuthor"
                : filter.Allows(draft.Author) || entry.Authors.Any(filter.Allows) ? null : "itemByOthers";
            if (problem is null)
                drafts.Add((draft, entry.Enclosures.FirstOrDefault(IsMedia)?.Url));
            else
                repairs[problem] = repairs.GetValueOrDefault(problem) + 1;
        }

        var distinct = Distinct(drafts);
        if (distinct.Count < drafts.Count)
            repairs["itemRepeated"] = drafts.Count - distinct.Count;
        return new(distinct, [.. repairs.Select(repair => new Repair(repair.Key, repair.Value))])
        {
            Oldest = oldest,
            Newest = newest,
            Last = last,
            Skipped = repairs.GetValueOrDefault(RepairLog.ItemSkipped) + feed.Repairs.Where(repair => repair.What == RepairLog.ItemSkipped).Sum(repair => repair.Count),
        };
    }

    private static Draft Draft(FeedEntry entry, string? feedAuthor, DateTimeOffset now)
    {
        var media = entry.Enclosures.FirstOrDefault(IsMedia);
        var url = HttpOrNull(entry.OriginalLink) ?? HttpOrNull(entry.Link) ?? HttpOrNull(media?.Url);
        var (when, precision) = EntryDate.Of(entry, url, now);
        return new Draft
        {
            NativeId = entry.Id ?? entry.Link ?? Hash(entry),
            IdIsReliable = false,
            Kind = IsVideo(entry) ? Kind.Video : media is null ? Kind.BlogPost : Kind.PodcastEpisode,
            Status = when > now ? Status.Scheduled : Status.Published,
            Title = entry.Title ?? FirstWords(entry.Summary),
            Url = url,
            Summary = entry.Summary,
            When = when,
            DatePrecision = precision,
            Version = Version(entry, now),
            Author = entry.Authors.Count > 0 ? string.Join(", ", entry.Authors) : entry.Author ?? feedAuthor,
            Topics = [.. entry.Categories.Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxTopics)],
        };
    }

    /// <summary>
    /// The entry's own modification time, unless it is in the future, older than feeds, or earlier than the entry itself; time zones get a day of tolerance.
    /// </summary>
    private static DateTimeOffset? Version(FeedEntry entry, DateTimeOffset now) =>
        entry.Updated is { Year: >= 1990 } updated && updated <= now + Day && (entry.Published is not { } published || updated + Day >= published)
            ? updated
            : null;

    /// <summary>
    /// Ids are not trusted blindly: entries that share one are told apart by address, enclosure, date and title, as far as these differ. Entries that
    /// agree in what identifies them are versions of one (RFC 4287, 4.1.1), and the newest counts.
    /// </summary>
    private static List<Draft> Distinct(List<(Draft Draft, string? Enclosure)> drafts)
    {
        var distinct = new List<Draft>(drafts.Count);
        foreach (var same in drafts.GroupBy(item => item.Draft.NativeId, StringComparer.Ordinal))
        {
            var newest = same.OrderByDescending(item => item.Draft.Version).ToList();
            var isVersioned = newest.DistinctBy(item => item.Draft.Version).Count() == newest.Count;
            var items = newest
                .Select(item => (item.Draft, Key: string.Join('\n', Address(item.Draft), item.Enclosure, Date(item.Draft), isVersioned ? null : item.Draft.Title)))
                .DistinctBy(item => item.Key, StringComparer.Ordinal).ToList();
            if (items.Count == 1)
            {
                distinct.Add(items[0].Draft);
                continue;
            }

            // The address alone where it is enough, so that a new title or date leaves the id as it is.
            var hasAddresses = items.DistinctBy(item => Address(item.Draft), StringComparer.Ordinal).Count() == items.Count;
            distinct.AddRange(items.Select(item => item.Draft with { NativeId = $"{item.Draft.NativeId}\n{(hasAddresses ? item.Draft.Url : item.Key)}" }));
        }

        return distinct;

        static string? Address(Draft draft) => draft.Url is null ? null : CanonicalUrl.Of(draft.Url, keepFragment: true);

        static string? Date(Draft draft) => draft.DatePrecision == DatePrecision.Derived ? null : draft.When?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
    }

    /// <summary>Medium lists replies to other stories as items. They have no topics, and their title is how their text begins.</summary>
    private static bool IsMediumResponse(FeedDocument feed, FeedEntry entry) =>
        feed.Generator == "Medium" && entry is { Categories.Count: 0, Title: { } title, Summary: { } summary }
        && summary.StartsWith(title.TrimEnd('…', '.', ' '), StringComparison.Ordinal);

    /// <summary>Feeds of videos have such ids, whatever page they link to.</summary>
    private static bool IsVideo(FeedEntry entry) => entry.Id?.StartsWith("yt:video:", StringComparison.Ordinal) == true;

    private static bool IsMedia(Enclosure enclosure) =>
        enclosure.Type is { Length: > 0 } type
            ? type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("video/", StringComparison.OrdinalIgnoreCase)
            : Uri.TryCreate(enclosure.Url, UriKind.Absolute, out var url)
                && Array.Exists(MediaEndings, ending => url.AbsolutePath.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string? HttpOrNull(string? address) => HttpAddress.IsHttp(address) ? address : null;

    private static string Hash(FeedEntry entry)
    {
        if (entry.Title is null && entry.Published is null && entry.Summary is null)
            return "";
        var date = entry.Published?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var text = $"{entry.Title ?? entry.Summary}\n{date}";
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    /// <summary>Title of an untitled post: its first words.</summary>
    private static string? FirstWords(string? summary)
    {
        if (summary is null || summary.Length <= TitleFromSummary)
            return summary;
        var space = summary.LastIndexOf(' ', TitleFromSummary - 1);
        var cut = space > TitleFromSummary / 2 ? space : TitleFromSummary - 1;
        if (char.IsHighSurrogate(summary[cut - 1]))
            cut--;
        return summary[..cut].TrimEnd(' ', ',', ';', ':', '.', '-') + "…";
    }
}

/// <summary>Date of an entry, by the best evidence there is; never a guess.</summary>
internal static partial class EntryDate
{
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan LongestBuild = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Some sites give themselves and all entries the time of their last build as the last change. It says nothing about an entry that has no other date.
    /// </summary>
    public static bool AreBuildTimes(FeedDocument feed)
    {
        var changes = feed.Entries.Where(entry => entry.PublishedIsUpdate).Select(entry => (entry.Published - feed.Updated)?.Duration()).ToList();
        return changes.Count > 1 && changes.TrueForAll(difference => difference <= LongestBuild);
    }

    public static FeedEntry WithoutBuildTime(FeedEntry entry) => entry.PublishedIsUpdate ? entry with { Published = null, Updated = null, PublishedIsUpdate = false } : entry;

    /// <summary>Published, else updated, else the day or month in the address; impossible dates count as missing.</summary>
    public static (DateTimeOffset? When, DatePrecision Precision) Of(FeedEntry entry, string? url, DateTimeOffset now)
    {
        if (entry.Published is { } published && IsPossible(published, now))
            return (published, entry.PublishedIsUpdate ? DatePrecision.Derived : entry.PublishedIsDay ? DatePrecision.Day : DatePrecision.Exact);
        if (entry.Updated is { } updated && IsPossible(updated, now))
            return (updated, DatePrecision.Derived);
        return url is not null && InPath(url) is { } day && IsPossible(day, now) ? (day, DatePrecision.Derived) : (null, default);
    }

    private static bool IsPossible(DateTimeOffset date, DateTimeOffset now) => date >= Earliest && date <= now.AddYears(3);

    /// <summary><c>/2026/05/17/</c>, <c>/2026-05-17-title</c>, or <c>/2026/05/</c> for the first of the month.</summary>
    private static DateTimeOffset? InPath(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            return null;
        var path = uri.AbsolutePath;
        return Day().Match(path) is { Success: true } day && Date(day) is { } exact
            ? exact
            : Month().Match(path) is { Success: true } month ? Date(month) : null;
    }

    private static DateTimeOffset? Date(Match match)
    {
        var (year, month) = (Number(match.Groups["y"]), Number(match.Groups["m"]));
        var day = match.Groups["d"] is { Success: true } found ? Number(found) : 1;
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero)
            : null;
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"/(?<y>(19|20)[0-9]{2})(?<s>[/-])(?<m>[0-9]{1,2})\k<s>(?<d>[0-9]{1,2})(?![0-9])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Day();

    [GeneratedRegex("/(?<y>(19|20)[0-9]{2})/(?<m>[0-9]{1,2})/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Month();
}

/// <summary>Selects the person's entries of a shared blog, by author names without regard to case and spacing.</summary>
internal sealed partial class AuthorFilter
{
    private static readonly string[] Separators =
        [",", ";", "&", "+", "/", "|", "·", "•", " AND ", " WITH ", " W/ ", " FEAT. ", " UND ", " MIT ", " ET ", " AVEC ", " Y ", " CON ", " E "];

    private readonly HashSet<string> names;

    /// <param name="option">Names separated by commas; null or empty lets everything through.</param>
    public AuthorFilter(string? option) => names = [.. (option ?? "").Split(',').Select(Normalize).Where(name => name.Length > 0)];

    public bool AllowsAll => names.Count == 0;

    /// <summary>Matches the whole text, or one of several authors in it.</summary>
    public bool Allows(string author)
    {
        var all = Normalize(author);
        return names.Contains(all)
            || $" {all} ".Split(Separators, StringSplitOptions.RemoveEmptyEntries).Any(name => names.Contains(Normalize(name)));
    }

    /// <summary>In upper case, without what stands in parentheses and the "by" of a byline.</summary>
    private static string Normalize(string name)
    {
        var plain = InParentheses().Replace(name, " ").Normalize().Replace('\u2019', '\'').ToUpperInvariant();
        var words = plain.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words switch
        {
            ["BY" or "BY:", _, ..] => words[1..],
            ["WRITTEN" or "POSTED", "BY" or "BY:", _, ..] => words[2..],
            _ => words,
        });
    }

    [GeneratedRegex(@"\([^()]*\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InParentheses();
}
