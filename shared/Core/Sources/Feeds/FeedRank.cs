namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// Which of a page's feeds is meant by its address: its own posts, not the comments, from the same site and the same part of it. Atom, RSS
/// and JSON Feed are equal; the page's own order decides between equals.
/// </summary>
internal static class FeedRank
{
    public const int Declared = 1_000;
    public const int Mentioned = 500;

    private const int Never = -10_000;

    private static readonly string[] Comments =
        ["comment", "kommentar", "commentaire", "comentario", "commenti", "reacties", "komment", "コメント", "评论", "комментари"];

    private static readonly string[] Asides = ["/tag/", "/category/", "/author/", "/search/", "/bookmarks", "/likes", "/notes", "/links"];

    public static int Of(FeedLink link, Uri page)
    {
        var path = link.Address.PathAndQuery;
        var rank = 0;
        if (Array.Exists(Comments, word => path.Contains(word, StringComparison.OrdinalIgnoreCase)
            || link.Title?.Contains(word, StringComparison.OrdinalIgnoreCase) == true))
            rank += Never;
        if (Bare(link.Address.Host) == Bare(page.Host))
            rank += 200;
        rank += 20 * Math.Min(Shared(link.Address.AbsolutePath, page.AbsolutePath), 5);

        // A part of the site that the page is not in itself.
        if (Array.Exists(Asides, aside => path.Contains(aside, StringComparison.OrdinalIgnoreCase)
            && !page.PathAndQuery.Contains(aside, StringComparison.OrdinalIgnoreCase)))
            rank -= 100;
        if (link.Title is { } title && (Says(title, "blog") || Says(title, "posts") || Says(title, "articles")))
            rank += 10;
        return rank;
    }

    private static bool Says(string title, string word) => title.Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>How many of the page's folders the feed's address begins with.</summary>
    private static int Shared(string feed, string page)
    {
        var (ours, theirs) = (page.Trim('/').Split('/'), feed.Trim('/').Split('/'));
        var shared = 0;
        while (shared < ours.Length && shared < theirs.Length && ours[shared].Length > 0
            && ours[shared].Equals(theirs[shared], StringComparison.OrdinalIgnoreCase))
            shared++;
        return shared;
    }

    private static string Bare(string host) => host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host[4..] : host;
}
