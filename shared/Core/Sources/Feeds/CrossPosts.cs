using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The originals of posts that appeared elsewhere first, where the place names them beside its feed: dev.to in the list of its API, Hashnode in the
/// page of a post. One request at most for each read with new posts. Without an answer the posts stay as they are.
/// </summary>
internal sealed class CrossPosts(Fetcher fetcher, TimeProvider time)
{
    private const int MaxArticles = 100;
    private const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>Characters of the cursor for the originals.</summary>
    private const int MaxLength = 6_000;

    /// <summary>What is stored for a post without an original elsewhere.</summary>
    private const string None = "";

    private static readonly TimeSpan RequestDelay = TimeSpan.FromSeconds(1);

    /// <summary>The feed with the originals, and the cursor that remembers them, because posts must not change while the place does not answer.</summary>
    public async Task<(FeedDocument Feed, FeedCursor Cursor)> ResolveAsync(FeedDocument feed, Uri address, FeedCursor cursor, CancellationToken cancel)
    {
        var isDevTo = IsOn(address, "dev.to") && address.Segments is ["/", "feed/", _];
        if (!isDevTo && !address.Host.EndsWith(".hashnode.dev", StringComparison.OrdinalIgnoreCase))
            return (feed, cursor);
        var known = new Dictionary<string, string>(cursor.Originals ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
        var unknown = feed.Entries.Where(entry => NameOf(entry) is { } name && !known.ContainsKey(name)).ToList();
        if (unknown.Count > 0)
        {
            await Task.Delay(RequestDelay, time, cancel);
            foreach (var (name, original) in isDevTo ? await OfListAsync(feed, address, unknown, cancel) : await OfPageAsync(unknown, cancel))
                known[name] = original;
        }

        var entries = feed.Entries.Select(entry => NameOf(entry) is { } name && known.TryGetValue(name, out var original) && original != None
            ? entry with { OriginalLink = entry.OriginalLink ?? original }
            : entry);
        return (feed with { Entries = [.. entries] }, cursor with { Originals = Kept(feed, known) });
    }

    private async Task<Dictionary<string, string>> OfListAsync(FeedDocument feed, Uri address, List<FeedEntry> unknown, CancellationToken cancel)
    {
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        var list = string.Create(
            CultureInfo.InvariantCulture, $"/api/articles?username={address.Segments[^1].TrimEnd('/')}&per_page={Math.Min(feed.Entries.Count, MaxArticles)}");
        if (await BodyAsync(new Uri(address, list), "application/vnd.forem.api-v1+json", cancel) is not { } answer
            || LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Array } articles)
            return originals;
        foreach (var entry in unknown)
            originals[NameOf(entry)!] = None;
        foreach (var article in articles.EnumerateArray())
        {
            if (NameOf(article.Text("url")) is { } name && originals.ContainsKey(name))
                originals[name] = Elsewhere(article.Text("canonical_url"), address.Host);
        }

        return originals;
    }

    /// <summary>Of the newest post; a blog's first read shows too many to ask for each.</summary>
    private async Task<Dictionary<string, string>> OfPageAsync(List<FeedEntry> unknown, CancellationToken cancel)
    {
        var originals = unknown.Select(entry => NameOf(entry)!).Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => None, StringComparer.Ordinal);
        var newest = unknown.MaxBy(entry => entry.Published)!;
        var page = new Uri(newest.Link!);
        if (await BodyAsync(page, FeedRequests.AcceptPage, cancel) is { } answer)
            originals[NameOf(newest)!] = Elsewhere(PageTags.Read(answer.Body, answer.Header("Content-Type"), answer.Address).Canonical, page.Host);
        else
            originals.Remove(NameOf(newest)!);
        return originals;
    }

    private async Task<Fetched?> BodyAsync(Uri address, string accept, CancellationToken cancel) =>
        await fetcher.SendAsync(new FetchRequest(address) { Accept = accept, MaximumBytes = MaxBytes }, cancel) is { Outcome: FetchOutcome.Content } answer ? answer : null;

    /// <summary>The address of a post on another site; a front page is no post.</summary>
    private static string Elsewhere(string? address, string host) =>
        Uri.TryCreate(address, UriKind.Absolute, out var original) && HttpAddress.IsHttp(original) && original.AbsolutePath.Length > 1 && !IsOn(original, host)
            ? original.AbsoluteUri
            : None;

    private static bool IsOn(Uri address, string host) => HttpAddress.WithoutWww(address.Host).Equals(HttpAddress.WithoutWww(host), StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, string>? Kept(FeedDocument feed, Dictionary<string, string> known)
    {
        var room = MaxLength;
        var kept = feed.Entries.Select(NameOf).OfType<string>().Distinct(StringComparer.Ordinal)
            .Where(name => known.ContainsKey(name) && (room -= JsonEncodedText.Encode(name + known[name]).EncodedUtf8Bytes.Length + 6) >= 0)
            .ToDictionary(name => name, name => known[name], StringComparer.Ordinal);
        return kept.Count == 0 ? null : kept;
    }

    private static string? NameOf(FeedEntry entry) => NameOf(entry.Link);

    /// <summary>The last part of a post's address, which is unique in its place.</summary>
    private static string? NameOf(string? link) =>
        Uri.TryCreate(link, UriKind.Absolute, out var address) && HttpAddress.IsHttp(address) && address.Segments is [_, .., var name] ? name.TrimEnd('/') : null;
}
