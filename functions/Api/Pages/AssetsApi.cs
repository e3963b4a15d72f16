using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.SignIn;

namespace ContributionIngest.Functions.Api.Pages;

/// <summary><c>GET /assets/…</c>: style sheets, scripts and icons. Their addresses change with their content, so they are kept for good.</summary>
internal static class AssetsApi
{
    public static void MapAssets(this IEndpointRouteBuilder site)
    {
        site.MapMethods(SiteAssets.Root + "{name}", ReadMethods.All, Get).IsOpen();

        // What a browser asks for beside anything that is not a page.
        site.MapMethods("/favicon.ico", ReadMethods.All, (HttpContext context) => Get(SiteAssets.Path("icon.svg")[SiteAssets.Root.Length..], context)).IsOpen();
        site.MapFallback("{*path}", Missing).IsOpen();
    }

    /// <summary>For people a page, for programs a problem.</summary>
    private static IResult Missing(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            || !context.Request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase)))
            return Problems.NotFound("page");
        return new PageResult<MessagePage>(
            "There is no such page",
            (nameof(MessagePage.Title), "There is no such page"),
            (nameof(MessagePage.Text), "The address may be cut off or mistyped."),
            (nameof(MessagePage.Link), "/"),
            (nameof(MessagePage.LinkText), "Home"))
        { Status = StatusCodes.Status404NotFound };
    }

    private static IResult Get(string name, HttpContext context)
    {
        if (SiteAssets.Find(SiteAssets.Root + name) is not { } asset)
            return Problems.NotFound("file");
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Content, asset.MediaType);
    }
}
