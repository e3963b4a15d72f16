using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Model;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Functions.Api.Mcp;

/// <summary>Where the endpoint takes a parameter of a tool from.</summary>
internal enum ToolParameterPlace
{
    Route,
    Query,
    Header,
    Body,
}

/// <summary>A parameter of a tool.</summary>
/// <param name="Key">The endpoint's name for it.</param>
internal sealed record ToolParameter(string Name, ToolParameterPlace Place, string Key, JsonObject Schema, bool IsRequired = false)
{
    public bool IsNumber => Is("integer");

    public bool IsList => Is("array");

    public bool IsFlag => Is("boolean");

    private bool Is(string type) => Schema["type"] is JsonValue value && value.GetValue<string>() == type;
}

/// <summary>The parameters of a tool, from its endpoint's route, metadata and body.</summary>
internal static class ToolSchema
{
    /// <summary>A tool answers in JSON, a page at a time.</summary>
    private const string Format = "format";

    private const string Id = "id";

    public static IReadOnlyList<ToolParameter> Parameters(McpTool tool, RouteEndpoint endpoint)
    {
        var metadata = endpoint.Metadata;
        return
        [
            .. endpoint.RoutePattern.Parameters.Select(part => new ToolParameter(part.Name, ToolParameterPlace.Route, part.Name, Described(RouteValue(part.Name), Meaning(part.Name)), IsRequired: true)),
            .. metadata.OfType<DescribedValue>().Where(value => value.Name != Format).Select(value => value.IsHeader
                ? new ToolParameter(Camel(value.Name), ToolParameterPlace.Header, value.Name, Of(value))
                : new ToolParameter(value.Name, ToolParameterPlace.Query, value.Name, Of(value), value.IsRequired)),
            .. IsConditional(metadata) ? [new ToolParameter("etag", ToolParameterPlace.Header, HeaderNames.IfMatch, Described(Text(max: 100), "The etag of the entry as it was read; it is changed only if it still is the same."))] : Array.Empty<ToolParameter>(),
            .. (metadata.GetMetadata<DescribedBody>()?.Type.GetProperties() ?? []).Select(field => new ToolParameter(Camel(field.Name), ToolParameterPlace.Body, Camel(field.Name), Described(Of(field, IsPatch(metadata)), Meaning(Camel(field.Name))))),
        ];

        string? Meaning(string name) => tool.Meanings.GetValueOrDefault(name);
    }

    /// <summary>The schema that clients get.</summary>
    public static JsonElement Document(IEnumerable<ToolParameter> parameters)
    {
        var all = parameters.ToList();
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(all.Select(parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)parameter.Schema.DeepClone()))),
            ["required"] = new JsonArray([.. all.Where(parameter => parameter.IsRequired).Select(parameter => JsonValue.Create(parameter.Name))]),
            ["additionalProperties"] = false,
        };
        return JsonElement.Parse(schema.ToJsonString());
    }

    /// <summary>Whether the endpoint changes what it can give an ETag of.</summary>
    private static bool IsConditional(EndpointMetadataCollection metadata) => IsPatch(metadata)
        && metadata.OfType<DescribedHeaders>().Any(headers => headers.Names.Contains(HeaderNames.ETag, StringComparer.Ordinal));

    private static bool IsPatch(EndpointMetadataCollection metadata) => metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Any(HttpMethods.IsPatch);

    private static JsonObject RouteValue(string name)
    {
        var schema = Text(max: 200);
        if (name == Id)
            schema["pattern"] = "^[a-z2-7]{26}$";
        return schema;
    }

    private static JsonObject Of(DescribedValue value)
    {
        var schema = Of(value.Type);
        var values = value.Type.IsArray ? (JsonObject)schema["items"]! : schema;
        if (values["type"]!.GetValue<string>() == "string")
        {
            if (value.Words is { } words)
                values["enum"] = Words(words);
            Limit(values, "minLength", value.Min);
            Limit(values, "maxLength", value.Max);
        }
        else
        {
            Limit(values, "minimum", value.Min);
            Limit(values, "maximum", value.Max);
        }

        if (value.Default is { } usual)
            schema["default"] = usual is int number ? JsonValue.Create(number) : JsonValue.Create(usual.ToString());
        return Described(schema, value.Description?.StartsWith("`all` streams", StringComparison.Ordinal) == true ? null : value.Description);
    }

    /// <param name="isPatched">Null takes a value away.</param>
    private static JsonObject Of(PropertyInfo field, bool isPatched)
    {
        var schema = Of(field.PropertyType);
        var limits = field.GetCustomAttribute<StringLengthAttribute>();
        Limit(schema, "minLength", limits?.MinimumLength);
        Limit(schema, field.PropertyType.IsArray ? "maxItems" : "maxLength", limits?.MaximumLength ?? field.GetCustomAttribute<MaxLengthAttribute>()?.Length);
        if (!isPatched)
            return schema;
        schema["type"] = new JsonArray((string?)schema["type"], "null");
        (schema["enum"] as JsonArray)?.Add(null);
        return schema;
    }

    private static JsonObject Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsArray)
            return new JsonObject { ["type"] = "array", ["items"] = Of(type.GetElementType()!) };
        if (type.IsEnum)
            return new JsonObject { ["type"] = "string", ["enum"] = Words(Enum.GetNames(type).Select(Camel)) };
        if (type.IsGenericType)
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(type.GetGenericArguments()[1]) };
        if (type == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(int))
            return new JsonObject { ["type"] = "integer" };
        if (type == typeof(double))
            return new JsonObject { ["type"] = "number", ["minimum"] = 0 };
        if (type == typeof(DateOnly))
            return new JsonObject { ["type"] = "string", ["format"] = "date" };
        return Text();
    }

    private static void Limit(JsonObject schema, string name, int? limit)
    {
        if (limit is not null)
            schema[name] = limit;
    }

    private static JsonObject Text(int? max = null) => max is null ? new() { ["type"] = "string" } : new() { ["type"] = "string", ["maxLength"] = max };

    private static JsonObject Described(JsonObject schema, string? meaning)
    {
        if (meaning is not null)
            schema["description"] = meaning;
        return schema;
    }

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => JsonValue.Create(word))]);

    /// <summary>As JSON names it: <c>Idempotency-Key</c> is <c>idempotencyKey</c>.</summary>
    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name.Replace("-", "", StringComparison.Ordinal));
}
