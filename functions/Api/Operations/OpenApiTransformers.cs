using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Formats;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Api.Connections;
using ContributionIngest.Functions.Api.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Webhooks;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Scope = ContributionIngest.Core.People.Scope;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>Completes the OpenAPI document with schema names and with what endpoints of a kind have in common.</summary>
internal static class OpenApiTransformers
{
    /// <summary>Published schema names. Enumerations keep their type names; types without a name are inlined.</summary>
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(ContributionValues)] = "Facts", [typeof(LedgerItem)] = "Entry", [typeof(ItemList<LedgerItem>)] = "Page", [typeof(ItemList<RevisionItem>)] = "History",
        [typeof(LoggedBody)] = "Logged", [typeof(ChangeBody)] = "Change", [typeof(Metric)] = "Metric", [typeof(IReadOnlyDictionary<string, Metric>)] = "Metrics",
        [typeof(ItemList<MetricSeries>)] = "MetricHistory", [typeof(ContributionTemplate)] = "Template", [typeof(SummarySide)] = "Counted", [typeof(SummaryAnswer)] = "Summary", [typeof(TopicsBody)] = "Topics",
        [typeof(ConnectionRequest)] = "Connect", [typeof(ConnectionItem)] = "Connection", [typeof(PreviewAnswer)] = "Preview", [typeof(Coverage)] = "Coverage",
        [typeof(HarvestReport)] = "Report", [typeof(Repair)] = "Repair", [typeof(ContributionIngest.Core.Connections.Problem)] = "Trouble",
        [typeof(HookItem)] = "Hook", [typeof(HookResult)] = "HookResult", [typeof(MeItem)] = "Person", [typeof(ApiKey)] = "Key",
        [typeof(DigestPreferencesBody)] = "DigestWish", [typeof(DigestItemAnswer)] = "DigestRecord", [typeof(DigestItem)] = "DigestItem", [typeof(WeekDigest)] = "Digest",
        [typeof(StatusAnswer)] = "InstallationStatus", [typeof(HttpValidationProblemDetails)] = "Problem",
    };

    /// <summary>By path.</summary>
    private static readonly (string Paths, string Name, string Description)[] Tags =
    [
        ("ledger", "ledger", "What you did"),
        ("charts", "charts", "The same as pictures"),
        ("connections preview", "connections", "Where it is harvested from"),
        ("templates", "templates", "What you do again and again"),
        ("digests", "digests", "Your weeks"),
        ("programmes", "programmes", "Where you stand"),
        ("me deletions", "me", "You and your keys"),
        ("status people webhooks health openapi.json", "operation", "How this installation is doing"),
    ];

    private static readonly Dictionary<string, (string Name, string Description)> UsualResponses = new(StringComparer.Ordinal)
    {
        ["304"] = ("Unchanged", "The resource has not changed."),
        ["400"] = ("Invalid", "The request is not valid; `errors` has messages by field or parameter."),
        ["401"] = ("Unauthorised", "There is no valid key."),
        ["403"] = ("Forbidden", "The key lacks the scope."),
        ["404"] = ("NotFound", "There is nothing with that id, or it is not yours."),
        ["406"] = ("NotAcceptable", "None of the formats in `Accept` is available."),
        ["409"] = ("Conflict", "The request conflicts with the current state."),
        ["412"] = ("Stale", "The resource was changed since you read it."),
        ["413"] = ("TooLarge", "The body is larger than 65,536 bytes."),
        ["415"] = ("Unsupported", "The body is not JSON."),
        ["422"] = ("Unreadable", "No source can read the address, or what there is does not fit the file; `detail` and `errors` describe what was found and what to try."),
        ["429"] = ("TooMany", "Too many requests; try again after `Retry-After`."),
        ["502"] = ("MailFailed", "The mail was not sent; `detail` is the message of the mail server or the network."),
        ["503"] = ("Unavailable", "The store is unreachable or busy; nothing was changed. Try again after `Retry-After`."),
    };

    private static readonly Dictionary<string, string> Headers = new(StringComparer.Ordinal)
    {
        ["ETag"] = "Changes whenever the response does.",
        ["Link"] = "Address of the next page, with rel=\"next\".",
        ["Location"] = "Address of the resource.",
    };

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = endpoint => endpoint.HttpMethod != HttpMethods.Head;
        options.CreateSchemaReferenceId = type => NameOf(type.Type);
        options.AddSchemaTransformer(CompleteAsync);
        options.AddOperationTransformer((operation, context, _) => new Operation(operation, context, context.Document!).DescribeAsync());
        options.AddDocumentTransformer(CompleteAsync);
    }

    private static string? NameOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? type.Name : Names.GetValueOrDefault(type);
    }

    private static Task CompleteAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "ContributionIngest",
            Version = "1",
            Summary = "A ledger of everything you give to a technical community.",
            Description = "Connect accounts once; everything you publish lands in one ledger. Times are ISO 8601 in UTC, what is unknown is absent, and every failure is a problem document (RFC 9457).",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [new OpenApiServer { Url = "/api" }];
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        document.AddComponent("key", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key, `ci_…`. The first start prints one; `keys new NAME` and POST /me/keys make more.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
        return Task.CompletedTask;
    }

    /// <summary>Unknown values are absent: only merge patches contain null, and non-nullable properties are required.</summary>
    private static Task CompleteAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        schema.Description = OneLine(schema.Description);
        var isPatched = context.JsonPropertyInfo?.DeclaringType == typeof(ChangeBody);
        if (context.JsonPropertyInfo is not null && !isPatched)
            (schema.Type, _) = (schema.Type & ~JsonSchemaType.Null, schema.Metadata?.Remove("x-is-nullable-property"));
        if (type.IsEnum)
            (schema.Type, schema.Enum) = (JsonSchemaType.String, schema.Enum?.Where(word => word is not null).ToList());
        if (type == typeof(Scope))
            schema.Description = "One or more of read, write, operate, separated by spaces.";
        if (type == typeof(DateOrInstant))
            (schema.Type, schema.Properties, schema.OneOf) = (null, null, [Text("date"), Text("date-time"), .. isPatched ? [new OpenApiSchema { Type = JsonSchemaType.Null }] : Array.Empty<OpenApiSchema>()]);
        if (type == typeof(LoggedBody))
            schema.AnyOf = [new OpenApiSchema { Required = new HashSet<string> { "title", "kind", "when" } }, new OpenApiSchema { Required = new HashSet<string> { "url" } }];
        if (context.JsonPropertyInfo?.Name == "url")
            schema.Format = "uri";
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ItemList<>) && type != typeof(ItemList<LedgerItem>))
            schema.Properties?.Remove("next");
        if (schema.Properties is { } properties)
            schema.Required = context.JsonTypeInfo.Properties.Where(p => properties.ContainsKey(p.Name) && (p.IsRequired || !IsNullable(p))).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (type == typeof(HttpValidationProblemDetails))
        {
            schema.Properties!.Remove("instance");
            schema.Required = new HashSet<string>(StringComparer.Ordinal) { "type", "title", "status" };
            (schema.Properties["type"].Description, schema.Properties["errors"].Description) = ("Stable: urn:contributioningest:problem:…", "By field or parameter.");
        }

        return Task.CompletedTask;
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsGetNullable;

    private static OpenApiSchema Text(string? format = null) => new() { Type = JsonSchemaType.String, Format = format };

    private static string? OneLine(string? text) => text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Completes an operation from its endpoint's metadata.</summary>
    private sealed class Operation(OpenApiOperation operation, OpenApiOperationTransformerContext context, OpenApiDocument document)
    {
        private readonly IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        private readonly string path = context.Description.RelativePath!;
        private readonly OpenApiResponses responses = operation.Responses!;
        private readonly IList<IOpenApiParameter> parameters = operation.Parameters ??= [];
        private readonly SortedSet<string> refusals = new(["429", "503"], StringComparer.Ordinal);

        public async Task DescribeAsync()
        {
            var scope = Find<NeededScope>()?.Scope;
            operation.Tags = new HashSet<OpenApiTagReference> { new(Tags.Single(tag => tag.Paths.Split(' ').Contains(path.Split('/')[0], StringComparer.Ordinal)).Name, document) };
            operation.Description = OneLine(scope is null ? operation.Description : $"{operation.Description} Needs scope `{ScopeConverter.Format(scope.Value)}`.");
            operation.Security = scope is null ? [] : null;
            foreach (var parameter in parameters.OfType<OpenApiParameter>().ToList())
                ConstrainId(parameter, isOurs: scope is Scope.Read or Scope.Write);
            foreach (var value in metadata.OfType<DescribedValue>())
                parameters.Add(await ParameterAsync(value));
            foreach (var media in Find<DescribedBody>()?.Example is null ? [] : operation.RequestBody!.Content!.Values)
                media.Example = JsonNode.Parse(Find<DescribedBody>()!.Example!);
            await SendAsync(Find<DescribedHeaders>()?.Names ?? []);
            if (scope is not null)
                refusals.UnionWith(["401", "403", .. UsualRefusals()]);
            foreach (var (status, response) in responses.ToList())
            {
                foreach (var (_, content) in response.Content!.Where(c => c.Key is not ("application/json" or "application/problem+json")))
                    content.Schema = Text();
                if (UsualResponses.ContainsKey(status) && response.Description == ReasonPhrases.GetReasonPhrase(int.Parse(status, CultureInfo.InvariantCulture)) && responses.Remove(status))
                    refusals.Add(status);
            }

            foreach (var status in refusals)
                responses.TryAdd(status, await RefusalAsync(status));
        }

        private T? Find<T>() => metadata.OfType<T>().LastOrDefault();

        /// <summary>Ids of people's resources have our format; those of messages and subscriptions can be anything.</summary>
        private void ConstrainId(OpenApiParameter parameter, bool isOurs)
        {
            ((OpenApiSchema)parameter.Schema!).Pattern = parameter.Name == "week" ? "^[0-9]{4}-W[0-9]{2}$" : parameter.Name == "id" && isOurs ? "^[a-z2-7]{26}$" : null;
            if (parameter.Name != "id" || !isOurs)
                return;
            document.AddComponent("Id", parameter);
            parameters[parameters.IndexOf(parameter)] = new OpenApiParameterReference("Id", document);
        }

        private async Task<OpenApiParameter> ParameterAsync(DescribedValue value) => new()
        {
            Name = value.Name,
            Description = value.Description,
            In = value.IsHeader ? ParameterLocation.Header : ParameterLocation.Query,
            Required = value.IsRequired,
            Explode = !value.IsHeader && !value.Type.IsArray,
            Schema = await SchemaAsync(value),
        };

        private async Task<IOpenApiSchema> SchemaAsync(DescribedValue value)
        {
            if (value.Type.IsArray)
                return new OpenApiSchema { Type = JsonSchemaType.Array, MaxItems = value.Max, Items = await SchemaAsync(value with { Type = value.Type.GetElementType()!, Max = null }) };
            var schema = await context.GetOrCreateSchemaAsync(value.Type);
            if (NameOf(value.Type) is { } name)
                return Shared(name, schema);
            var words = value.Words?.Select(word => (JsonNode)word).ToList();
            if (schema.Type == JsonSchemaType.String)
                (schema.Enum, schema.MinLength, schema.MaxLength) = (words, value.Min, value.Max);
            else
                (schema.Minimum, schema.Maximum) = (value.Min?.ToString(CultureInfo.InvariantCulture), value.Max?.ToString(CultureInfo.InvariantCulture));
            if (schema.Type != JsonSchemaType.String && words is not null)
                schema = new OpenApiSchema { OneOf = [schema, new OpenApiSchema { Type = JsonSchemaType.String, Enum = words }] };
            schema.Default = value.Default is null ? null : JsonValue.Create(value.Default);
            return schema;
        }

        private OpenApiSchemaReference Shared(string name, OpenApiSchema schema)
        {
            document.AddComponent(name, schema);
            return new OpenApiSchemaReference(name, document);
        }

        /// <summary>Problem responses common to authenticated endpoints, depending on their parameters and body.</summary>
        private IEnumerable<string> UsualRefusals() => (operation.RequestBody is null ? Array.Empty<string>() : ["400", "413", "415"])
            .Concat(path.Contains('{', StringComparison.Ordinal) ? ["404"] : [])
            .Concat(metadata.OfType<DescribedValue>().Any(value => !value.IsHeader) ? ["400"] : []);

        private async Task SendAsync(string[] headers)
        {
            foreach (var header in headers)
                document.AddComponent(header, new OpenApiHeader { Description = Headers[header], Schema = Text() });
            foreach (var response in responses.Where(r => r.Key[0] == '2' && r.Key != "204").Select(r => r.Value).OfType<OpenApiResponse>())
                response.Headers = headers.ToDictionary(header => header, IOpenApiHeader (header) => new OpenApiHeaderReference(header, document), StringComparer.Ordinal);
            if (!headers.Contains("ETag", StringComparer.Ordinal) || context.Description.HttpMethod == HttpMethods.Post)
                return;
            var (id, name, text, status) = context.Description.HttpMethod == HttpMethods.Get
                ? ("IfNoneMatch", "If-None-Match", "ETags of responses you already have.", "304")
                : ("IfMatch", "If-Match", "ETags of the entry as you read it; it is changed only if it still matches.", "412");
            document.AddComponent(id, await ParameterAsync(new DescribedValue(name, typeof(string), text, IsHeader: true)));
            parameters.Add(new OpenApiParameterReference(id, document));
            refusals.Add(status);
        }

        private async Task<OpenApiResponseReference> RefusalAsync(string status)
        {
            var (name, description) = UsualResponses[status];
            var problem = new OpenApiMediaType { Schema = Shared("Problem", await context.GetOrCreateSchemaAsync(typeof(HttpValidationProblemDetails))) };
            document.AddComponent(name, new OpenApiResponse { Description = description, Content = status == "304" ? null : new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = problem } });
            return new OpenApiResponseReference(name, document);
        }
    }
}
