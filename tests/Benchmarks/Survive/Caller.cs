using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>
/// A client of the API that does not give up: a request that was not answered, or answered with a failure of the server, is sent again, as it may
/// or may not have been carried out.
/// </summary>
internal sealed class Caller(Uri root, string key) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public HttpMessageInvoker Client => client;

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await TextAsync(path))!;

    public async Task<string> TextAsync(string path)
    {
        var (status, text) = await SendAsync(HttpMethod.Get, path);
        return status == 200 ? text : throw new InvalidOperationException($"GET {path} answered {status}: {text}");
    }

    public Task<(int Status, string Text)> SendAsync(HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, "/api" + path, json is null ? null : Encoding.UTF8.GetBytes(json), "application/json", [("Authorization", $"Bearer {key}"), .. headers]);

    /// <param name="path">Whole, with what precedes the API's own.</param>
    public async Task<(int Status, string Text)> SendAsync(
        HttpMethod method, string path, byte[]? body, string type, params (string Name, string Value)[] headers)
    {
        var began = Stopwatch.GetTimestamp();
        var last = "no answer";
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            using var request = new HttpRequestMessage(method, new Uri(root, path));
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            if (body is not null)
            {
                request.Content = new ByteArrayContent(body);
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                using var answer = await client.SendAsync(request, limit.Token);
                var text = await answer.Content.ReadAsStringAsync(limit.Token);
                if ((int)answer.StatusCode < 500)
                    return ((int)answer.StatusCode, text);
                last = $"{(int)answer.StatusCode} {text}";
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                last = e.Message;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new InvalidOperationException($"{method} {path} was not answered within {Patience}: {last}");
    }

    public void Dispose() => client.Dispose();
}

internal static class JsonNodes
{
    public static JsonNode At(this JsonNode node, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            node = node[name] ?? throw new InvalidOperationException($"There is no '{name}' in {node.ToJsonString()}.");
        return node;
    }

    public static string Text(this JsonNode node, string name) => node.At(name).GetValue<string>();
}
