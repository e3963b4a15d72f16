using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ContributionIngest.Tests.Functions.Hosting;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>Deliveries through the worker: bytes come through as they were signed, and floods do not.</summary>
public sealed class WorkerWebhookTests
{
    private const string Secret = "s";
    private static readonly Uri Address = new("https://app.example/api/webhooks/github/app");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delivery_passes_the_Functions_host_byte_for_byte(bool chunked)
    {
        await using var app = await WorkerSite.StartAsync(("GitHubHookSecret", Secret));
        var bytes = Encoding.UTF8.GetBytes("{\r\n\t\"zen\": \"ä€😀\u2028 \\u0000\",\r\n\r\n  \"hook_id\": 1 }\n");
        using var request = Delivery(bytes, chunked, WebhookFixture.Sign(Secret, bytes));
        var (status, body) = await app.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("{\"result\":\"pong\"}", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_of_31_MB_is_answered_as_too_large(bool chunked)
    {
        await using var app = await WorkerSite.StartAsync(("GitHubHookSecret", Secret));
        using var request = Delivery(new byte[31_000_000], chunked, "sha256=" + new string('a', 64));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Large_body_without_a_signature_is_answered_with_401_naming_the_header()
    {
        await using var app = await WorkerSite.StartAsync(("GitHubHookSecret", Secret));
        using var request = Delivery(new byte[2_000_000], chunked: false, signature: null);
        var (status, body) = await app.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("X-Hub-Signature-256", body, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Delivery(byte[] body, bool chunked, string? signature)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-GitHub-Event", "ping");
        request.Headers.TransferEncodingChunked = chunked;
        if (signature is not null)
            request.Headers.Add("X-Hub-Signature-256", signature);
        return request;
    }
}
