namespace ContributionIngest.Functions.Api;

/// <summary>The bytes of a body as they came, for what is signed over them.</summary>
internal static class RawBody
{
    /// <summary>
    /// The limit of the server, in bytes. What is refused unread is thrown away up to here and for seconds at most, so that its sender hears the refusal
    /// and not a broken connection; what is read has the far lower limits of its route.
    /// </summary>
    public const long MostThrownAway = 64 * 1024 * 1024;

    /// <summary>Whether the request itself says that it holds more; asked before anything is read.</summary>
    public static bool IsOver(HttpRequest request, int limit) => request.ContentLength > limit;

    /// <summary>Null when there is more than the limit, which is as far as it is read.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
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
