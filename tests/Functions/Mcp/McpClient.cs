using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Mcp;

/// <summary>Calls tools by hand, and by a client that is not ours, which <c>tests/run</c> installs.</summary>
internal static class McpClient
{
    /// <summary>Calls a tool. Its first text, and its structured answer.</summary>
    public static async Task<(bool IsError, string Text, JsonElement Value)> CallAsync(HttpClient client, string tool, string arguments = "{}")
    {
        var (status, body) = await SendAsync(client, $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}} } }""");
        Assert.Equal(HttpStatusCode.OK, status);
        var result = body.GetProperty("result");
        var isError = result.TryGetProperty("isError", out var error) && error.GetBoolean();
        return (isError, result.GetProperty("content")[0].GetProperty("text").GetString()!, result.TryGetProperty("structuredContent", out var value) ? value : default);
    }

    /// <summary>Sends a message. An answer may come as the only event of a stream.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpClient client, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (text.Split('\n').FirstOrDefault(line => line.StartsWith("data: ", StringComparison.Ordinal)) is { } data)
            text = data["data: ".Length..];
        return (answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    /// <summary>What the other client finds and gets.</summary>
    public static async Task<JsonElement> TalkAsync(string address, string key, string calls)
    {
        var home = Repository.Path("artifacts", "mcp");
        if (!Directory.Exists(Path.Combine(home, "node_modules")))
            throw new InvalidOperationException("The client of the Model Context Protocol is not installed. Run tests/run once: it installs it.");
        string[] arguments = [Repository.Path("tests", "Functions", "Mcp", "mcp-client.mjs"), home, address, key];
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var (found, said) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(calls);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await said);
        return JsonDocument.Parse(await found).RootElement;
    }
}
