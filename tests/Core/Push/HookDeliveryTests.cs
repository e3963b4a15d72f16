using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>The address GitHub delivers to: what is refused, what is ignored, whom the rest is for.</summary>
public sealed class HookDeliveryTests
{
    private const string App = "/webhooks/github/app";
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly PullRequestPayload Opened = new(42);

    [Fact]
    public void Signature_matches_GitHubs_published_example()
    {
        const string Secret = "It's a Secret to Everybody";
        const string Digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        Assert.True(GitHubSignature.IsBy(Secret, "Hello, World!"u8, "sha256=" + Digest));
        Assert.False(GitHubSignature.IsBy(Secret, "Hello, World?"u8, "sha256=" + Digest));
        Assert.False(GitHubSignature.IsBy("it's a secret to everybody", "Hello, World!"u8, "sha256=" + Digest));
        foreach (var wrong in (string?[])[null, "", Digest, "sha256=", "sha1=" + Digest, "sha256=" + Digest[1..], "sha256=" + Digest + "00", "sha256=g" + Digest[1..], "SHA256=" + Digest])
            Assert.False(GitHubSignature.IsWellFormed(wrong));
    }

    [Fact]
    public async Task Delivery_without_a_valid_signature_is_rejected_and_counted()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        var body = Opened.Bytes();
        using var older = IncrementalHash.CreateHMAC(new HashAlgorithmName("SHA1"), Encoding.UTF8.GetBytes(secret));
        older.AppendData(body);
        var sha1 = "sha1=" + Convert.ToHexStringLower(older.GetHashAndReset());

