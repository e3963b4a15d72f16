using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Digests;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Api.Connections;
using ContributionIngest.Functions.Api.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Scope = ContributionIngest.Core.People.Scope;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>What the endpoints' own words leave open in the API's description: names of schemas, and what every endpoint of a kind has in common.</summary>
internal static class OpenApiTransformers
{
    private const string Problem = "Problem";

    /// <summary>Published names of schemas. Words have the names of their types; what has no name stands where it is used.</summary>
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(ContributionValues)] = "Facts",
        [typeof(Metric)] = "Metric",
        [typeof(IReadOnlyDictionary<string, Metric>)] = "Metrics",
        [typeof(ItemList<MetricSeries>)] = "MetricHistory",
        [typeof(TopicsBody)] = "Topics",
        [typeof(LedgerItem)] = "Entry",
        [typeof(ItemList<LedgerItem>)] = "Page",
        [typeof(ItemList<RevisionItem>)] = "History",
        [typeof(SummarySide)] = "Counted",
        [typeof(SummaryAnswer)] = "Summary",
        [typeof(ConnectionRequest)] = "Connect",
        [typeof(Coverage)] = "Coverage",
        [typeof(ContributionIngest.Core.Connections.Problem)] = "Trouble",
        [typeof(ContributionIngest.Formats.Repair)] = "Repair",
        [typeof(ConnectionItem)] = "Connection",
        [typeof(HarvestReport)] = "Report",
        [typeof(PreviewAnswer)] = "Preview",
        [typeof(MeItem)] = "Person",
        [typeof(DigestPreferencesBody)] = "DigestWish",
        [typeof(DigestItemAnswer)] = "DigestRecord",
        [typeof(DigestItem)] = "DigestItem",
        [typeof(WeekDigest)] = "Digest",
        [typeof(ApiKey)] = "Key",
        [typeof(HookItem)] = "Hook",
        [typeof(Webhooks.HookResult)] = "HookResult",
        [typeof(StatusAnswer)] = "InstallationStatus",
        [typeof(HttpValidationProblemDetails)] = Problem,
    };

    private static readonly Dictionary<int, (string Name, string Description)> Answers = new()
    {
        [304] = ("Unchanged", "You have it already."),
        [400] = ("Invalid", "Something in the request is wrong; `errors` says what, by field or parameter."),
        [401] = ("Unauthorised", "There is no valid key."),
        [403] = ("Forbidden", "The key lacks the scope."),
        [404] = ("NotFound", "There is none of that id, or it is not yours."),
        [406] = ("NotAcceptable", "Nothing that `Accept` names can be had here."),
        [409] = ("Conflict", "That does not go together with what is there."),
        [412] = ("Stale", "It was changed since you looked."),
        [413] = ("TooLarge", "The body has more than 65,536 bytes."),
        [415] = ("Unsupported", "The body is not JSON."),
        [422] = ("Unreadable", "The address is no place a source can read; `detail` says what was found and what to try."),
        [502] = ("MailFailed", "The mail did not leave; the detail is what the mail server or the network said."),
        [503] = ("Unavailable", "The store cannot be reached or is busy; nothing was changed. `Retry-After` says when to try again."),
    };

    private static readonly Dictionary<string, string> Headers = new(StringComparer.Ordinal)
    {
        ["ETag"] = "Changes when the answer does.",
        ["Link"] = "Address of the next page, with rel=\"next\".",
        ["Location"] = "Address of what this is about.",
    };

    private static readonly (string Name, string Description)[] Tags =
    [
        ("ledger", "What you did"),
        ("charts", "The same as pictures"),
        ("connections", "Where it is harvested from"),
        ("digests", "Your weeks"),
        ("me", "You and your keys"),
        ("operation", "How this installation is doing"),
    ];

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = endpoint => endpoint.HttpMethod != HttpMethods.Head;
        options.CreateSchemaReferenceId = type => NameOf(type.Type);
        options.AddSchemaTransformer(SchemaAsync);
        options.AddOperationTransformer((operation, context, _) => new Operation(operation, context, context.Document!).CompleteAsync());
        options.AddDocumentTransformer(DocumentAsync);
    }

    private static string? NameOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? type.Name : Names.GetValueOrDefault(type);
    }

    private static Task DocumentAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
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

    /// <summary>What is unknown is absent: nothing is ever null, and what cannot be null is always there.</summary>
    private static Task SchemaAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var (type, property) = (Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type, context.JsonPropertyInfo);
        schema.Type &= ~JsonSchemaType.Null;
        schema.Metadata?.Remove("x-is-nullable-property");
        if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = schema.Enum?.Where(word => word is not null).ToList();
        }

        if (type == typeof(Scope))
            schema.Description = "One or more of read, write, operate, separated by spaces.";
        if (type == typeof(DateOrInstant))
            (schema.Type, schema.Properties, schema.OneOf) = (null, null, [Text("date"), Text("date-time")]);
        if (property?.Name == "url")
            schema.Format = "uri";
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ItemList<>) && type != typeof(ItemList<LedgerItem>))
            schema.Properties?.Remove("next");
        if (schema.Properties is { Count: > 0 } properties && context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
            schema.Required = context.JsonTypeInfo.Properties.Where(p => properties.ContainsKey(p.Name) && (p.IsRequired || !IsNullable(p))).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (type == typeof(HttpValidationProblemDetails))
        {
            schema.Required = new HashSet<string>(StringComparer.Ordinal) { "type", "title", "status" };
            schema.Properties!["type"].Description = "Stable: urn:contributioningest:problem:…";
            schema.Properties["errors"].Description = "By field or parameter.";
        }

        return Task.CompletedTask;
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsGetNullable;

    private static OpenApiSchema Text(string? format = null) => new() { Type = JsonSchemaType.String, Format = format };

    /// <summary>An operation with what its endpoint's metadata say.</summary>
    private sealed class Operation(OpenApiOperation operation, OpenApiOperationTransformerContext context, OpenApiDocument document)
    {
        private readonly IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        private readonly string path = context.Description.RelativePath!;
        private readonly SortedSet<int> refusals = [503];

        public async Task CompleteAsync()
        {
            operation.Responses ??= [];
            operation.Parameters ??= [];
            var (scope, body) = (Find<NeededScope>()?.Scope, Find<DescribedBody>());
            operation.Tags = new HashSet<OpenApiTagReference> { new(Tag(), document) };
            if (scope is { } needed)
                operation.Description = $"{operation.Description} Needs scope `{ScopeConverter.Words(needed)}`.".Trim();
            else
                operation.Security = [];
            foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>().ToList())
                Identify(parameter, scope);
            foreach (var parameter in metadata.OfType<DescribedValue>())
                operation.Parameters.Add(await ParameterAsync(parameter));
            if (body is { Fields: { } fields, Name: { } name })
                operation.RequestBody = new OpenApiRequestBody { Content = await FieldsAsync(name, fields, body.MediaTypes) };
            if (operation.RequestBody is OpenApiRequestBody { Content: { } contents } request)
                Complete(request, contents, body?.Example, scope);
            if (scope is not null)
                RefuseAsUsual();
            Add(Find<DescribedHeaders>()?.Names ?? []);
            foreach (var (status, response) in operation.Responses.ToList())
                Complete(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), (OpenApiResponse)response);
            foreach (var status in refusals)
                operation.Responses.TryAdd(status.ToString(System.Globalization.CultureInfo.InvariantCulture), await RefusalAsync(status));
        }

        private T? Find<T>() => metadata.OfType<T>().LastOrDefault();

        private string Tag() => path.Split('/')[0] switch
        {
            "preview" => "connections",
            var first when Tags.Any(tag => tag.Name == first) => first,
            _ => "operation",
        };

        /// <summary>Ids of what people have are ours; those of messages and subscriptions are anything.</summary>
        private void Identify(OpenApiParameter parameter, Scope? scope)
        {
            var schema = (OpenApiSchema)parameter.Schema!;
            schema.Pattern = parameter.Name == "week" ? "^[0-9]{4}-W[0-9]{2}$" : null;
            if (parameter.Name != "id" || scope is not (Scope.Read or Scope.Write))
                return;
            schema.Pattern = "^[a-z2-7]{26}$";
            document.AddComponent("Id", parameter);
            operation.Parameters![operation.Parameters.IndexOf(parameter)] = new OpenApiParameterReference("Id", document);
        }

        private async Task<OpenApiParameter> ParameterAsync(DescribedValue value) => new()
        {
            Name = value.Name,
            In = value.IsHeader ? ParameterLocation.Header : ParameterLocation.Query,
            Required = value.IsRequired,
            Description = value.Description,
            Style = value.Type.IsArray ? ParameterStyle.Form : null,
            Explode = !value.Type.IsArray,
            Schema = await SchemaAsync(value),
        };

        private async Task<IOpenApiSchema> SchemaAsync(DescribedValue value)
        {
            if (value.Type.IsArray)
                return new OpenApiSchema { Type = JsonSchemaType.Array, Items = await SchemaAsync(value with { Type = value.Type.GetElementType()!, Description = null, Most = null }), MaxItems = value.Most };
            if (NameOf(value.Type) is { } name && value.Words is null)
            {
                document.AddComponent(name, await context.GetOrCreateSchemaAsync(value.Type));
                return new OpenApiSchemaReference(name, document);
            }

            var schema = await context.GetOrCreateSchemaAsync(value.Type);
            var isText = schema.Type == JsonSchemaType.String;
            schema.Enum = isText ? Words(value) : null;
            schema.MinLength = isText ? value.Least : null;
            schema.MaxLength = isText ? value.Most : null;
            schema.Minimum = isText ? null : value.Least?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            schema.Maximum = isText ? null : value.Most?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (value.Words is not null && !isText)
                schema = new OpenApiSchema { OneOf = [schema, new OpenApiSchema { Type = JsonSchemaType.String, Enum = Words(value) }] };
            schema.Default = value.Default is null ? null : JsonValue.Create(value.Default);
            return schema;
        }

        private static List<JsonNode>? Words(DescribedValue value) => value.Words?.Select(word => (JsonNode)word).ToList();

        private async Task<Dictionary<string, OpenApiMediaType>> FieldsAsync(string name, IReadOnlyList<string> fields, string[] mediaTypes)
        {
            var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal), AdditionalPropertiesAllowed = false };
            foreach (var field in fields)
                schema.Properties[field] = await SchemaAsync(LedgerFields.Described.Single(f => f.Name == field));
            document.AddComponent(name, schema);
            return mediaTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = new OpenApiSchemaReference(name, document) }, StringComparer.Ordinal);
        }

        private void Complete(OpenApiRequestBody request, IDictionary<string, OpenApiMediaType> contents, string? example, Scope? scope)
        {
            request.Required = scope is not null;
            foreach (var content in contents.Values)
            {
                content.Example = example is null ? null : JsonNode.Parse(example);
                if (scope is not null && content.Schema is OpenApiSchema schema)
                    schema.AdditionalPropertiesAllowed = false;
            }
        }

        /// <summary>What every endpoint behind authentication refuses, by what it is asked with.</summary>
        private void RefuseAsUsual()
        {
            refusals.UnionWith([401, 403]);
            if (path.Contains('{', StringComparison.Ordinal))
                refusals.Add(404);
            if (metadata.OfType<DescribedValue>().Any(value => !value.IsHeader))
                refusals.Add(400);
            if (operation.RequestBody is not null)
                refusals.UnionWith([400, 413, 415]);
        }

        private void Add(string[] headers)
        {
            foreach (var (_, response) in operation.Responses!.Where(r => r.Key[0] == '2' && r.Key != "204"))
                ((OpenApiResponse)response).Headers = headers.ToDictionary(name => name, IOpenApiHeader (name) => Header(name), StringComparer.Ordinal);
            if (!headers.Contains("ETag", StringComparer.Ordinal) || context.Description.HttpMethod == HttpMethods.Post)
                return;
            var isRead = context.Description.HttpMethod == HttpMethods.Get;
            refusals.Add(isRead ? 304 : 412);
            var name = isRead ? "IfNoneMatch" : "IfMatch";
            document.AddComponent(name, new OpenApiParameter
            {
                Name = isRead ? "If-None-Match" : "If-Match",
                In = ParameterLocation.Header,
                Description = isRead ? "ETags of answers you have already." : "ETags of the entry you looked at; it is changed only if it is still that one.",
                Schema = Text(),
            });
            operation.Parameters!.Add(new OpenApiParameterReference(name, document));
        }

        private OpenApiHeaderReference Header(string name)
        {
            document.AddComponent(name, new OpenApiHeader { Description = Headers[name], Schema = Text() });
            return new OpenApiHeaderReference(name, document);
        }

        /// <summary>What is no JSON is text. A problem of which the endpoint says nothing of its own is the usual one.</summary>
        private void Complete(int status, OpenApiResponse response)
        {
            foreach (var (_, content) in (response.Content ?? new Dictionary<string, OpenApiMediaType>()).Where(c => !c.Key.EndsWith("json", StringComparison.Ordinal) || c.Key.EndsWith("ndjson", StringComparison.Ordinal)))
                content.Schema = Text();
            if (Answers.ContainsKey(status) && response.Description == ReasonPhrases.GetReasonPhrase(status))
                (_, _) = (operation.Responses!.Remove(status.ToString(System.Globalization.CultureInfo.InvariantCulture)), refusals.Add(status));
        }

        private async Task<OpenApiResponseReference> RefusalAsync(int status)
        {
            var (name, description) = Answers[status];
            var response = new OpenApiResponse { Description = description };
            if (status >= 400)
            {
                document.AddComponent(Problem, await context.GetOrCreateSchemaAsync(typeof(HttpValidationProblemDetails)));
                response.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(Problem, document) } };
            }

            document.AddComponent(name, response);
            return new OpenApiResponseReference(name, document);
        }
    }
}
