using System.Reflection;
using System.Runtime.CompilerServices;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>
/// <c>GET /openapi.json</c>: the OpenAPI document of everything under <c>/api</c>. It is generated from the endpoints and their documentation
/// comments on first request and cached, so that startup does not pay for it.
/// </summary>
/// <param name="api">The group <c>/api</c>; its own endpoints do not include the prefix.</param>
internal sealed class OpenApi(IEndpointRouteBuilder api)
{
    private readonly Lock gate = new();
    private Task<byte[]>? document;

    public static void Map(IEndpointRouteBuilder api) => api.MapMethods("/openapi.json", ReadMethods.All, new OpenApi(api).GetAsync).IsOpen()
        .WithName("getDescription").Produces<Dictionary<string, object>>().Sends("ETag");

    /// <summary>This document.</summary>
    internal async Task<IResult> GetAsync() => new LedgerAnswer(await DocumentAsync(), LedgerFormat.Json.MediaType);

    /// <summary>Generated once, even for concurrent first requests.</summary>
    private Task<byte[]> DocumentAsync()
    {
        lock (gate)
            return document is { IsFaulted: false } ? document : document = Task.Run(GenerateAsync);
    }

    /// <summary>Uses its own service container, to keep the application's free of it. Not inlined, so that its assemblies are loaded only here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<byte[]> GenerateAsync()
    {
        var endpoints = api.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(WithBody).ToList();
        var services = new ServiceCollection().AddLogging().AddRouting().AddEndpointsApiExplorer()
            .AddSingleton(api.ServiceProvider.GetRequiredService<IHostEnvironment>())
            .AddSingleton<EndpointDataSource>(new DefaultEndpointDataSource(endpoints))
            .ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict);
        // A lambda, because the source generator for documentation comments does not recognise the call with a method group.
        services.AddOpenApi(options => OpenApiTransformers.Configure(options));

        // Handler parameters that are services must not appear as request parameters.
        var known = api.ServiceProvider.GetRequiredService<IServiceProviderIsService>();
        foreach (var type in endpoints.SelectMany(e => e.Metadata.GetMetadata<MethodInfo>()!.GetParameters()).Select(p => p.ParameterType).Where(known.IsService))
            services.AddTransient(type, _ => api.ServiceProvider.GetRequiredService(type));
        await using var provider = services.BuildServiceProvider();
        var generated = await provider.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await generated.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        return json.ToArray();
    }

    private static RouteEndpoint WithBody(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<DescribedBody>() is { } body
        ? new(endpoint.RequestDelegate!, endpoint.RoutePattern, endpoint.Order, new([.. endpoint.Metadata, new AcceptsMetadata(body.MediaTypes, body.Type)]), endpoint.DisplayName)
        : endpoint;
}
