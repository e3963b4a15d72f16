using System.Text;
using System.Text.Unicode;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <param name="Proof">Null if none was found.</param>
/// <param name="Message">Then where it was looked for, and what was found instead.</param>
public sealed record OwnershipResult(OwnershipProof? Proof, string Message = "");

/// <summary>
/// Looks for a person's token on a blog's page and in its feed. It counts only where the blog's owner alone can write, and no request leaves the site that
/// was connected: anybody may link to a blog, comment on it, make it redirect elsewhere, or repeat a word in the title of a search.
/// </summary>
public sealed class OwnershipCheck(Fetcher fetcher, TimeProvider time)
{
    private const int MaxPageBytes = 2 * 1024 * 1024;
    private const int MaxFeedBytes = 8 * 1024 * 1024;
    private const int MaxRedirects = 5;

    /// <summary>For all requests together.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(25);

    /// <summary>Whether a page is on the feed's site. On another it proves nothing about the feed.</summary>
    public static bool IsSameSite(string? page, string feed) => SiteOf(page) is { } site && site == SiteOf(feed);

    /// <param name="origin">The address that was connected.</param>
    /// <param name="feed">Where the feed is read now.</param>
    /// <param name="page">The blog's page.</param>
    /// <param name="link">The address that a <c>rel=me</c> link leads to; null if there is none.</param>
    /// <exception cref="TooBusyException">Too many large documents are being read.</exception>
    public async Task<OwnershipResult> FindAsync(string origin, string feed, string? page, string token, string? link, CancellationToken cancel)
    {
        if (!IsSameSite(origin, feed))
            return new(null, $"The feed has moved from {SiteOf(origin)} to {SiteOf(feed)}. Disconnect it, connect its new address, and verify that.");
        using var limit = new TimeBudget(time, MaxTime).Start(cancel);
        try
        {
            var onPage = IsSameSite(page, feed) ? await OnPageAsync(new Uri(page!), token, link, limit.Token) : new Looked(null);
            return onPage.Proof is { } proof ? new(proof) : Result(onPage, page, await InFeedAsync(new Uri(feed), token, limit.Token), feed);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(null, $"{SiteOf(feed)} did not answer within {MaxTime.TotalSeconds} seconds. Check again later.");
        }
    }

    private static OwnershipResult Result(Looked onPage, string? page, Looked inFeed, string feed)
    {
        if (inFeed.Proof is { } proof)
            return new(proof);
        string[] places =
        [
            .. IsSameSite(page, feed) && onPage.Problem is null ? [$"on {page}"] : Array.Empty<string>(),
            .. inFeed.Problem is null ? [$"in {(IsSameSite(page, feed) ? "its" : "the")} feed {feed}"] : Array.Empty<string>(),
        ];
        string?[] sentences =
        [
            places.Length == 0 ? null : $"The token was not found {string.Join(" or ", places)}.",
            onPage.Problem,
            inFeed.Problem,
            page is null || IsSameSite(page, feed) ? null : $"{page} does not count, because it is on another site than the feed.",
            "It may take minutes until a site shows a change.",
        ];
        return new(null, string.Join(' ', sentences.OfType<string>()));
    }

