using Microsoft.AspNetCore.Http.Features;

namespace ContributionIngest.Functions.Api;

/// <summary>What a form on a page sends back.</summary>
internal static class PageForm
{
    private const int MostFields = 20;

    private static readonly FormOptions Limits = new()
    {
        BufferBodyLengthLimit = App.BodyLimit,
        MultipartBodyLengthLimit = App.BodyLimit,
        ValueCountLimit = MostFields,
        KeyLengthLimit = 100,
        ValueLengthLimit = 4000,
    };

    /// <summary>Empty where the body is no form, or one that no page here sends.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            return FormCollection.Empty;
        try
        {
            return await context.Request.ReadFormAsync(Limits, context.RequestAborted);
        }
        // The framework throws either for a form that is cut off or over a limit, and no page here sends one.
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return FormCollection.Empty;
        }
    }
}
