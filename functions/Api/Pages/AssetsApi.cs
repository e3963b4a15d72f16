using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;

namespace ContributionIngest.Functions.Api.Pages;

/// <summary><c>GET /assets/…</c>: style sheets, scripts and icons. Their addresses change with their content, so they are kept for good.</summary>
internal static class AssetsApi
{
    public static void MapAssets(this IEndpointRouteBuilder site) => site.MapMethods(SiteAssets.Root + "{name}", ReadMethods.All, Get).IsOpen();

    private static IResult Get(string name, HttpContext context)
    {
        if (SiteAssets.Find(SiteAssets.Root + name) is not { } asset)
            return Problems.NotFound("file");
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Content, asset.MediaType);
    }
}
