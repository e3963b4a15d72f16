using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Connections;
using ContributionIngest.Web.Layout;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using EntityTagHeaderValue = Microsoft.Net.Http.Headers.EntityTagHeaderValue;

namespace ContributionIngest.Functions.Api.Pages;

/// <summary>Renders a page on the server. It works without scripts and loads nothing from elsewhere.</summary>
/// <typeparam name="TPage">The component inside the frame.</typeparam>
/// <param name="parameters">Parameters of the component by name; absent ones keep their defaults.</param>
internal sealed class PageResult<TPage>(string title, params ReadOnlySpan<(string Name, object? Value)> parameters) : IResult
    where TPage : IComponent
{
    private readonly Dictionary<string, object?> values = parameters.ToArray().Where(parameter => parameter.Value is not null).ToDictionary(
        parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);

    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The path of the section that the navigation marks.</summary>
    public string Section { get; init; } = "";

    /// <summary>One thing to decide: no navigation.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Text and forms rather than lists.</summary>
    public bool IsNarrow { get; init; }

    /// <summary>What is posted from it, if anything, needs no token of a session.</summary>
    public bool HasNoForms { get; init; }

    /// <summary>For visitors: nothing of the product around it.</summary>
    public bool IsPublic { get; init; }

    /// <summary>The path of an Atom feed of what the page shows; null if there is none.</summary>
    public string? Feed { get; init; }

    /// <summary>It changes by itself for a while: a browser without script asks for it again.</summary>
    public bool IsLive { get; init; }

    /// <summary>The address that the browser goes on to by itself; null to stay.</summary>
    public string? Refresh { get; init; }

    public string Language { get; init; } = "en";

    /// <summary>Shown on top; if null, what the step before left.</summary>
    public Notice? Said { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var caller = Caller.Find(httpContext.User);
        var person = caller is null ? null : await services.GetRequiredService<PeopleStore>().GetAsync(caller.Person, httpContext.RequestAborted);
        var care = person is null || IsAlone || IsPublic ? 0 : await CareAsync(services, person.Id, httpContext.RequestAborted);
        var csrf = HasNoForms ? "" : services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(httpContext).RequestToken!;
        var context = new PageContext(
            person is null ? null : person.Name ?? person.Email ?? "You", Section, csrf, Said ?? Notices.Take(httpContext), care, caller?.Scope.HasFlag(Scope.Operate) == true, person?.Zone is "UTC" or "Etc/UTC");
        var html = await RenderAsync(services, context);

        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        PageHeaders.Add(response.Headers);
        if (Refresh is not null)
            response.Headers["Refresh"] = "0; url=" + Refresh;
        var bytes = Encoding.UTF8.GetBytes(html);
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    private static async Task<int> CareAsync(IServiceProvider services, string person, CancellationToken cancel)
    {
        var connections = await services.GetRequiredService<ConnectionStore>().ListAsync(person, cancel);
        return connections.Count(found => PlaceText.NeedsCare(new ConnectedPlace(found.Connection, found.State, 0)));
    }

    private async Task<string> RenderAsync(IServiceProvider services, PageContext context)
    {
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var document = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(Document.Title)] = title,
            [nameof(Document.Language)] = Language,
            [nameof(Document.Context)] = context,
            [nameof(Document.Page)] = typeof(TPage),
            [nameof(Document.Parameters)] = values,
            [nameof(Document.IsAlone)] = IsAlone,
            [nameof(Document.IsNarrow)] = IsNarrow,
            [nameof(Document.IsLive)] = IsLive,
            [nameof(Document.IsPublic)] = IsPublic,
            [nameof(Document.Feed)] = Feed,
        });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Document>(document)).ToHtmlString());
    }
}

/// <summary>Renders a part of a page, which the page asks for again and again while it changes; 304 while it does not (RFC 9110 section 15.4.5).</summary>
/// <typeparam name="TPart">The component.</typeparam>
internal sealed class PartResult<TPart>(params ReadOnlySpan<(string Name, object? Value)> parameters) : IResult
    where TPart : IComponent
{
    private readonly Dictionary<string, object?> values = parameters.ToArray().Where(parameter => parameter.Value is not null).ToDictionary(
        parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (services, response) = (httpContext.RequestServices, httpContext.Response);
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPart>(ParameterView.FromDictionary(values))).ToHtmlString());
        var bytes = Encoding.UTF8.GetBytes(html);
        var etag = new EntityTagHeaderValue($"\"{Identity.Hash(bytes)}\"");
        PageHeaders.Add(response.Headers);
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.ETag = etag.ToString();
        if (EntityTagHeaderValue.TryParseList(httpContext.Request.Headers.IfNoneMatch, out var cached) && cached.Any(known => known.Compare(etag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }
}

/// <summary>Response headers of pages.</summary>
internal static class PageHeaders
{
    public static void Add(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        headers.XFrameOptions = "DENY";
    }
}

/// <summary>A sentence about what was done, and the way back, kept in a cookie until the next page shows it. It is encrypted, so nobody else can put a form there.</summary>
internal static class Notices
{
    private const string Cookie = "said";
    private const string Purpose = "notice";
    private const int MaxLength = 4000;

    private static readonly CookieBuilder Options = new()
    {
        Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax, SecurePolicy = CookieSecurePolicy.SameAsRequest, MaxAge = TimeSpan.FromMinutes(1),
    };

    /// <summary>A way back that needs more room than a cookie has is left out.</summary>
    public static void Leave(HttpContext context, string text, bool isBad = false, UndoForm? undo = null)
    {
        var protector = context.RequestServices.GetRequiredService<SecretProtector>();
        var cookie = protector.Protect(Purpose, Pack(new Notice(text, isBad, undo)));
        if (cookie.Length > MaxLength)
            cookie = protector.Protect(Purpose, Pack(new Notice(text, isBad)));
        context.Response.Cookies.Append(Cookie, cookie, Options.Build(context));
    }

    /// <summary>Null if there is none.</summary>
    public static Notice? Take(HttpContext context)
    {
        if (!context.Request.Cookies.TryGetValue(Cookie, out var value) || string.IsNullOrEmpty(value) || value.Length > MaxLength)
            return null;
        context.Response.Cookies.Delete(Cookie, Options.Build(context));
        return context.RequestServices.GetRequiredService<SecretProtector>().Unprotect(Purpose, value) is { } packed ? Unpack(packed) : null;
    }

    /// <summary>Compressed, since the ids of a hundred entries are more than a cookie holds.</summary>
    private static byte[] Pack(Notice notice)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal))
            JsonSerializer.Serialize(brotli, notice, NoticeJson.Default.Notice);
        return packed.ToArray();
    }

    private static Notice? Unpack(byte[] packed)
    {
        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(brotli, NoticeJson.Default.Notice);
    }
}

[JsonSerializable(typeof(Notice))]
internal sealed partial class NoticeJson : JsonSerializerContext;
