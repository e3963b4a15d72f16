using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ContributionIngest.Core.Mail;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>What is known about a mail after anything that can happen to it.</summary>
[Collection(MailServer.Collection)]
public sealed class SmtpOutcomeTests(MailServer server)
{
    [Theory]
    [InlineData("mail-450", MailOutcome.Temporary)]
    [InlineData("mail-550", MailOutcome.Permanent)]
    public async Task Rejected_sender_does_not_count_against_the_recipient(string from, MailOutcome outcome)
    {
        var result = await server.SendAsync(Letters.Some, from + "@example.org");
        Assert.Equal(outcome, result.Outcome);
        Assert.Contains("does not take mail from " + from, result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rcpt-450", MailOutcome.Temporary)]
    [InlineData("rcpt-421", MailOutcome.Temporary)]
    [InlineData("rcpt-550", MailOutcome.NoSuchAddress)]
    [InlineData("rcpt-550-5.1.1", MailOutcome.NoSuchAddress)]
    [InlineData("rcpt-553", MailOutcome.NoSuchAddress)]
    [InlineData("rcpt-554-5.2.1", MailOutcome.NoSuchAddress)]
    [InlineData("rcpt-552", MailOutcome.Temporary)]
    [InlineData("rcpt-550-5.2.2", MailOutcome.Temporary)]
    [InlineData("rcpt-550-5.7.1", MailOutcome.Permanent)]
    [InlineData("rcpt-530", MailOutcome.Permanent)]
    [InlineData("data-451", MailOutcome.Temporary)]
    [InlineData("data-554", MailOutcome.Permanent)]
    [InlineData("data-550-5.1.1", MailOutcome.Permanent)]
    public async Task Rejections_are_classified_by_command_and_code(string to, MailOutcome outcome)
    {
        var result = await server.SendAsync(Letters.Some with { To = to + "@example.com" });
        Assert.Equal(outcome, result.Outcome);
        Assert.Contains(to.Split('-')[1], result.Detail, StringComparison.Ordinal);
        Assert.Contains("refused as asked", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, MailOutcome.Temporary)]
    [InlineData(1, MailOutcome.Temporary)]
    [InlineData(2, MailOutcome.Temporary)]
    [InlineData(3, MailOutcome.Temporary)]
    [InlineData(4, MailOutcome.Temporary)]
    [InlineData(5, MailOutcome.Unknown)]
    public async Task Broken_connection_leaves_doubt_only_after_the_end_of_the_mail(int stage, MailOutcome outcome)
    {
        await using var odd = new OddServer(OddServer.WillingBut(stage, OddServer.Gone));
        Assert.Equal(outcome, (await SendAsync(odd, new TestClock { Skip = TimeSpan.Zero })).Outcome);
    }

    [Theory]
    [InlineData(0, MailOutcome.Temporary)]
    [InlineData(3, MailOutcome.Temporary)]
    [InlineData(4, MailOutcome.Temporary)]
    [InlineData(5, MailOutcome.Unknown)]
    public async Task Silent_server_times_out_after_minutes(int stage, MailOutcome outcome)
    {
        var clock = new TestClock { Skip = TimeSpan.Zero };
        await using var odd = new OddServer(OddServer.WillingBut(stage, OddServer.Silent));
        var sending = SendAsync(odd, clock);
        await odd.Silence;
        clock.Advance(TimeSpan.FromSeconds(100));
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(outcome, (await sending).Outcome);
    }

    [Theory]
    [InlineData(0, "554 no service here", MailOutcome.Temporary)]
    [InlineData(0, "hello", MailOutcome.Temporary)]
    [InlineData(0, "HTTP/1.1 400 Bad Request", MailOutcome.Temporary)]
    [InlineData(1, "502 never heard", MailOutcome.Temporary)]
    [InlineData(4, "250 go on?", MailOutcome.Temporary)]
    [InlineData(5, "354 more", MailOutcome.Unknown)]
    [InlineData(5, "taken", MailOutcome.Unknown)]
    [InlineData(5, "421 closing", MailOutcome.Temporary)]
    [InlineData(5, "250-taken\r\n250 really", MailOutcome.Accepted)]
    [InlineData(5, "251", MailOutcome.Accepted)]
    public async Task Unusual_answer_is_never_mistaken_for_a_sent_or_unsent_mail(int stage, string reply, MailOutcome outcome)
    {
        await using var odd = new OddServer(OddServer.WillingBut(stage, reply));
        Assert.Equal(outcome, (await SendAsync(odd, new TestClock { Skip = TimeSpan.Zero })).Outcome);
    }

    /// <summary>In chunks the end would travel with the last octet, before the sender is told that it does.</summary>
    [Fact]
    public async Task Server_with_CHUNKING_still_gets_the_mail_by_DATA()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250-BINARYMIME\r\n250-8BITMIME\r\n250 CHUNKING", "250 ok", "250 ok", "554 not this one");
        Assert.Equal(MailOutcome.Permanent, (await SendAsync(odd, new TestClock { Skip = TimeSpan.Zero })).Outcome);
        Assert.Equal("DATA", odd.Heard[3]);
    }

    [Fact]
    public async Task Endless_answer_is_cut_off()
    {
        await using var endless = new OddServer(string.Concat(Enumerable.Repeat("220-more\r\n", 1000)));
        Assert.Equal(MailOutcome.Temporary, (await SendAsync(endless, new TestClock { Skip = TimeSpan.Zero })).Outcome);
        await using var line = new OddServer(new string('2', 100_000));
        Assert.Equal(MailOutcome.Temporary, (await SendAsync(line, new TestClock { Skip = TimeSpan.Zero })).Outcome);
    }

    [Fact]
    public async Task Stopping_abandons_a_mail_not_yet_transmitted_and_completes_one_that_is()
    {
        using var stop = new CancellationTokenSource();
        await using var early = new OddServer(OddServer.WillingBut(3, OddServer.Silent));
        var staying = SendAsync(early, new TestClock { Skip = TimeSpan.Zero }, stop.Token);
        await early.Silence;
        await stop.CancelAsync();
        Assert.Equal(MailOutcome.Temporary, (await staying).Outcome);

        using var later = new CancellationTokenSource();
        var clock = new TestClock { Skip = TimeSpan.Zero };
        await using var late = new OddServer(OddServer.WillingBut(5, OddServer.Silent));
        var leaving = SendAsync(late, clock, later.Token);
        await late.Silence;
        await later.CancelAsync();
        Assert.False(leaving.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(MailOutcome.Unknown, (await leaving).Outcome);
    }

    [Fact]
    public async Task Unreachable_server_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        var refused = await Smtp("127.0.0.1", port, new TestClock { Skip = TimeSpan.Zero }).SendAsync(Letters.Some, CancellationToken.None);
        Assert.Equal(new MailResult(MailOutcome.Temporary, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port} cannot be reached (ConnectionRefused).")), refused);

        var unknown = await Smtp("no-such-host.invalid", 587, new TestClock { Skip = TimeSpan.Zero }).SendAsync(Letters.Some, CancellationToken.None);
        Assert.Equal(MailOutcome.Temporary, unknown.Outcome);
        Assert.StartsWith("no-such-host.invalid:587 cannot be reached", unknown.Detail, StringComparison.Ordinal);
    }

    private static SmtpMail Smtp(string host, int port, TimeProvider clock) =>
        new(new SmtpSettings(host, port, SmtpSecurity.None, null, null, MailServer.From), clock);

    private static Task<MailResult> SendAsync(OddServer odd, TimeProvider clock, CancellationToken cancel = default) =>
        Smtp("127.0.0.1", odd.Port, clock).SendAsync(Letters.Some, cancel);
}
