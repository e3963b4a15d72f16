namespace ContributionIngest.Functions.Api;

/// <summary>Describes, for the OpenAPI document, a query parameter or header that an endpoint reads itself.</summary>
/// <param name="Type">The type it is parsed as; an array if several values are allowed.</param>
/// <param name="Words">The allowed values; for types other than text, in addition to the type's own values.</param>
/// <param name="Min">The smallest number, or the shortest text in characters.</param>
/// <param name="Max">The largest number, or the longest text in characters.</param>
internal sealed record DescribedValue(
    string Name, Type Type, string? Description = null, IReadOnlyList<string>? Words = null, object? Default = null, int? Min = null, int? Max = null,
    bool IsHeader = false, bool IsRequired = false);

/// <summary>Describes a body that an endpoint reads itself. Unlike <c>Accepts</c>, it does not affect routing: the endpoint refuses what it cannot read.</summary>
internal sealed record DescribedBody(Type Type, string? Example, string[] MediaTypes);

/// <summary>Describes response headers. <c>ETag</c> implies <c>If-None-Match</c> and 304, or <c>If-Match</c> and 412.</summary>
internal sealed record DescribedHeaders(params string[] Names);

/// <summary>Adds OpenAPI metadata that neither an endpoint's route nor its documentation comment provides.</summary>
internal static class Description
{
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder endpoint, string? example = null, params string[] mediaTypes) =>
        endpoint.WithMetadata(new DescribedBody(typeof(T), example, mediaTypes.Length > 0 ? mediaTypes : ["application/json"]));

    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder endpoint, params string[] headers) => endpoint.WithMetadata(new DescribedHeaders(headers));

    /// <summary>Problem responses in addition to those common to all endpoints of this kind.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses) => endpoint.WithMetadata(
        [.. statuses.Select(status => new ProducesResponseTypeMetadata(status, typeof(HttpValidationProblemDetails), ["application/problem+json"]))]);
}
