namespace ContributionIngest.Functions.Api;

/// <summary>A parameter, or a field of a body, that an endpoint reads by itself: as the API's description shows it.</summary>
/// <param name="Type">What it is read as; an array where several may come.</param>
/// <param name="Words">What may be given; where the type is not text, besides what it allows.</param>
/// <param name="Least">Of a number, or of a text's characters.</param>
/// <param name="Most">Likewise.</param>
internal sealed record DescribedValue(
    string Name, Type Type, string? Description = null, IReadOnlyList<string>? Words = null, object? Default = null, int? Least = null, int? Most = null,
    bool IsHeader = false, bool IsRequired = false);

/// <summary>A body that an endpoint reads by itself. Other than <c>Accepts</c> it has no say in routing: the endpoint refuses what it cannot read.</summary>
internal sealed record DescribedBody(Type Type, string? Example, string[] MediaTypes);

/// <summary>Headers of answers. With an <c>ETag</c> go <c>If-None-Match</c> and 304, or <c>If-Match</c> and 412.</summary>
internal sealed record DescribedHeaders(params string[] Names);

/// <summary>What endpoints say of themselves where neither their route nor their documentation comment says it.</summary>
internal static class Description
{
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder endpoint, string? example = null, params string[] mediaTypes) =>
        endpoint.WithMetadata(new DescribedBody(typeof(T), example, mediaTypes.Length > 0 ? mediaTypes : ["application/json"]));

    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder endpoint, params string[] headers) => endpoint.WithMetadata(new DescribedHeaders(headers));

    /// <summary>Problems besides those that every endpoint of its kind answers with.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses) => endpoint.WithMetadata(
        [.. statuses.Select(status => new ProducesResponseTypeMetadata(status, typeof(HttpValidationProblemDetails), ["application/problem+json"]))]);
}
