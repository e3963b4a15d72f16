using System.Net;
using System.Text;
using ContributionIngest.Functions.Cli;
using ContributionIngest.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>A person's hook: made, shown, given a new secret, ended.</summary>
public sealed class HookApiTests
{
    private static readonly PullRequestPayload Opened = new(42);

    [Fact]
    public async Task Webhook_reveals_its_secret_once_and_keeps_its_address()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.SendAsync(HttpMethod.Get, $"/connections/{connection}/hook")).Status);

        using var made = await hooked.App.Client.PostAsync(new Uri($"/api/connections/{connection}/hook", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.True(made.Headers.CacheControl!.NoStore);
        var text = await made.Content.ReadAsStringAsync();
        var shown = await hooked.App.GetAsync($"/connections/{connection}/hook");
        var url = shown.GetProperty("url").GetString()!;
        Assert.StartsWith("https://me.example/ledger/api/webhooks/github/", url, StringComparison.Ordinal);
        Assert.EndsWith(shown.GetProperty("path").GetString()!, url, StringComparison.Ordinal);
        Assert.Contains(url, text, StringComparison.Ordinal);
        Assert.Contains("\"contentType\":\"application/json\",\"events\":[\"pull_request\"]", text, StringComparison.Ordinal);
        Assert.False(shown.TryGetProperty("secret", out _));
        Assert.False(shown.TryGetProperty("lastDelivery", out _));
        Assert.False(shown.TryGetProperty("note", out _));
    }

    [Fact]
    public async Task Concurrent_first_requests_for_a_webhook_get_the_same_secret()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        (string Path, string Secret)? other = null;
        hooked.App.Table.Step = () =>
        {
            if (hooked.App.Table.Operations[^1] != ("lookups", "write") || other is not null)
                return;
            other = ("", "");
            other = Task.Run(() => hooked.MakeAsync(connection)).GetAwaiter().GetResult();
        };

        var made = await hooked.MakeAsync(connection);

        Assert.Equal(other, made);
        hooked.App.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal("queued", (await hooked.DeliverAsync(made.Path, made.Secret, Opened)).Result);
    }

    [Fact]
    public async Task Webhook_can_be_created_again_after_a_death_at_any_step_of_its_deletion()
    {
        for (var n = 0; ; n++)
        {
            await using var hooked = await WebhookFixture.StartAsync();
            var connection = await hooked.ConnectAsync(42);
            await hooked.MakeAsync(connection);
            hooked.App.Table.BreakIn = n;
            var (status, _) = await hooked.App.SendAsync(HttpMethod.Delete, $"/connections/{connection}/hook");
            hooked.App.Table.BreakIn = null;

            var made = await hooked.MakeAsync(connection);

            Assert.Equal("queued", (await hooked.DeliverAsync(made.Path, made.Secret, Opened)).Result);
            Assert.Equal(made.Path, "/" + (await hooked.App.GetAsync($"/connections/{connection}/hook")).GetProperty("path").GetString()!["/api/".Length..]);
            if (status == HttpStatusCode.NoContent)
                return;
        }
    }

    [Fact]
    public async Task Without_PublicUrl_the_answer_says_what_is_missing()
    {
        await using var hooked = await WebhookFixture.StartAsync(settings: ("PublicUrl", null));
        var (_, body) = await hooked.App.PostAsync($"/connections/{await hooked.ConnectAsync(42)}/hook", "{}");
        Assert.False(body.TryGetProperty("url", out _));
        Assert.Matches("^/api/webhooks/github/[a-z2-7]{26}$", body.GetProperty("path").GetString());
        Assert.Contains("PublicUrl", body.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_GitHub_connections_have_a_webhook_and_only_their_owner_can_manage_it()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (feed, mine) = (await hooked.ConnectAsync(1, source: "feed"), await hooked.ConnectAsync(42));
        var (status, problem) = await hooked.App.PostAsync($"/connections/{feed}/hook", "{}");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("this one is to feed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var (path, secret) = await hooked.MakeAsync(mine);

        using var stranger = (await hooked.AnotherAsync()).Client;
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, $"/api/connections/{mine}/hook");
            using var answer = await stranger.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.SendAsync(method, $"/connections/{new string('a', 26)}/hook")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.SendAsync(method, "/connections/%7C/hook")).Status);
        }

        Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, Opened)).Result);
    }

    [Fact]
    public async Task Former_secret_is_accepted_for_a_day_after_rotation_and_a_deleted_webhook_is_unknown()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        var (path, first) = await hooked.MakeAsync(connection);
        var (again, second) = await hooked.MakeAsync(connection);
        var (_, third) = await hooked.MakeAsync(connection);
        Assert.Equal(path, again);
        Assert.Equal(3, new HashSet<string>(StringComparer.Ordinal) { first, second, third }.Count);
        var until = (await hooked.App.GetAsync($"/connections/{connection}/hook")).GetProperty("formerUntil").GetDateTimeOffset();
        Assert.Equal(hooked.App.Clock.GetUtcNow().AddDays(1), until);

        foreach (var secret in (string[])[first, second, third])
            Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, Opened)).Result);
        hooked.App.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal("queued", (await hooked.DeliverAsync(path, first, Opened)).Result);
        hooked.App.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.DeliverAsync(path, first, Opened)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.DeliverAsync(path, second, Opened)).Status);
        Assert.Equal("queued", (await hooked.DeliverAsync(path, third, Opened)).Result);
        Assert.False((await hooked.App.GetAsync($"/connections/{connection}/hook")).TryGetProperty("formerUntil", out _));

        Assert.Equal(HttpStatusCode.NoContent, (await hooked.App.SendAsync(HttpMethod.Delete, $"/connections/{connection}/hook")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await hooked.DeliverAsync(path, third, Opened)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.SendAsync(HttpMethod.Delete, $"/connections/{connection}/hook")).Status);
        Assert.NotEqual(path, (await hooked.MakeAsync(connection)).Path);
    }

    [Fact]
    public async Task Disconnecting_deletes_the_webhook_completely()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        var before = await hooked.App.DumpAsync("lookups");
        var (path, secret) = await hooked.MakeAsync(connection);
        await hooked.DeliverAsync(path, "ping", "{}"u8.ToArray(), WebhookFixture.Sign(secret, "{}"u8.ToArray()));

        Assert.Equal(HttpStatusCode.NoContent, (await hooked.App.SendAsync(HttpMethod.Delete, $"/connections/{connection}")).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await hooked.DeliverAsync(path, secret, Opened)).Status);
        Assert.Equal(0, await hooked.WaitingAsync());
        Assert.Subset(before.ToHashSet(StringComparer.Ordinal), (await hooked.App.DumpAsync("lookups")).ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_table_contains_secrets_or_a_key_to_them()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        var (_, first) = await hooked.MakeAsync(connection);
        var (_, second) = await hooked.MakeAsync(connection);
        foreach (var table in (string[])["lookups", "people", "schedule", "harvests", "ledger"])
        {
            var rows = string.Join('\n', await hooked.App.DumpAsync(table));
            foreach (var secret in (string[])[first, second])
            {
                Assert.DoesNotContain(secret, rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))[..40], rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), rows, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Secrets_open_after_a_rotation_and_with_newer_keys_and_not_when_their_key_is_lost()
    {
        using var folder = new TemporaryFolder();
        var (one, two) = (Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray()), Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray()));
        string connection, path, secret;
        await using (var hooked = await WebhookFixture.StartAsync(folder: folder))
        {
            connection = await hooked.ConnectAsync(42);
            (path, secret) = await hooked.MakeAsync(connection);
        }

        // From the program's own key to a newer one, to the operator's, and from that to the next. A key is not needed any more after the rotation to the next.
        Assert.Equal(0, await RotateAsync());
        await ContinueAsync("");
        Assert.Equal(0, await RotateAsync($"SecretKeys={one}"));
        File.Delete(Path.Combine(folder.FullName, SecretKeyFile.Name));
        await ContinueAsync(one);
        await ContinueAsync($"{two},{one}");
        Assert.Equal(0, await RotateAsync($"SecretKeys={two},{one}"));
        await ContinueAsync(two);

        await using var lost = await WebhookFixture.StartAsync(folder: folder, settings: ("SecretKeys", one));
        Assert.Equal(HttpStatusCode.Unauthorized, (await lost.DeliverAsync(path, secret, Opened)).Status);
        Assert.Contains("Create a new one", (await lost.App.GetAsync($"/connections/{connection}/hook")).GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal("queued", (await lost.DeliverAsync(path, (await lost.MakeAsync(connection)).Secret, Opened)).Result);

        Task<int> RotateAsync(params string[] settings) =>
            CommandLineApp.RunAsync([.. settings.Append($"Data={folder.FullName}").SelectMany(setting => (string[])["--set", setting]), "secrets", "rotate"]);

        async Task ContinueAsync(string keys)
        {
            await using var hooked = await WebhookFixture.StartAsync(folder: folder, settings: ("SecretKeys", keys));
            Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, Opened)).Result);
            var (_, newer) = await hooked.MakeAsync(connection);
            Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, Opened)).Result);
            secret = newer;
        }
    }

    [Fact]
    public async Task Time_of_the_last_delivery_is_shown_to_the_minute()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        var (path, secret) = await hooked.MakeAsync(connection);
        var start = hooked.App.Clock.GetUtcNow();
        await hooked.DeliverAsync(path, "ping", "{}"u8.ToArray(), WebhookFixture.Sign(secret, "{}"u8.ToArray()));
        Assert.Equal((start, "ping"), await LastAsync());

        hooked.App.Clock.Advance(TimeSpan.FromSeconds(20));
        await hooked.DeliverAsync(path, secret, Opened);
        Assert.Equal((start.AddSeconds(20), "pull_request"), await LastAsync());
        hooked.App.Clock.Advance(TimeSpan.FromSeconds(20));
        hooked.App.Table.Forget();
        await hooked.DeliverAsync(path, secret, Opened);
        Assert.Equal(["lookups range"], hooked.App.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        hooked.App.Clock.Advance(TimeSpan.FromMinutes(1));
        await hooked.DeliverAsync(path, "pull_request", Opened.Bytes(), "sha256=" + new string('0', 64));
        Assert.Equal((start.AddSeconds(20), "pull_request"), await LastAsync());
        await hooked.DeliverAsync(path, secret, Opened);
        Assert.Equal((start.AddSeconds(100), "pull_request"), await LastAsync());

        async Task<(DateTimeOffset, string?)> LastAsync()
        {
            var shown = await hooked.App.GetAsync($"/connections/{connection}/hook");
            return (shown.GetProperty("lastDelivery").GetDateTimeOffset(), shown.GetProperty("lastEvent").GetString());
        }
    }
}
