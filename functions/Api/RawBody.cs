using Microsoft.AspNetCore.Http.Features;

namespace ContributionIngest.Functions.Api;

/// <summary>The bytes of a body as they came, for what is signed over them.</summary>
internal static class RawBody
{
    /// <summary>
    /// A body that is refused unread is thrown away by the server, up to this size and for seconds at most, so that its sender hears the
    /// refusal and not a broken connection.
    /// </summary>
    private const long MostThrownAway = 64 * 1024 * 1024;

    /// <summary>To be called before anything is answered.</summary>
    public static void Expect(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } most)
            most.MaxRequestBodySize = MostThrownAway;
    }

    /// <summary>Whether the request itself says that it holds more; asked before anything is read.</summary>
    public static bool IsOver(HttpRequest request, int limit) => request.ContentLength > limit;

    /// <summary>Null when there is more than the limit, which is as far as it is read.</summary>
    public static async Task<byte[]?> Read(HttpContext context, int limit)
    {
        if (IsOver(context.Request, limit))
            return null;
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > limit)
                return null;
        }

        return bytes.ToArray();
    }
}
