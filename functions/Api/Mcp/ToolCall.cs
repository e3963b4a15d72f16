using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Functions.Api.Mcp;

/// <summary>What a tool answers.</summary>
/// <param name="Text">The answer as JSON; or what is wrong, by parameter, and what to do about it.</param>
/// <param name="Value">Null if something is wrong.</param>
internal sealed record ToolAnswer(string Text, JsonElement? Value);

/// <summary>
/// Calls the endpoint of a tool in the process, as its caller: the endpoint's scope, rules and problem documents are those of the HTTP API. Rate and body limits were
/// applied to the request that carries the call.
/// </summary>
internal sealed class ToolCall(McpTool tool, IReadOnlyList<ToolParameter> parameters, RouteEndpoint endpoint, RouteEndpoint? added)
{
    private const string Prefix = "/api";

    /// <summary>Leaves letters of all scripts unescaped.</summary>
    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private readonly string[] names = [.. parameters.Select(parameter => parameter.Name)];

    public async Task<ToolAnswer> AnswerAsync(HttpContext caller, IReadOnlyDictionary<string, JsonElement> arguments)
    {
        var sent = arguments.Where(argument => argument.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) || Find(argument.Key)?.Place == ToolParameterPlace.Body)
            .ToDictionary(StringComparer.Ordinal);
        var faults = sent.Select(argument => Fault(argument.Key, argument.Value))
            .Concat(parameters.Where(parameter => parameter.IsRequired && !sent.ContainsKey(parameter.Name)).Select(parameter => $"{parameter.Name}: It is missing. {parameter.Schema["description"]}"))
            .OfType<string>().ToList();
        if (faults.Count > 0)
            return new ToolAnswer($"The call is not valid. Nothing was done.\n{string.Join('\n', faults)}", null);
        var response = await RunAsync(endpoint, caller, sent);
        var text = await TextAsync(response);
        if (response.StatusCode >= StatusCodes.Status400BadRequest)
            return new ToolAnswer(Problem(text, response.StatusCode), null);
        if (added is null && !response.Headers.ContainsKey(HeaderNames.ETag))
            return new ToolAnswer(text, JsonElement.Parse(text));
        return await CompleteAsync(text, response.Headers, caller, sent);
    }

    /// <summary>Adds the ETag of an entry, and the items of the other endpoint.</summary>
    private async Task<ToolAnswer> CompleteAsync(string text, IHeaderDictionary headers, HttpContext caller, Dictionary<string, JsonElement> sent)
    {
        var answer = JsonNode.Parse(text)!.AsObject();
        if (answer.ContainsKey("id"))
            answer["etag"] = headers.ETag.ToString();
        if (added is not null)
        {
            var response = await RunAsync(added, caller, sent);
            var more = await TextAsync(response);
            if (response.StatusCode >= StatusCodes.Status400BadRequest)
                return new ToolAnswer(Problem(more, response.StatusCode), null);
            answer[tool.Added!.Value.Property] = JsonNode.Parse(more)!["items"]!.DeepClone();
        }

        text = answer.ToJsonString(Written);
        return new ToolAnswer(text, JsonElement.Parse(text));
    }

    private async Task<HttpResponse> RunAsync(RouteEndpoint target, HttpContext caller, Dictionary<string, JsonElement> sent)
    {
        var context = Request(target, caller, sent);
        var needed = ScopeConverter.Format(target.Metadata.GetRequiredMetadata<NeededScope>().Scope);
        try
        {
            if ((await caller.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(caller.User, null, needed)).Succeeded)
                await target.RequestDelegate!(context);
            else
                await Problems.Forbidden(needed).ExecuteAsync(context);
        }
        catch (Exception e) when (!caller.RequestAborted.IsCancellationRequested)
        {
            // Nothing of the answer was sent yet: endpoints of tools buffer theirs.
            context.Response.Clear();
            await caller.RequestServices.GetRequiredService<IExceptionHandler>().TryHandleAsync(context, e, caller.RequestAborted);
        }

        await context.Response.CompleteAsync();
        return context.Response;
    }

    private DefaultHttpContext Request(RouteEndpoint target, HttpContext caller, Dictionary<string, JsonElement> sent)
    {
        var context = new DefaultHttpContext { RequestServices = caller.RequestServices, User = caller.User, RequestAborted = caller.RequestAborted };
        context.SetEndpoint(target);
        context.Response.Body = new MemoryStream();
        var (request, path, query, body) = (context.Request, Prefix + target.RoutePattern.RawText, new List<KeyValuePair<string, string?>>(), new JsonObject());
        (request.Scheme, request.Host, request.PathBase) = (caller.Request.Scheme, caller.Request.Host, caller.Request.PathBase);
        request.Method = target.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0];
        foreach (var (name, value) in sent)
        {
            var parameter = Find(name)!;
            switch (parameter.Place)
            {
                case ToolParameterPlace.Route:
                    request.RouteValues[parameter.Key] = value.GetString();
                    path = path.Replace($"{{{parameter.Key}}}", value.GetString(), StringComparison.Ordinal);
                    break;
                case ToolParameterPlace.Header:
                    request.Headers[parameter.Key] = value.GetString();
                    break;
                case ToolParameterPlace.Query:
                    query.AddRange(parameter.IsList && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(one => KeyValuePair.Create(parameter.Key, Plain(one))) : [KeyValuePair.Create(parameter.Key, Plain(value))]);
                    break;
                default:
                    body[parameter.Key] = JsonNode.Parse(value.GetRawText());
                    break;
            }
        }

        (request.Path, request.QueryString) = (path, QueryString.Create(query));
        if (target.Metadata.GetMetadata<DescribedBody>() is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
            (request.ContentType, request.ContentLength, request.Body) = ("application/json", bytes.Length, new MemoryStream(bytes));
        }

        return context;
    }

    /// <summary>What is wrong with an argument before the endpoint reads it; null if nothing is.</summary>
    private string? Fault(string name, JsonElement value)
    {
        if (Find(name) is not { } parameter)
            return $"{name}: There is no such parameter. {Spelling.Hint(name, names)}";
        if (parameter.Place == ToolParameterPlace.Body)
            return null;
        var (isRight, expected) = parameter switch
        {
            { IsNumber: true } => (IsWithin(value, parameter.Schema), $"a whole number from {parameter.Schema["minimum"]} to {parameter.Schema["maximum"]}"),
            { IsFlag: true } => (value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false"),
            { IsList: true } => (value.ValueKind == JsonValueKind.String || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)), "a list of texts"),
            _ => (value.ValueKind == JsonValueKind.String, "a text"),
        };
        return isRight ? null : $"{name}: It is not {expected}.";
    }

    private static bool IsWithin(JsonElement value, JsonObject schema) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= ((int?)schema["minimum"] ?? int.MinValue) && number <= ((int?)schema["maximum"] ?? int.MaxValue);

    private ToolParameter? Find(string name) => parameters.FirstOrDefault(parameter => parameter.Name == name);

    private static string? Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();

    private static async Task<string> TextAsync(HttpResponse response)
    {
        response.Body.Position = 0;
        using var reader = new StreamReader(response.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    /// <summary>A problem document as sentences: what is wrong, and with which parameter.</summary>
    private string Problem(string document, int status)
    {
        var problem = JsonElement.Parse(document);
        var lines = new List<string> { string.Join(' ', new[] { Sentence("title"), Sentence("detail") }.OfType<string>()) };
        if (problem.TryGetProperty("errors", out var errors))
            lines = [$"{Sentence("title")} Nothing was changed.", .. errors.EnumerateObject().SelectMany(fault => fault.Value.EnumerateArray().Select(message => $"{NameOf(fault.Name)}: {message.GetString()}"))];
        if (status is StatusCodes.Status409Conflict)
            lines.Add("edit_contribution changes an entry that is there.");
        return string.Join('\n', lines);

        string? Sentence(string name) => problem.TryGetProperty(name, out var text) ? text.GetString()!.TrimEnd('.') + "." : null;
    }

    /// <summary>The tool's name for what the endpoint calls by another.</summary>
    private string NameOf(string key) => parameters.FirstOrDefault(parameter => parameter.Key == key)?.Name ?? key;
}
