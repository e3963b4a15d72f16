using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Demo;

/// <summary>Serves the world on its own loopback port, with each site under its invented host as path.</summary>
internal static class WorldServer
{
    /// <summary>Property names in <c>snake_case</c>; nulls are omitted.</summary>
    public static readonly JsonSerializerOptions SnakeCase =
        new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private const string Style =
        "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:17px/1.6 Georgia,serif;color:#222;background:#fdfcf9}a{color:#175a8a}small{color:#666}";

    /// <returns>The running server; dispose it to stop.</returns>
    public static async Task<WebApplication> StartAsync(World world)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseStatusCodePages();
        foreach (var site in world.Sites)
            site.Map(app.MapGroup(site.Name));
        await app.StartAsync();
        world.Root = new Uri(app.Urls.First());
        return app;
    }

    /// <summary>A response with an entity tag, so that conditional requests get 304.</summary>
    public static IResult Tagged(string body, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return Results.Bytes(bytes, type + "; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\""));
    }

    /// <param name="head">HTML, like the body.</param>
    public static string Page(string title, string head, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>{Text(title)}</title>
        {head}
        <style>{Style}</style>
        </head>
        <body>
        {body}
        </body>
        </html>
        """;

    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
