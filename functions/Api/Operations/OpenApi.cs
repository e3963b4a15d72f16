using ContributionIngest.Functions.Api.Ledger;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /openapi.json</c>: the description of everything under <c>/api</c>, kept by hand beside the code (OpenAPI 3.1).</summary>
public static class OpenApi
{
    private const string Resource = "openapi.json";

    public static void MapOpenApi(this IEndpointRouteBuilder api) => api.MapMethods("/openapi.json", ReadMethods.All, Answer);

    internal static byte[] Document()
    {
        using var stream = typeof(OpenApi).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource '{Resource}' is not in the program.");
        var document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }

    private static LedgerAnswer Answer() => new(Document(), LedgerFormat.Json.MediaType);
}
