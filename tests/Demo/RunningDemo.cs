using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Functions.Cli;
using Xunit;

namespace ContributionIngest.Tests.Demo;

/// <summary>The demo, started as its command starts it, and asked by the lines it prints.</summary>
public sealed partial class RunningDemo : IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Screen screen = new();
    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseProxy = false });
    private Task<int> run = Task.FromResult(-1);

    /// <summary>Everything it has printed.</summary>
    public string Output => screen.ToString();

    public IReadOnlyList<string> CurlLines => [.. Output.Split(Environment.NewLine).Where(line => line.StartsWith("curl ", StringComparison.Ordinal))];

    public async Task InitializeAsync()
    {
        run = DemoRun.RunAsync(screen, 0, stop.Token);
        await await Task.WhenAny(screen.Complete, run);
    }

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        Assert.Equal(0, await run);
    }

    public void Dispose()
    {
        client.Dispose();
        stop.Dispose();
        screen.Dispose();
    }

    /// <summary>Does what a printed line would do.</summary>
    public async Task<string> CurlAsync(string line)
    {
        var parts = CurlLine().Match(line);
        Assert.True(parts.Success, $"It is not of the form the others have: {line}");
        var body = parts.Groups["body"].Success ? parts.Groups["body"].Value : null;
        return await SendAsync(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(parts.Groups["url"].Value), parts.Groups["key"].Value, body);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var document = JsonDocument.Parse(await SendAsync(HttpMethod.Get, path));
        return document.RootElement.Clone();
    }

    public Task<string> SendAsync(HttpMethod method, string path)
    {
        var first = CurlLine().Match(CurlLines[0]);
        return SendAsync(method, new Uri(new Uri(first.Groups["url"].Value), path), first.Groups["key"].Value, null);
    }

    private async Task<string> SendAsync(HttpMethod method, Uri address, string key, string? body)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request, CancellationToken.None);
        var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        Assert.True(answer.IsSuccessStatusCode, $"{address} answered {text}");
        return text;
    }

    [GeneratedRegex("^curl -s -H 'Authorization: Bearer (?<key>[^' ]+)' (-H 'Content-Type: application/json' -d '(?<body>[^']+)' )?'(?<url>http://127\\.0\\.0\\.1:[^']+)'$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex CurlLine();

    /// <summary>The demo flushes what it prints when the last line is there.</summary>
    private sealed class Screen : StringWriter
    {
        private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Complete => complete.Task;

        public override void Flush() => complete.TrySetResult();
    }
}
