using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Forem;

/// <summary>
/// Reads a profile's articles. Each read costs one request, for the newest hundred with their numbers; older ones are read once, and again monthly.
/// What the community no longer lists stays as it was read.
/// </summary>
internal sealed class ArticleReader(ForemApi api, TimeProvider time)
{
    private const int MaxPages = 100;
    private const int LongestValidator = 200;

    private static readonly TimeSpan Monthly = TimeSpan.FromDays(30);
    private static readonly TimeSpan BetweenPages = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = ForemAccount.OfOrigin(reading.Origin) ?? throw SourceException.Terminal("noAccount", "The connection names no profile. Connect the address of your profile again.");
        var before = reading.IsFromStart ? new ForemCursor() : ForemCursor.Parse(reading.Cursor);
        var now = time.GetUtcNow();

        // Only the newest page says whether older ones may have changed.
        var isSweepDue = before.ReadAt is null || (before.IsLong && now - before.ReadAt >= Monthly);
        var (items, answer) = await api.ArticlesAsync(account, 1, isSweepDue || before.Next is not null ? null : before.ETag, cancel);
        if (items is null)
            yield break;
        var articles = Articles(items, account, out var skipped);
        var news = articles.Where(article => before.Recent?.GetValueOrDefault(article.NativeId) != Hash(article)).ToList();
        var isOverrun = before.ReadAt is not null && items.Count == ForemApi.PageSize && !articles.Any(article => before.Recent?.ContainsKey(article.NativeId) == true);
        var cursor = before with
        {
            ETag = answer.Header("ETag") is { Length: <= LongestValidator } tag ? tag : null,
            Recent = articles.Count == 0 ? before.Recent : articles.ToDictionary(article => article.NativeId, Hash, StringComparer.Ordinal),
            IsLong = items.Count == ForemApi.PageSize,
            IsGone = articles.Count == 0 && before.Recent is { Count: > 0 },
            Next = before.Next ?? (items.Count == ForemApi.PageSize && (isSweepDue || isOverrun) ? 2 : null),
        };
        cursor = cursor.Next is null ? cursor with { ReadAt = cursor.ReadAt ?? now } : cursor;
        if (news.Count > 0 || cursor.ToText() != reading.Cursor)
            yield return Page(news);
        while (cursor.Next is { } next)
        {
            await Task.Delay(BetweenPages, time, cancel);
            (items, answer) = await api.ArticlesAsync(account, next, null, cancel);
            articles = Articles(items!, account, out skipped);
            var isLast = items!.Count < ForemApi.PageSize || next == MaxPages;
            cursor = isLast ? cursor with { Next = null, ReadAt = time.GetUtcNow() } : cursor with { Next = next + 1 };
            yield return Page(articles);
        }

        SourcePage Page(IReadOnlyList<Draft> shown) => new()
        {
            Drafts = shown,
            Cursor = cursor.ToText(),
            More = cursor.Next is not null,
            Coverage = Coverage(cursor, account),
            Raw = RawResponse.Of(answer),
            Repairs = skipped == 0 ? [] : [new Repair("itemSkipped", skipped)],
            Url = account.Page,
        };
    }

    private static Coverage Coverage(ForemCursor cursor, ForemAccount account) => cursor switch
    {
        { IsGone: true } => new(null, false, $"{account.Community} no longer lists any article of this profile. What was read stays, and it is checked again."),
        { ReadAt: null } => new(null, false, "Older articles are still being read."),
        _ => new(null, true, null),
    };

    private static List<Draft> Articles(IReadOnlyList<JsonElement> items, ForemAccount account, out int skipped)
    {
        var articles = items.Select(item => Article(item, account)).OfType<Draft>().DistinctBy(draft => draft.NativeId, StringComparer.Ordinal).ToList();
        skipped = items.Count - articles.Count;
        return articles;
    }

    /// <summary>Null for an item without an id, a date or a title, and for what is by somebody else.</summary>
    private static Draft? Article(JsonElement item, ForemAccount account)
    {
        if (item.Integer("id") is not (> 0 and var id) || IsoTimestamp.Parse(item.Text("published_at") ?? item.Text("published_timestamp")) is not { } published || item.Text("title") is not { } title)
            return null;
        if (item.Text("user", "username") is { } author && !author.Equals(account.Name, StringComparison.OrdinalIgnoreCase))
            return null;
        var original = Elsewhere(item.Text("canonical_url"), account.Site);
        return new Draft
        {
            NativeId = id.ToString(CultureInfo.InvariantCulture),
            Kind = Kind.BlogPost,
            Title = title,
            Url = original ?? (HttpAddress.IsHttp(item.Text("url")) ? item.Text("url") : null),
            IsCopy = original is not null,
            Summary = item.Text("description"),
            When = published.Time,
            DatePrecision = published.IsDay ? DatePrecision.Day : DatePrecision.Exact,
            Author = item.Text("user", "name"),
            Container = new Container(item.Text("organization", "name") ?? account.Community, account.Page),
            Topics = Tags(item),
            Metrics = DraftMetrics.Of(
                ("reactions", item.Count("public_reactions_count") ?? item.Count("positive_reactions_count")), ("comments", item.Count("comments_count")), ("views", item.Count("page_views_count"))),
        };
    }

    /// <summary>A list, or one text in some answers.</summary>
    private static IReadOnlyList<string> Tags(JsonElement item) =>
        item.Text("tag_list") is { } text ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : item.Strings("tag_list");

    /// <summary>The address of the article on another site; a front page is no article.</summary>
    private static string? Elsewhere(string? address, Uri site) =>
        Uri.TryCreate(address, UriKind.Absolute, out var original) && HttpAddress.IsHttp(original) && original.AbsolutePath.Length > 1
        && !HttpAddress.WithoutWww(original.Host).Equals(HttpAddress.WithoutWww(site.Host), StringComparison.OrdinalIgnoreCase)
            ? original.AbsoluteUri
            : null;

    private static string Hash(Draft draft)
    {
        var numbers = string.Join(' ', draft.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => metric.Value.ToString(CultureInfo.InvariantCulture)));
        var text = $"{draft.Title}\0{draft.Url}\0{draft.Summary}\0{draft.When:O}\0{draft.Author}\0{draft.Container?.Name}\0{string.Join(' ', draft.Topics)}\0{numbers}";
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }
}

/// <summary>Stored: members may be added, never renamed. It does not grow with the number of articles.</summary>
internal sealed record ForemCursor
{
    /// <summary>Of the newest page.</summary>
    public string? ETag { get; init; }

    /// <summary>A hash of each article of the newest page, by id.</summary>
    public IReadOnlyDictionary<string, string>? Recent { get; init; }

    /// <summary>The next page of older articles to read.</summary>
    public int? Next { get; init; }

    /// <summary>There is more than one page.</summary>
    public bool IsLong { get; init; }

    /// <summary>There were articles, and none is listed any more.</summary>
    public bool IsGone { get; init; }

    /// <summary>When all pages were last read.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    public static ForemCursor Parse(string? text) => ForemCursorJson.Default.ForemCursor.ReadOrNull(text) ?? new ForemCursor();

    public string ToText() => JsonSerializer.Serialize(this, ForemCursorJson.Default.ForemCursor);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ForemCursor))]
internal sealed partial class ForemCursorJson : JsonSerializerContext;
