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
        Assert.True(IsBy(Secret, "Hello, World!"u8));
        Assert.False(IsBy(Secret, "Hello, World?"u8));
        Assert.False(IsBy("it's a secret to everybody", "Hello, World!"u8));
        foreach (var wrong in (string?[])[null, "", Digest, "sha256=", "sha1=" + Digest, "sha256=" + Digest[1..], "sha256=" + Digest + "00", "sha256=g" + Digest[1..], "SHA256=" + Digest])
            Assert.False(GitHubSignature.IsWellFormed(wrong));

        static bool IsBy(string secret, ReadOnlySpan<byte> text)
        {
            using var body = Delivered.Of(text);
            return GitHubSignature.IsBy(secret, body, "sha256=" + Digest);
        }
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
    [InlineData("", 0)]
    [InlineData("ä€😀 & = + %41", 0)]
    [InlineData("x", 40_000)]
    [InlineData("ä", 300_000)]
    public async Task Form_is_equivalent_to_JSON_and_only_what_is_read_is_passed_on(string text, int times)
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        var payload = Opened with { Title = "Lamps & ferries: 100 % ä€😀", Text = times == 0 ? text : string.Concat(Enumerable.Repeat(text, times)) };
        var form = Encoding.ASCII.GetBytes("sig=1&payload=" + WebUtility.UrlEncode(payload.ToString()) + "&more=2");

        Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, payload)).Result);
        Assert.Equal("queued", (await hooked.DeliverAsync(path, "pull_request", form, WebhookFixture.Sign(secret, form), Form + "; charset=utf-8")).Result);

        var messages = await hooked.App.Store.Queue.ReceiveAsync(HarvestQueue.Name, 32, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(2, messages.Count);
        foreach (var message in messages.Select(m => JsonSerializer.Deserialize(m.Body, HarvestMessageJson.Default.HarvestMessage)!))
        {
            Assert.Equal(("pull_request", "application/json"), (message.Pushed!.Event, message.Pushed.ContentType));
            Assert.InRange(message.Pushed.Body!.Length, 100, 2_000);
            using var body = JsonDocument.Parse(message.Pushed.Body);
            using var whole = JsonDocument.Parse(payload.Bytes());
            Assert.Equal(payload.Title, body.RootElement.GetProperty("pull_request").GetProperty("title").GetString());
            Assert.False(body.RootElement.GetProperty("pull_request").TryGetProperty("body", out _));
            Assert.Equal(Draft(payload.Bytes()), Draft(message.Pushed.Body));
        }

        static string Draft(byte[] json) => JsonSerializer.Serialize(GitHubWebhook.PullRequestOf("pull_request", json)!.Value.PullRequest.ToDraft());
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
        using var body = new EndlessBody(30 * 1024 * 1024, saysSo, most: saysSo ? 1024 * 1024 : WebhookReceiver.MaxBytes + (1024 * 1024));
        using var client = hooked.App.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api" + App) { Content = body };
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + new string('a', 64));
        request.Headers.Add("X-GitHub-Event", "pull_request");

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
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

    [Theory]
    [InlineData("application/json")]
    [InlineData(Form)]
    public async Task Delivery_of_the_size_GitHub_sends_at_most_is_read_without_being_held_several_times(string type)
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        var empty = Encoding.UTF8.GetByteCount(Opened.ToString()) * 3;
        var text = (Opened with { Text = new string('x', WebhookReceiver.MaxBytes - empty) }).ToString();
        var body = Encoding.UTF8.GetBytes(type == Form ? "payload=" + WebUtility.UrlEncode(text) : text);
        Assert.InRange(body.Length, WebhookReceiver.MaxBytes - empty, WebhookReceiver.MaxBytes);
        var signature = WebhookFixture.Sign(secret, body);
        Assert.Equal("queued", (await hooked.DeliverAsync(path, "pull_request", body, signature, type)).Result);

        // Beside the pieces it is in, which are borrowed, nothing is held.
        using var received = Delivered.Of(body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(ContributionIngest.Core.Sources.WebhookOutcome.Queued, GitHubWebhook.Read(new(received, type, "pull_request", signature), [secret]).Outcome);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        await hooked.App.DrainAsync();
        Assert.Single(await hooked.App.LedgerAsync());
    }

    [Fact]
    public async Task Delivery_signed_with_SHA_1_alone_is_refused_and_the_hook_says_what_to_change()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        var (path, secret) = await hooked.MakeAsync(connection);
        var body = Opened.Bytes();
        static string Sha1(string secret, byte[] body)
        {
            using var older = IncrementalHash.CreateHMAC(new HashAlgorithmName("SHA1"), Encoding.UTF8.GetBytes(secret));
            older.AppendData(body);
            return "sha1=" + Convert.ToHexStringLower(older.GetHashAndReset());
        }

        // Not by GitHub: nobody is told.
        var forged = await hooked.DeliverAsync(path, "pull_request", body, Sha1("guessed", body), header: "X-Hub-Signature");
        Assert.Equal(HttpStatusCode.Unauthorized, forged.Status);
        Assert.False((await hooked.App.GetAsync($"/connections/{connection}/hook")).TryGetProperty("note", out _));

        var refused = await hooked.DeliverAsync(path, "pull_request", body, Sha1(secret, body), header: "X-Hub-Signature");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Equal("urn:contributioningest:problem:unsigned", refused.Body.GetProperty("type").GetString());
        var detail = refused.Body.GetProperty("detail").GetString()!;
        Assert.Contains("SHA-1", detail, StringComparison.Ordinal);
        Assert.Contains("X-Hub-Signature-256", detail, StringComparison.Ordinal);
        Assert.Contains("secret", detail, StringComparison.Ordinal);
        var note = (await hooked.App.GetAsync($"/connections/{connection}/hook")).GetProperty("note").GetString()!;
        Assert.Contains("SHA-1", note, StringComparison.Ordinal);
        Assert.Contains("secret", note, StringComparison.Ordinal);
        Assert.Equal((2, 0), (await hooked.DiscardedAsync(), await hooked.WaitingAsync()));

        hooked.App.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, Opened)).Result);
        Assert.False((await hooked.App.GetAsync($"/connections/{connection}/hook")).TryGetProperty("note", out _));
        await hooked.App.SendAsync(HttpMethod.Delete, $"/connections/{connection}/hook");
        Assert.DoesNotContain(await hooked.App.DumpAsync("lookups"), row => row.StartsWith("h|", StringComparison.Ordinal));
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

    /// <summary>Sends the most that may be read, and then nothing more until there is an answer; a receiver that wants more waits in vain. It can keep its length to itself.</summary>
    private sealed class EndlessBody(int size, bool saysSo, int most) : HttpContent
    {
        private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            try
            {
                for (var sent = 0; sent < most; sent += piece.Length)
                    await stream.WriteAsync(piece);
                await answered.Task;
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

        protected override void Dispose(bool disposing)
        {
            answered.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
