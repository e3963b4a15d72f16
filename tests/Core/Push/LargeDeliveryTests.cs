using System.Net;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>Large deliveries take turns with the large documents of previews, connects and harvests.</summary>
public sealed class LargeDeliveryTests
{
    private const int AtOnce = 3;
    private const string App = "/webhooks/github/app";

    [Fact]
    public async Task Large_delivery_that_gets_no_turn_is_told_to_come_again()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var large = Encoding.ASCII.GetBytes("{}".PadRight(DocumentWork.LargeBytes));
        var turns = await HoldAllAsync(hooked.App);

        var small = Encoding.ASCII.GetBytes("{}");
        Assert.Equal("pong", (await hooked.DeliverAsync(App, "ping", small, WebhookFixture.Sign(WebhookFixture.AppSecret, small))).Result);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await hooked.DeliverAsync(App, "ping", large, WebhookFixture.Sign(WebhookFixture.AppSecret, large))).Status);

        turns.ForEach(turn => turn.Dispose());
        Assert.Equal("pong", (await hooked.DeliverAsync(App, "ping", large, WebhookFixture.Sign(WebhookFixture.AppSecret, large))).Result);
    }

    [Fact]
    public async Task Delivery_gives_its_turn_back()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var large = Encoding.ASCII.GetBytes("{}".PadRight(DocumentWork.LargeBytes));
        for (var i = 0; i <= AtOnce; i++)
            Assert.Equal("pong", (await hooked.DeliverAsync(App, "ping", large, WebhookFixture.Sign(WebhookFixture.AppSecret, large))).Result);
    }

    [Fact]
    public async Task Body_that_does_not_arrive_in_time_is_refused()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        using var client = hooked.App.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api" + App) { Content = new UnfinishedBody() };
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + new string('a', 64));
        var sending = client.SendAsync(request);
        await hooked.App.Clock.ArmedAsync(TimeSpan.FromSeconds(30));
        hooked.App.Clock.Advance(TimeSpan.FromSeconds(30));
        using var answer = await sending;
        Assert.Equal(HttpStatusCode.RequestTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task Queued_delivery_that_is_large_is_read_when_it_is_its_turn()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var turns = await HoldAllAsync(pushed.App);
        var delivering = pushed.DeliverAsync(Pushed.Body(13).PadRight(100_000));
        for (var i = 0; i < 200; i++)
            Assert.Equal(12, (await pushed.App.LedgerAsync()).Count);
        Assert.False(delivering.IsCompleted);

        turns.ForEach(turn => turn.Dispose());
        Assert.Equal(HttpStatusCode.Accepted, await delivering);
        Assert.Equal(13, (await pushed.App.LedgerAsync()).Count);
    }

    /// <summary>Pieces of work that have all the turns until they are disposed.</summary>
    private static async Task<List<DocumentWork>> HoldAllAsync(AppFixture app)
    {
        var fetcher = app.App.Services.GetRequiredService<Fetcher>();
        var all = Enumerable.Range(0, AtOnce).Select(_ => DocumentWork.Begin()).ToList();
        foreach (var work in all)
            await fetcher.EnterAsync(work, CancellationToken.None);
        return all;
    }

    /// <summary>Begins and never ends.</summary>
    private sealed class UnfinishedBody : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{"u8.ToArray());
            await stream.FlushAsync();
            await new TaskCompletionSource().Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