        Answered[] refused =
        [
            await hooked.DeliverAsync(path, "pull_request", body, null),
            await hooked.DeliverAsync(path, "pull_request", body, sha1, header: "X-Hub-Signature"),
            await hooked.DeliverAsync(path, "pull_request", body, sha1),
            await hooked.DeliverAsync(path, "pull_request", body, WebhookFixture.Sign(WebhookFixture.AppSecret, body)),
            await hooked.DeliverAsync(path, "pull_request", [.. body, (byte)' '], WebhookFixture.Sign(secret, body)),
            await hooked.DeliverAsync(App, "pull_request", body, WebhookFixture.Sign(secret, body)),
            await hooked.DeliverAsync(App, "pull_request", body, WebhookFixture.Sign("", body)),
        ];

        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.All(refused, answer => Assert.Equal("urn:contributioningest:problem:unsigned", answer.Body.GetProperty("type").GetString()));
        Assert.Equal(refused.Length, await hooked.DiscardedAsync());
        Assert.Equal(0, await hooked.WaitingAsync());
    }

    [Fact]
    public async Task Unknown_webhook_is_answered_like_any_unknown_path()
    {
        await using var hooked = await WebhookFixture.StartAsync(settings: ("GitHubHookSecret", null));
        var body = Opened.Bytes();
        foreach (var hook in (string[])["app", "APP", "x", new string('a', 26), new string('a', 27), "%7C"])
        {
            hooked.App.Table.Forget();
            var answer = await hooked.DeliverAsync($"/webhooks/github/{hook}", "pull_request", body, WebhookFixture.Sign("", body));
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.Equal("There is no such hook", answer.Body.GetProperty("title").GetString());
            Assert.Equal(hook.Length == 26 ? ["lookups range"] : [], hooked.App.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        }

        Assert.Equal(0, await hooked.DiscardedAsync());
    }

    [Fact]
    public async Task Flood_of_forged_deliveries_is_counted_without_a_write_for_each()
    {
        using var folder = new TemporaryFolder();
        await using (var hooked = await WebhookFixture.StartAsync(folder: folder))
        {
            hooked.App.Table.Forget();
            for (var i = 0; i < 500; i++)
                await hooked.DeliverAsync(App, "pull_request", Opened.Bytes(), i % 2 == 0 ? null : "sha256=" + new string('a', 64));
            Assert.Empty(hooked.App.Table.Operations);
            Assert.Equal(500, await hooked.DiscardedAsync());
            hooked.App.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(500, await hooked.DiscardedAsync());
            await hooked.DeliverAsync(App, "pull_request", Opened.Bytes(), null);
            hooked.App.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await using var after = await WebhookFixture.StartAsync(folder: folder);
        Assert.Equal(501, await after.DiscardedAsync());
    }

    [Fact]
    public async Task Ping_is_answered_and_other_events_and_actions_are_accepted_and_ignored()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        foreach (var (to, key) in (IReadOnlyList<(string, string)>)[(path, secret), (App, WebhookFixture.AppSecret)])
        {
            var ping = """{"zen":"Design for failure.","hook_id":1}"""u8.ToArray();
            var pong = await hooked.DeliverAsync(to, "ping", ping, WebhookFixture.Sign(key, ping));
            Assert.Equal((HttpStatusCode.OK, "pong"), (pong.Status, pong.Result));
            Answered[] ignored =
            [
                await hooked.DeliverAsync(to, "push", ping, WebhookFixture.Sign(key, ping)),
                await hooked.DeliverAsync(to, "an_event_of_next_year", ping, WebhookFixture.Sign(key, ping)),
                await hooked.DeliverAsync(to, null, ping, WebhookFixture.Sign(key, ping)),
                await hooked.DeliverAsync(to, "pull_request", ping, WebhookFixture.Sign(key, ping)),
                await hooked.DeliverAsync(to, "pull_request_review", Opened.Bytes(), WebhookFixture.Sign(key, Opened.Bytes())),
                await hooked.DeliverAsync(to, key, Opened with { Action = "celebrated" }),
                await hooked.DeliverAsync(to, key, Opened with { IsPrivate = true }),
                await hooked.DeliverAsync(to, key, new PullRequestPayload(43)),
            ];
            Assert.All(ignored, answer => Assert.Equal((HttpStatusCode.Accepted, "ignored"), (answer.Status, answer.Result)));
            Assert.All(ignored, answer => Assert.NotEmpty(answer.Body.GetProperty("reason").GetString()!));
        }

        Assert.Equal(0, await hooked.WaitingAsync());
        Assert.Empty(await hooked.App.Store.Blobs.ListAsync(PushBodyStore.Container, "", CancellationToken.None).ToListAsync());
        Assert.Equal("pull_request", (await hooked.App.GetAsync("/status")).GetProperty("lastAppDelivery").GetProperty("event").GetString());
    }

    [Theory]
    [InlineData("Hello, World!", "application/json")]
    [InlineData("", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("{} {}", "application/json")]
    [InlineData("{\"a\":", "application/json")]
    [InlineData("payload=Hello", Form)]
    [InlineData("other=%7B%7D", Form)]
    [InlineData("", Form)]
    [InlineData("{}", Form)]
    public async Task Correctly_signed_invalid_JSON_is_reported(string text, string type)
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var body = Encoding.UTF8.GetBytes(text);
        foreach (var @event in (string[])["pull_request", "ping"])
        {
            var answer = await hooked.DeliverAsync(App, @event, body, WebhookFixture.Sign(WebhookFixture.AppSecret, body), type);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("not a JSON object", answer.Body.GetProperty("errors").GetProperty("body")[0].GetString(), StringComparison.Ordinal);
        }

        var deep = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)));
        Assert.Equal(HttpStatusCode.BadRequest, (await hooked.DeliverAsync(App, "ping", deep, WebhookFixture.Sign(WebhookFixture.AppSecret, deep))).Status);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("ä€😀 & = + %41", false)]
    [InlineData("long", true)]
    public async Task Form_is_equivalent_to_JSON_and_a_large_body_is_passed_by_blob(string text, bool large)
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        var payload = Opened with { Text = large ? new string('x', 40_000) : text };
        var form = Encoding.ASCII.GetBytes("sig=1&payload=" + WebUtility.UrlEncode(payload.ToString()) + "&more=2");

        Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, payload)).Result);
        Assert.Equal("queued", (await hooked.DeliverAsync(path, "pull_request", form, WebhookFixture.Sign(secret, form), Form + "; charset=utf-8")).Result);

        var messages = await hooked.App.Store.Queue.ReceiveAsync(HarvestQueue.Name, 32, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(2, messages.Count);
        foreach (var message in messages.Select(m => JsonSerializer.Deserialize(m.Body, HarvestMessageJson.Default.HarvestMessage)!))
        {
            Assert.Equal(("pull_request", "application/json"), (message.Pushed!.Event, message.Pushed.ContentType));
            Assert.Equal(large, message.Pushed.Blob is not null);
            var body = message.Pushed.Body ?? await hooked.App.Store.Blobs.GetAsync(PushBodyStore.Container, message.Pushed.Blob!, CancellationToken.None);
            Assert.Equal(payload.Bytes(), body);
        }
    }

    [Fact]
    public async Task Personal_webhook_reaches_its_person_alone_and_the_apps_webhook_every_connected_author()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var mine = await hooked.ConnectAsync(42);
        var (path, secret) = await hooked.MakeAsync(mine);
        var (other, _) = await hooked.AnotherAsync();
        var theirs = await hooked.ConnectAsync(42, other);
        await hooked.ConnectAsync(43, other);

        await hooked.DeliverAsync(path, secret, Opened);
        Assert.Equal([mine], await TakenAsync());
        Assert.Equal("ignored", (await hooked.DeliverAsync(path, secret, new PullRequestPayload(43))).Result);
        Assert.Empty(await TakenAsync());
        await hooked.DeliverAsync(App, WebhookFixture.AppSecret, Opened);
        Assert.Equal(new[] { mine, theirs }.Order(StringComparer.Ordinal), (await TakenAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("ignored", (await hooked.DeliverAsync(App, WebhookFixture.AppSecret, new PullRequestPayload(44))).Result);
        Assert.Empty(await TakenAsync());

        async Task<List<string>> TakenAsync()
        {
            var messages = await hooked.App.Store.Queue.ReceiveAsync(HarvestQueue.Name, 32, TimeSpan.FromHours(1), CancellationToken.None);
            return [.. messages.Select(m => JsonSerializer.Deserialize(m.Body, HarvestMessageJson.Default.HarvestMessage)!.Connection)];
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_of_30_MB_is_rejected_after_reading_little_more_than_the_limit(bool saysSo)
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var body = new EndlessBody(30 * 1024 * 1024, saysSo);
        using var client = hooked.App.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api" + App) { Content = body };
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + new string('a', 64));
        request.Headers.Add("X-GitHub-Event", "pull_request");

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.InRange(body.Sent, 0, saysSo ? 1024 * 1024 : WebhookReceiver.MaxBytes + (1024 * 1024));
    }

    [Fact]
    public async Task Body_of_exactly_the_maximum_size_is_accepted()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var ping = Encoding.ASCII.GetBytes("{}".PadRight(WebhookReceiver.MaxBytes));
        Assert.Equal("pong", (await hooked.DeliverAsync(App, "ping", ping, WebhookFixture.Sign(WebhookFixture.AppSecret, ping))).Result);
        byte[] more = [.. ping, (byte)' '];
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await hooked.DeliverAsync(App, "ping", more, WebhookFixture.Sign(WebhookFixture.AppSecret, more))).Status);
    }

    [Fact]
    public async Task Delivery_fails_visibly_to_GitHub_when_the_store_is_unavailable()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        hooked.App.Table.BreakIn = 0;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await hooked.DeliverAsync(path, secret, Opened)).Status);
        hooked.App.Table.BreakIn = null;
        Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, Opened)).Result);
    }

    /// <summary>So many bytes, made as they are asked for; it can keep its length to itself.</summary>
    private sealed class EndlessBody(int size, bool saysSo) : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            try
            {
                while (Sent < size)
                {
                    await stream.WriteAsync(piece);
                    Sent += piece.Length;
                }
            }
            catch (IOException)
            {
                // The connection was closed amid it.
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return saysSo;
        }
    }
}
