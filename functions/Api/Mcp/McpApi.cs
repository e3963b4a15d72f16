using System.Runtime.CompilerServices;
using System.Text.Json;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ContributionIngest.Functions.Api.Mcp;

/// <summary>
/// <c>/mcp</c>: the API as tools, by the Model Context Protocol (Streamable HTTP, stateless: every request stands alone, so any instance may answer it). Nothing of the
/// protocol is loaded before the first request.
/// </summary>
/// <param name="api">The group <c>/api</c>, whose endpoints the tools call.</param>
internal sealed class McpApi(IEndpointRouteBuilder api)
{
    private const string Path = "/mcp";

    private readonly Lock gate = new();
    private RequestDelegate? server;

    public static void Map(IEndpointRouteBuilder site, IEndpointRouteBuilder api)
    {
        site.MapPost(Path, (RequestDelegate)new McpApi(api).AnswerAsync).Needs(Scope.Read);

        // Clients ask for a stream of notifications, of which there are none, and end sessions, of which there are none either.
        site.MapMethods(Path, [HttpMethods.Get, HttpMethods.Delete], () => Problems.NotAllowed(HttpMethods.Post)).Needs(Scope.Read);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await RawBody.ReadAsync(context, JsonBody.MaxBytes) is not { } body)
        {
            await Problems.TooLarge(JsonBody.MaxBytes).ExecuteAsync(context);
            return;
        }

        context.Request.Body = new MemoryStream(body);
        await Server()(context);
    }

    /// <summary>Made once, even for concurrent first requests.</summary>
    private RequestDelegate Server()
    {
        lock (gate)
            return server ??= Make();
    }

    /// <summary>Uses its own service container, to keep the application's free of it. Not inlined, so that its assemblies are loaded only here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RequestDelegate Make()
    {
        var tools = McpToolCalls.Of(api);
        // What fails in an endpoint is logged there; the package would log as failures what callers send wrongly.
        var services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddLogging().AddSingleton(api.ServiceProvider.GetRequiredService<IHostApplicationLifetime>());
        services.AddMcpServer(options =>
        {
            options.ServerInfo = new Implementation { Name = "ContributionIngest", Version = ProductVersion.Text };
            options.ServerInstructions = McpTools.Instructions;
        }).WithHttpTransport(options =>
        {
            options.Stateless = true;
            options.ConfigureSessionOptions = (context, server, _) =>
            {
                server.Handlers.ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. tools.Tools] });
                server.Handlers.CallToolHandler = async (request, _) => await tools.CallAsync(context, request.Params);
                return Task.CompletedTask;
            };
        });
        var endpoints = new Endpoints(services.BuildServiceProvider());
        endpoints.MapMcp(Path);
        return endpoints.DataSources.SelectMany(source => source.Endpoints).Single(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(HttpMethods.Post)).RequestDelegate!;
    }

    /// <summary>What the package maps, of which one endpoint is used.</summary>
    private sealed class Endpoints(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}

/// <summary>The tools as the protocol shows them, and their calls.</summary>
internal sealed class McpToolCalls
{
    private readonly Dictionary<string, ToolCall> calls = new(StringComparer.Ordinal);

    public List<Tool> Tools { get; } = [];

    public static McpToolCalls Of(IEndpointRouteBuilder api)
    {
        var made = new McpToolCalls();
        var endpoints = api.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null)
            .ToDictionary(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, StringComparer.Ordinal);
        foreach (var tool in McpTools.All)
        {
            var endpoint = endpoints[tool.Endpoint];
            var parameters = ToolSchema.Parameters(tool, endpoint);
            made.calls[tool.Name] = new ToolCall(tool, parameters, endpoint, tool.Added is { } added ? endpoints[added.Endpoint] : null);
            made.Tools.Add(new Tool
            {
                Name = tool.Name,
                Title = tool.Title,
                Description = tool.Description,
                InputSchema = ToolSchema.Document(parameters),
                Annotations = new ToolAnnotations
                {
                    Title = tool.Title, ReadOnlyHint = tool.IsReadOnly, DestructiveHint = tool.IsDestructive, IdempotentHint = tool.IsReadOnly || tool.IsIdempotent, OpenWorldHint = tool.IsOpenWorld,
                },
            });
        }

        return made;
    }

    public async Task<CallToolResult> CallAsync(HttpContext caller, CallToolRequestParams call)
    {
        if (!calls.TryGetValue(call.Name, out var known))
            throw new McpProtocolException($"There is no tool '{call.Name}'. {Spelling.Hint(call.Name, [.. calls.Keys])}", McpErrorCode.InvalidParams);
        var arguments = (call.Arguments ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var answer = await known.AnswerAsync(caller, arguments);
        return new CallToolResult { Content = [new TextContentBlock { Text = answer.Text }], StructuredContent = answer.Value, IsError = answer.Value is null };
    }
}
