using System.Globalization;
using System.Net;
using ContributionIngest.Core.Maintenance;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /</c>: what this is, how much it holds, and where to continue. No scripts, no external resources.</summary>
internal static class HomePage
{
    public static void MapHome(this IEndpointRouteBuilder app) => app.MapGet("/", GetAsync);

    private static async Task<IResult> GetAsync(HttpContext context, PublicAddress address, EntryTotal total)
    {
        var request = context.Request;
        var here = WebUtility.HtmlEncode(address.Url?.AbsoluteUri.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}");
        var sentence = await total.GetAsync(context.RequestAborted) is { } counted ? Sentence(counted) : string.Empty;
        return Results.Content(Page(sentence, here), "text/html; charset=utf-8");
    }

    private static string Sentence(CountedEntries counted) => string.Create(
        CultureInfo.InvariantCulture,
        $"<p>It holds <strong>{counted.Entries:N0}</strong> contribution{(counted.Entries == 1 ? string.Empty : "s")}, counted on {counted.At.UtcDateTime:d MMMM yyyy 'at' HH:mm} UTC.</p>");

    private static string Page(string sentence, string here) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>ContributionIngest</title>
        <style>
        :root { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff; --link: #0550ae; --code: #f6f8fa; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117; --link: #79c0ff; --code: #161b22; } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 system-ui, sans-serif; }
        main { max-width: 42rem; margin: 12vh auto; padding: 0 1.5rem; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; letter-spacing: -.01em; }
        p { margin: 0 0 1rem; }
        .lead { font-size: 1.15rem; color: var(--soft); }
        h2 { font-size: 1.05rem; margin: 2.2rem 0 .5rem; padding-top: 1.4rem; border-top: 1px solid var(--line); }
        a { color: var(--link); }
        dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.2rem; }
        dt { font-weight: 600; } dd { margin: 0; color: var(--soft); }
        pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; font-size: .88rem; }
        </style>
        </head>
        <body>
        <main>
        <h1>ContributionIngest</h1>
        <p class="lead">Connect accounts once. Everything you publish lands in one ledger. Query it over HTTP.</p>
        {{sentence}}
        <h2>Connect a blog</h2>
        <pre>curl -H 'Authorization: Bearer YOUR-KEY' -H 'Content-Type: application/json' \
          -d '{"address":"blog.example.com"}' {{here}}/api/connections</pre>
        <h2>Query it</h2>
        <pre>curl -H 'Authorization: Bearer YOUR-KEY' {{here}}/api/ledger</pre>
        <p>The first start prints a key; the command <code>keys new NAME</code> makes another.</p>
        <h2>More</h2>
        <dl>
        <dt><a href="/api/openapi.json">/api/openapi.json</a></dt><dd>all endpoints, parameters and responses</dd>
        <dt><a href="/api/health">/api/health</a></dt><dd>health check</dd>
        </dl>
        </main>
        </body>
        </html>
        """;
}
