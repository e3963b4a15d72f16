using System.Net;
using System.Text;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Hooks;

/// <summary>A person's hook: made, shown, given a new secret, ended.</summary>
public sealed class HookApiTests
{
    private static readonly PullRequestPayload Opened = new(42);

    [Fact]
    public async Task A_hook_tells_its_secret_once_and_its_address_for_good()
    {
        await using var hooked = await Hooked.Start();
        var connection = await hooked.Connect(42);
        Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.Send(HttpMethod.Get, $"/connections/{connection}/hook")).Status);

        using var made = await hooked.App.Client.PostAsync(new Uri($"/api/connections/{connection}/hook", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.True(made.Headers.CacheControl!.NoStore);
        var text = await made.Content.ReadAsStringAsync();
        var shown = await hooked.App.Get($"/connections/{connection}/hook");
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
    public async Task Two_who_make_the_first_hook_at_once_have_the_same_secret()
    {
        await using var hooked = await Hooked.Start();
        var connection = await hooked.Connect(42);
        (string Path, string Secret)? other = null;
        hooked.App.Table.Step = () =>
        {
            if (hooked.App.Table.Operations[^1] != ("lookups", "write") || other is not null)
                return;
            other = ("", "");
            other = Task.Run(() => hooked.Make(connection)).GetAwaiter().GetResult();
        };

        var made = await hooked.Make(connection);

        Assert.Equal(other, made);
        hooked.App.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal("queued", (await hooked.Deliver(made.Path, made.Secret, Opened)).Result);
    }

    [Fact]
    public async Task A_hook_can_be_made_anew_wherever_a_process_died_that_ended_it()
    {
        for (var n = 0; ; n++)
        {
            await using var hooked = await Hooked.Start();
            var connection = await hooked.Connect(42);
            await hooked.Make(connection);
            hooked.App.Table.BreakIn = n;
            var (status, _) = await hooked.App.Send(HttpMethod.Delete, $"/connections/{connection}/hook");
            hooked.App.Table.BreakIn = null;

            var made = await hooked.Make(connection);

            Assert.Equal("queued", (await hooked.Deliver(made.Path, made.Secret, Opened)).Result);
            Assert.Equal(made.Path, "/" + (await hooked.App.Get($"/connections/{connection}/hook")).GetProperty("path").GetString()!["/api/".Length..]);
            if (status == HttpStatusCode.NoContent)
                return;
        }
    }

    [Fact]
    public async Task Without_a_public_address_the_answer_says_what_is_missing()
    {
        await using var hooked = await Hooked.Start(settings: ("PublicUrl", null));
        var (_, body) = await hooked.App.Post($"/connections/{await hooked.Connect(42)}/hook", "{}");
        Assert.False(body.TryGetProperty("url", out _));
        Assert.Matches("^/api/webhooks/github/[a-z2-7]{26}$", body.GetProperty("path").GetString());
        Assert.Contains("PublicUrl", body.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_connection_to_GitHub_has_one_and_nobody_gets_at_anothers()
    {
        await using var hooked = await Hooked.Start();
        var (feed, mine) = (await hooked.Connect(1, source: "feed"), await hooked.Connect(42));
        var (status, problem) = await hooked.App.Post($"/connections/{feed}/hook", "{}");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("this one is to feed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var (path, secret) = await hooked.Make(mine);

        using var stranger = (await hooked.Another()).Client;
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, $"/api/connections/{mine}/hook");
            using var answer = await stranger.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.Send(method, $"/connections/{new string('a', 26)}/hook")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.Send(method, "/connections/%7C/hook")).Status);
        }

        Assert.Equal("queued", (await hooked.Deliver(path, secret, Opened)).Result);
    }

    [Fact]
    public async Task After_a_rotation_the_former_secret_is_taken_for_a_day_and_an_ended_hook_is_unknown()
    {
        await using var hooked = await Hooked.Start();
        var connection = await hooked.Connect(42);
        var (path, first) = await hooked.Make(connection);
        var (again, second) = await hooked.Make(connection);
        var (_, third) = await hooked.Make(connection);
        Assert.Equal(path, again);
        Assert.Equal(3, new HashSet<string>(StringComparer.Ordinal) { first, second, third }.Count);
        var until = (await hooked.App.Get($"/connections/{connection}/hook")).GetProperty("formerUntil").GetDateTimeOffset();
        Assert.Equal(hooked.App.Clock.GetUtcNow().AddDays(1), until);

        foreach (var secret in (string[])[first, second, third])
            Assert.Equal("queued", (await hooked.Deliver(path, secret, Opened)).Result);
        hooked.App.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal("queued", (await hooked.Deliver(path, first, Opened)).Result);
        hooked.App.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.Deliver(path, first, Opened)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.Deliver(path, second, Opened)).Status);
        Assert.Equal("queued", (await hooked.Deliver(path, third, Opened)).Result);
        Assert.False((await hooked.App.Get($"/connections/{connection}/hook")).TryGetProperty("formerUntil", out _));

        Assert.Equal(HttpStatusCode.NoContent, (await hooked.App.Send(HttpMethod.Delete, $"/connections/{connection}/hook")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await hooked.Deliver(path, third, Opened)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await hooked.App.Send(HttpMethod.Delete, $"/connections/{connection}/hook")).Status);
        Assert.NotEqual(path, (await hooked.Make(connection)).Path);
    }

    [Fact]
    public async Task Disconnecting_ends_the_hook_and_leaves_nothing_of_it()
    {
        await using var hooked = await Hooked.Start();
        var connection = await hooked.Connect(42);
        var before = await hooked.App.Dump("lookups");
        var (path, secret) = await hooked.Make(connection);
        await hooked.Deliver(path, "ping", "{}"u8.ToArray(), Hooked.Sign(secret, "{}"u8.ToArray()));

        Assert.Equal(HttpStatusCode.NoContent, (await hooked.App.Send(HttpMethod.Delete, $"/connections/{connection}")).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await hooked.Deliver(path, secret, Opened)).Status);
        Assert.Equal(0, await hooked.Waiting());
        Assert.Subset(before.ToHashSet(StringComparer.Ordinal), (await hooked.App.Dump("lookups")).ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Neither_secrets_nor_a_key_to_them_stand_in_a_table()
    {
        await using var hooked = await Hooked.Start();
        var connection = await hooked.Connect(42);
        var (_, first) = await hooked.Make(connection);
        var (_, second) = await hooked.Make(connection);
        foreach (var table in (string[])["lookups", "people", "schedule", "harvests", "ledger"])
        {
            var rows = string.Join('\n', await hooked.App.Dump(table));
            foreach (var secret in (string[])[first, second])
            {
                Assert.DoesNotContain(secret, rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))[..40], rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), rows, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Secrets_open_after_a_restart_also_with_newer_keys_and_are_sealed_with_the_newest_when_they_are_written()
    {
        using var folder = new TemporaryFolder();
        var (one, two) = (Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray()), Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray()));
        string connection, path, secret;
        await using (var hooked = await Hooked.Start(folder: folder))
        {
            connection = await hooked.Connect(42);
            (path, secret) = await hooked.Make(connection);
        }

        // From the key of the program's own to the operator's, and from that to the next; each of them is known only as long as it is needed.
        foreach (var keys in (string[])[one, $"{two},{one}", two])
        {
            await using var hooked = await Hooked.Start(folder: folder, settings: ("SecretKeys", keys));
            Assert.Equal("queued", (await hooked.Deliver(path, secret, Opened)).Result);
            var (_, newer) = await hooked.Make(connection);
            Assert.Equal("queued", (await hooked.Deliver(path, secret, Opened)).Result);
            secret = newer;
        }

        await using var lost = await Hooked.Start(folder: folder, settings: ("SecretKeys", one));
        Assert.Equal(HttpStatusCode.Unauthorized, (await lost.Deliver(path, secret, Opened)).Status);
        Assert.Contains("give it a new one", (await lost.App.Get($"/connections/{connection}/hook")).GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal("queued", (await lost.Deliver(path, (await lost.Make(connection)).Secret, Opened)).Result);
    }

    [Fact]
    public async Task What_came_last_is_shown_to_the_minute()
    {
        await using var hooked = await Hooked.Start();
        var connection = await hooked.Connect(42);
        var (path, secret) = await hooked.Make(connection);
        var start = hooked.App.Clock.GetUtcNow();
        await hooked.Deliver(path, "ping", "{}"u8.ToArray(), Hooked.Sign(secret, "{}"u8.ToArray()));
        Assert.Equal((start, "ping"), await Last());

        hooked.App.Clock.Advance(TimeSpan.FromSeconds(20));
        await hooked.Deliver(path, secret, Opened);
        Assert.Equal((start.AddSeconds(20), "pull_request"), await Last());
        hooked.App.Clock.Advance(TimeSpan.FromSeconds(20));
        hooked.App.Table.Forget();
        await hooked.Deliver(path, secret, Opened);
        Assert.Equal(["lookups range"], hooked.App.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        hooked.App.Clock.Advance(TimeSpan.FromMinutes(1));
        await hooked.Deliver(path, "pull_request", Opened.Bytes(), "sha256=" + new string('0', 64));
        Assert.Equal((start.AddSeconds(20), "pull_request"), await Last());
        await hooked.Deliver(path, secret, Opened);
        Assert.Equal((start.AddSeconds(100), "pull_request"), await Last());

        async Task<(DateTimeOffset, string?)> Last()
        {
            var shown = await hooked.App.Get($"/connections/{connection}/hook");
            return (shown.GetProperty("lastDelivery").GetDateTimeOffset(), shown.GetProperty("lastEvent").GetString());
        }
    }
}
