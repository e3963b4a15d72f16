using System.Globalization;
using System.Net;
using System.Text;

namespace ContributionIngest.Functions.Demo;

/// <summary>The blogs' pages, for people and for autodiscovery.</summary>
internal static class BlogPage
{
    private const string Style =
        "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:17px/1.6 Georgia,serif;color:#222;background:#fdfcf9}a{color:#175a8a}small{color:#666}";

    public static byte[] Of(WorldBlog blog, Uri root, IReadOnlyList<WorldEntry> entries)
    {
        var list = string.Join('\n', entries.Select(entry =>
            $"""<li><a href="{new Uri(root, entry.Path).AbsoluteUri}">{Text(entry.Title)}</a> <small>{Day(entry)}</small></li>"""));
        return Page(blog, root, blog.Title, $"<h1>{Text(blog.Title)}</h1>\n<p>{Text(blog.About)}</p>\n<ul>\n{list}\n</ul>");
    }

    public static byte[] Of(WorldBlog blog, Uri root, WorldEntry entry) => Page(
        blog,
        root,
        $"{entry.Title} – {blog.Title}",
        $"""
        <p><a href="{new Uri(root, blog.Site + "/").AbsoluteUri}">{Text(blog.Title)}</a></p>
        <h1>{Text(entry.Title)}</h1>
        <p><small>{Text(entry.Author)}, {Day(entry)}</small></p>
        <p>{Text(entry.Text)}</p>
        """);

    private static byte[] Page(WorldBlog blog, Uri root, string title, string body)
    {
        var type = blog.Format switch
        {
            "rss" => "application/rss+xml",
            "atom" => "application/atom+xml",
            _ => "application/feed+json",
        };
        return Encoding.UTF8.GetBytes($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>{Text(title)}</title>
            <link rel="alternate" type="{type}" title="{Text(blog.Title)}" href="{new Uri(root, $"{blog.Site}/{WorldSite.FeedName(blog)}").AbsoluteUri}">
            <style>{Style}</style>
            </head>
            <body>
            {body}
            </body>
            </html>
            """);
    }

    private static string Day(WorldEntry entry) => entry.When.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
