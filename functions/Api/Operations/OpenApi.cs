using System.Reflection;
using System.Runtime.CompilerServices;
using ContributionIngest.Functions.Api.Ledger;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>
/// <c>GET /openapi.json</c>: the description of everything under <c>/api</c>, made of the endpoints and their documentation comments when it is first
/// asked for, and kept. The program starts without any of it.
/// </summary>
/// <param name="api">The group <c>/api</c>, whose own endpoints know nothing of the prefix.</param>
internal sealed class OpenApi(IEndpointRouteBuilder api)
{
    private readonly Lock gate = new();
    private Task<byte[]>? document;

    public static void Map(IEndpointRouteBuilder api) => api.MapMethods("/openapi.json", ReadMethods.All, new OpenApi(api).GetAsync)
        .WithName("getDescription").Produces<Dictionary<string, object>>().Sends("ETag");

    /// <summary>This document.</summary>
    internal async Task<IResult> GetAsync() => new LedgerAnswer(await DocumentAsync(), LedgerFormat.Json.MediaType);

    /// <summary>Made once, however many ask for it first.</summary>
    private Task<byte[]> DocumentAsync()
    {
        lock (gate)
            return document is { IsFaulted: false } ? document : document = Task.Run(MakeAsync);
    }

    /// <summary>A container of its own, so that the program's holds nothing of it; not inlined, so that its assemblies are loaded here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<byte[]> MakeAsync()
    {
        var endpoints = api.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(WithBody).ToList();
        var services = new ServiceCollection().AddLogging().AddRouting().AddEndpointsApiExplorer()
            .AddSingleton(api.ServiceProvider.GetRequiredService<IHostEnvironment>())
            .AddSingleton<EndpointDataSource>(new DefaultEndpointDataSource(endpoints))
            .ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict);
        // A lambda, since the generator that brings the documentation comments in overlooks the call with a method group.
        services.AddOpenApi(options => OpenApiTransformers.Configure(options));

        // Parameters of handlers that are services are no parameters of requests.
        var known = api.ServiceProvider.GetRequiredService<IServiceProviderIsService>();
        foreach (var type in endpoints.SelectMany(e => e.Metadata.GetMetadata<MethodInfo>()!.GetParameters()).Select(p => p.ParameterType).Where(known.IsService))
            services.AddTransient(type, _ => api.ServiceProvider.GetRequiredService(type));
        await using var provider = services.BuildServiceProvider();
        var made = await provider.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await made.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        return json.ToArray();
    }

    private static RouteEndpoint WithBody(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<DescribedBody>() is { } body
        ? new(endpoint.RequestDelegate!, endpoint.RoutePattern, endpoint.Order, new([.. endpoint.Metadata, new AcceptsMetadata(body.MediaTypes, body.Type)]), endpoint.DisplayName)
        : endpoint;
}
