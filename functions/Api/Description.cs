namespace ContributionIngest.Functions.Api;

/// <summary>A parameter, or a field of a body, that an endpoint reads by itself: as the API's description shows it.</summary>
/// <param name="Type">What it is read as; a list where several may come.</param>
internal sealed record DescribedValue(string Name, Type Type, string? Description = null)
{
    /// <summary>What may be given; where the type is not text, besides what it allows.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>In force where it is not given.</summary>
    public object? Default { get; init; }

    /// <summary>Of a number; of a text, its characters.</summary>
    public int? Least { get; init; }

    /// <summary>Of a number; of a text, its characters; of a list or an object, what is in it.</summary>
    public int? Most { get; init; }

    public bool IsRequired { get; init; }

    public bool IsHeader { get; init; }
}

/// <summary>A body that an endpoint reads by itself. Other than <c>Accepts</c> it has no say in routing: the endpoint refuses what it cannot read.</summary>
/// <param name="Type">What is read; null where <paramref name="Fields"/> are read one by one.</param>
/// <param name="Name">Of the schema of those fields.</param>
internal sealed record DescribedBody(Type? Type, string? Example = null, string? Name = null, IReadOnlyList<string>? Fields = null)
{
    public string[] MediaTypes { get; init; } = ["application/json"];
}

/// <summary>Headers of the endpoint's answers. With an <c>ETag</c> go <c>If-None-Match</c> and 304, or <c>If-Match</c> and 412.</summary>
internal sealed record DescribedHeaders(params string[] Names);

/// <summary>What endpoints say of themselves for the description, where neither their route nor their documentation comment says it.</summary>
internal static class Description
{
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder endpoint, string? example = null) => endpoint.WithMetadata(new DescribedBody(typeof(T), example));

    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder endpoint, params string[] headers) => endpoint.WithMetadata(new DescribedHeaders(headers));

    /// <summary>Problems besides those that every endpoint of its kind answers with.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(HttpValidationProblemDetails), ["application/problem+json"]));
        return endpoint;
    }
}
