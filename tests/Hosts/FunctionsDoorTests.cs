using System.Net;
using System.Net.Sockets;
using System.Text;
using ContributionIngest.Functions.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

/// <summary>Replays what a real Functions host was seen to send, and asserts what it was seen to need.</summary>
public sealed class FunctionsDoorTests
{
    [Theory]
    [InlineData("timer-without-monitor", "Plan", null, 1)]
    [InlineData("timer-with-monitor-and-retry", "Plan", null, 1)]
    [InlineData("queue-json", "RunHarvest", """{"feed":"abc","n":3}""", 1)]
    [InlineData("queue-plain-text", "RunHarvest", "hello \"x\"", 2)]
    [InlineData("queue-text-that-is-base64", "RunHarvest", "YWJjZA==", 1)]
    [InlineData("queue-single-encoding", "RunHarvest", """{"feed":"abc"}""", 1)]
    [InlineData("queue-colliding-names", "RunHarvest", """{"DequeueCount":"many","sys":5,"Id":"mine"}""", 1)]
    [InlineData("queue-by-hand", "RunHarvest", """{"feed":"abc"}""", 1)]
    [InlineData("queue-last-attempt", "RunHarvest", """{"feed":"ä€😀"}""", 5)]
    public async Task A_recorded_call_reaches_its_function_once_and_is_answered_with_an_object(string recorded, string name, string? message, int attempt)
    {
        await using var hosted = await Hosted.Start();
        var answer = await Wire.Send(hosted.Port, recorded);
        Assert.Equal(200, answer.Status);
        Assert.True(answer.IsObject, answer.ToString());
        Assert.True(hosted.Calls.Reader.TryRead(out var call));
        Assert.Equal(new FunctionCall(name, message, attempt), call);
        Assert.False(hosted.Calls.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_function_that_throws_is_answered_so_that_the_host_tries_again()
    {
        await using var hosted = await Hosted.Start((_, _) => throw new InvalidOperationException("broken"));
        var answer = await Wire.Send(hosted.Port, "queue-json");
        Assert.Equal(500, answer.Status);
        Assert.True(answer.IsObject, answer.ToString());
    }

    [Fact]
    public async Task A_function_is_cancelled_before_the_host_would_kill_the_process()
    {
        var clock = Standing.At("2026-03-01T00:00:00Z");
        await using var hosted = await Hosted.Start((_, cancel) => Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel), clock);
        var answer = Wire.Send(hosted.Port, "queue-json");
        await clock.Armed(TimeSpan.FromMinutes(9.5));
        clock.Advance(TimeSpan.FromMinutes(9.5));
        Assert.Equal(500, (await answer).Status);
    }

    [Fact]
    public async Task A_function_that_cannot_be_cancelled_is_answered_for_in_time()
    {
        var clock = Standing.At("2026-03-01T00:00:00Z");
        var never = new TaskCompletionSource();
        await using var hosted = await Hosted.Start((_, _) => never.Task, clock);
        var answer = Wire.Send(hosted.Port, "timer-without-monitor");
        await clock.Armed(TimeSpan.FromSeconds(590));
        clock.Advance(TimeSpan.FromSeconds(590));
        Assert.Equal(500, (await answer).Status);
        Assert.True((await answer).IsObject);
        never.SetResult();
    }

    [Theory]
    [InlineData("X-Forwarded-Host: app.example")]
    [InlineData("x-forwarded-for: 203.0.113.9")]
    [InlineData("X-Original-For: 203.0.113.9")]
    [InlineData("x-ms-invocation-id: 4f0f7f6e-3d0c-4a55-9a0e-0d9b6a1f2b11")]
    [InlineData("DISGUISED-HOST: app.example")]
    [InlineData("X-ARR-LOG-ID: 1")]
    public async Task A_call_that_came_from_outside_is_refused(string header)
    {
        await using var hosted = await Hosted.Start();
        var answer = await Wire.Send(hosted.Port, "queue-json", head => head + "\n" + header);
        Assert.Equal(404, answer.Status);
        Assert.True(answer.IsObject, answer.ToString());
        Assert.False(hosted.Calls.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("Host: 127.0.0.1:PORT", "Host: app.example")]
    [InlineData("Host: 127.0.0.1:PORT", "Host: 127.0.0.1")]
    [InlineData("Host: 127.0.0.1:PORT", "Host: localhost:PORT")]
    [InlineData("POST /RunHarvest", "GET /RunHarvest")]
    [InlineData("POST /RunHarvest", "PUT /RunHarvest")]
    [InlineData("POST /RunHarvest", "POST /runharvest")]
    [InlineData("POST /RunHarvest", "POST /RunHarvest/")]
    public async Task A_call_that_is_not_just_as_the_host_sends_it_is_refused(string sent, string forged)
    {
        await using var hosted = await Hosted.Start();
        string Port(string text) => text.Replace("PORT", $"{hosted.Port}", StringComparison.Ordinal);
        Assert.Equal(404, (await Wire.Send(hosted.Port, "queue-json", head => head.Replace(Port(sent), Port(forged), StringComparison.Ordinal))).Status);
        Assert.False(hosted.Calls.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"Data\":{}}")]
    [InlineData("{\"Data\":5}")]
    [InlineData("{\"Data\":{\"message\":")]
    public async Task What_is_no_envelope_fails_without_reaching_the_function(string body)
    {
        await using var hosted = await Hosted.Start();
        var answer = await Wire.Send(
            hosted.Port,
            $"POST /RunHarvest HTTP/1.1\nHost: 127.0.0.1:{hosted.Port}\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n{body}");
        Assert.Equal(400, answer.Status);
        Assert.True(answer.IsObject, answer.ToString());
        Assert.False(hosted.Calls.Reader.TryRead(out _));
    }

    [Fact]
    public async Task An_envelope_larger_than_any_message_is_not_read_to_its_end()
    {
        await using var hosted = await Hosted.Start();
        var request = $"POST /RunHarvest HTTP/1.1\nHost: 127.0.0.1:{hosted.Port}\nContent-Length: 900000000\n\n";
        Assert.Equal(400, (await Wire.Send(hosted.Port, request)).Status);
    }

    [Fact]
    public async Task The_probe_is_answered_by_the_door_and_a_visitor_by_the_site()
    {
        await using var hosted = await Hosted.Start();
        var probe = await Wire.Send(hosted.Port, $"GET / HTTP/1.1\nHost: 127.0.0.1:{hosted.Port}\n\n");
        Assert.Equal(200, probe.Status);
        Assert.True(probe.IsObject);
        var visitor = await Wire.Send(hosted.Port, "proxied-request", head => head.Replace("/api/where", "/", StringComparison.Ordinal));
        Assert.Contains("no such page", visitor.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxied_request_is_seen_under_its_public_address()
    {
        await using var hosted = await Hosted.Start();
        var answer = await Wire.Send(hosted.Port, "proxied-request");
        Assert.Contains("https://app.example/api/where?a=1&a=2&flag 203.0.113.9", answer.Body, StringComparison.Ordinal);
        var disguised = await Wire.Send(hosted.Port, "proxied-request", head => head.Replace("X-Forwarded-Host: app.example\n", "", StringComparison.Ordinal));
        Assert.Contains("https://app.example/api/where", disguised.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forwarded_request_is_seen_under_its_public_address_and_cannot_claim_another()
    {
        await using var hosted = await Hosted.Start();
        var answer = await Wire.Send(hosted.Port, "forwarded-request");
        Assert.Contains("https://app.example/api/where?a=1,2&flag= 203.0.113.9", answer.Body, StringComparison.Ordinal);
        var forged = await Wire.Send(hosted.Port, "forwarded-request", head => head + "\nX-Forwarded-Host: evil.example");
        Assert.Contains("https://app.example/api/where", forged.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_and_redirects_pass_as_they_are()
    {
        await using var hosted = await Hosted.Start();
        var answer = await Wire.Send(hosted.Port, "proxied-request", head => head.Replace("/api/where", "/api/cookies", StringComparison.Ordinal));
        Assert.Equal(302, answer.Status);
        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "Set-Cookie: a=1", "Set-Cookie: b=2", "Location: /next" }, answer.Headers.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_chunked_body_of_a_visitor_arrives_whole()
    {
        await using var hosted = await Hosted.Start();
        var body = string.Concat(Enumerable.Range(0, 200).Select(i => $"line {i};"));
        var answer = await Wire.Send(hosted.Port, $"POST /api/echo HTTP/1.1\nHost: app.example\nTransfer-Encoding: chunked\n\n{body}");
        Assert.Contains("line 199;", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_streams_chunk_by_chunk()
    {
        await using var hosted = await Hosted.Start();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, hosted.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Host: app.example\r\nConnection: close\r\n\r\n"u8.ToArray());
        var buffer = new byte[4096];
        var seen = "";
        while (!seen.Contains("first", StringComparison.Ordinal))
            seen += Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        Assert.DoesNotContain("second", seen, StringComparison.Ordinal);
        hosted.Second.SetResult();
        using var rest = new StreamReader(stream);
        Assert.Contains("second", await rest.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inherited_addresses_are_ignored()
    {
        var (other, third) = (Hosted.FreePort(), Hosted.FreePort());
        await using var hosted = await Hosted.Start(
            null, null, $"--urls=http://127.0.0.1:{other}", $"--Listen=http://127.0.0.1:{third}", $"--Kestrel:Endpoints:X:Url=http://127.0.0.1:{third}");
        Assert.Equal(200, (await Wire.Send(hosted.Port, "timer-without-monitor")).Status);
        foreach (var port in (int[])[other, third])
        {
            using var socket = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, port));
        }
    }

    [Fact]
    public async Task A_stop_cuts_calls_short_and_ends_with_a_code_after_which_the_host_starts_again()
    {
        var (exit, answer, _) = await Stopped("timer-without-monitor");
        Assert.Equal((200, 500), (exit, answer.Status));
    }

    [Fact]
    public async Task A_stop_gives_the_message_of_a_call_back_as_a_copy_whose_attempts_begin_anew()
    {
        var (_, answer, store) = await Stopped("queue-last-attempt");
        Assert.Equal(200, answer.Status);
        Assert.True(answer.IsObject, answer.ToString());
        Assert.Equal([("""{"feed":"ä€😀"}""", 0, TimeSpan.Zero)], store.Look("harvest").Select(m => (m.Body, m.Attempt, TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_stop_that_cannot_put_the_copy_leaves_the_message_to_the_host()
    {
        var (_, answer, store) = await Stopped("queue-json", outages: 1);
        Assert.Equal(500, answer.Status);
        Assert.Empty(store.Look("harvest"));
    }

    private static async Task<(int Exit, Answer Answer, MemoryStore Store)> Stopped(string recorded, int outages = 0)
    {
        await using var hosted = await Hosted.Start((_, cancel) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        hosted.Store.Outages = outages;
        var answer = Wire.Send(hosted.Port, recorded);
        await hosted.Calls.Reader.ReadAsync();
        return (await hosted.Stop(), await answer, hosted.Store);
    }

    [Fact]
    public async Task Standing_alone_no_function_can_be_called_over_http()
    {
        await using var alone = await Hosted.Alone();
        foreach (var recorded in (string[])["timer-without-monitor", "queue-json"])
        {
            var answer = await Wire.Send(alone.Port, recorded);
            Assert.Equal(404, answer.Status);
            Assert.Contains("no such page", answer.Body, StringComparison.Ordinal);
        }

        Assert.False(alone.Calls.Reader.TryRead(out _));
        Assert.Equal(0, await alone.Stop());
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:PORT/api/where")]
    [InlineData("https://app.example", "https://app.example/api/where")]
    [InlineData("https://other.example", "https://127.0.0.1:PORT/api/where")]
    public async Task Standing_alone_a_proxy_is_believed_if_a_public_address_is_set_and_about_no_other(string? publicUrl, string seen)
    {
        await using var alone = await Hosted.Alone(publicUrl is null ? [] : [$"--PublicUrl={publicUrl}"]);
        var answer = await Wire.Send(alone.Port, "proxied-request");
        Assert.Contains(seen.Replace("PORT", $"{alone.Port}", StringComparison.Ordinal), answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("0")]
    [InlineData("70000")]
    public async Task A_port_that_is_none_is_refused(string port)
    {
        var refusal = await Assert.ThrowsAsync<StartException>(() => Hosted.Start(null, null, $"--FUNCTIONS_CUSTOMHANDLER_PORT={port}"));
        Assert.Contains($"is '{port}', allowed is a port", refusal.Message, StringComparison.Ordinal);
    }
}