    private async Task<Looked> OnPageAsync(Uri page, string token, string? link, CancellationToken cancel)
    {
        var answer = await FetchAsync(page, PageReader.Accept, MaxPageBytes, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            return new(null, answer.Problem);
        if (!PageReader.IsPage(answer))
            return new(null, $"{page} is not a web page.");
        var tags = OwnerTags.Of(answer);
        var target = link is null ? null : CanonicalUrl.Of(link);
        return new(
            tags.Tokens.Contains(token, StringComparer.Ordinal) ? OwnershipProof.MetaTag
            : target is not null && tags.Me.Any(me => Uri.TryCreate(answer.Address, me, out var linked) && CanonicalUrl.Of(linked.AbsoluteUri) == target) ? OwnershipProof.RelMe
            : null);
    }

    private async Task<Looked> InFeedAsync(Uri address, string token, CancellationToken cancel)
    {
        var answer = await FetchAsync(address, FeedRequests.AcceptFeed, MaxFeedBytes, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            return new(null, answer.Problem);
        if (FeedRequests.Read(answer).Feed is not { } feed)
            return new(null, FeedFailures.NoFeed(answer).Message);
        var text = VerificationToken.Text(token);
        if (Has(feed.Description, text))
            return new(OwnershipProof.FeedText);

        // Anybody may write into the feed of a forum or of a planet; then its entries have several authors, or name none.
        if (!feed.Entries.Any(entry => Has(entry.Title, text) || Has(entry.Summary, text)))
            return new(null);
        return feed.Entries[0].Author is { } author && feed.Entries.All(entry => entry.Authors.Count <= 1 && string.Equals(entry.Author, author, StringComparison.OrdinalIgnoreCase))
            ? new(OwnershipProof.FeedText)
            : new(null, "A post has the token, but the feed's posts do not all name the same author. Put it into the feed's description or on the page.");
    }

    /// <summary>Follows redirects within the site only.</summary>
    private async Task<Fetched> FetchAsync(Uri address, string accept, int maximumBytes, CancellationToken cancel)
    {
        var site = SiteOf(address);
        for (var redirects = 0; ; redirects++)
        {
            var answer = await fetcher.SendAsync(new FetchRequest(address) { Accept = accept, MaximumBytes = maximumBytes, FollowRedirects = false }, cancel);
            if (answer.Status is not (301 or 302 or 303 or 307 or 308) || redirects == MaxRedirects || !Uri.TryCreate(address, answer.Header("Location"), out var next))
                return answer;
            if (SiteOf(next) != site || (address.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps))
                return answer with { Problem = $"{address} redirects to {next.GetLeftPart(UriPartial.Authority)}, which does not count." };
            address = next;
        }
    }

    private static bool Has(string? text, string part) => text?.Contains(part, StringComparison.Ordinal) == true;

    private static string? SiteOf(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? SiteOf(uri) : null;

    /// <summary>Null if it is no web address.</summary>
    private static string? SiteOf(Uri address)
    {
        if (!HttpAddress.IsHttp(address))
            return null;
        var host = HttpAddress.WithoutWww(address.IdnHost.ToLowerInvariant());
        return address.IsDefaultPort ? host : $"{host}:{address.Port}";
    }

    /// <param name="Problem">Why it could not be looked for there.</param>
    private sealed record Looked(OwnershipProof? Proof, string? Problem = null);

    /// <summary>
    /// What of a page its owner alone writes. Comments are text and links: sites mark the links of strangers as <c>ugc</c> or <c>nofollow</c>, and none lets
    /// them write <c>meta</c> tags.
    /// </summary>
    private sealed class OwnerTags
    {
        private static readonly string[] OfStrangers = ["ugc", "nofollow", "sponsored"];

        public List<string> Tokens { get; } = [];

        /// <summary>Targets of <c>rel=me</c> links.</summary>
        public List<string> Me { get; } = [];

        public static OwnerTags Of(Fetched page)
        {
            var tags = new OwnerTags();
            HtmlTags.Read((Utf8.IsValid(page.Body) ? Encoding.UTF8 : Encoding.Latin1).GetString(page.Body), tags.Add);
            return tags;
        }

        private void Add(HtmlTagToken tag, HtmlTokenizer tokens)
        {
            switch (tag.Name)
            {
                case "meta" when VerificationToken.Name.Equals(tag.Value("name"), StringComparison.OrdinalIgnoreCase) && tag.Value("content") is { } content:
                    Tokens.Add(content);
                    break;
                case "a" or "link" when tag.Value("href") is { } href && tag.Value("rel") is { } rel:
                    var words = rel.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                    if (words.Contains("me", StringComparer.OrdinalIgnoreCase) && !words.Any(word => OfStrangers.Contains(word, StringComparer.OrdinalIgnoreCase)))
                        Me.Add(href);
                    break;
            }
        }
    }
}
