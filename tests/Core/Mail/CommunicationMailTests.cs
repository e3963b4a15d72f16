using System.Text.Json;
using Azure.Identity;
using ContributionIngest.Core.Mail;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>What is sent to Azure's mail service, and what is known about a mail after anything that can happen to it.</summary>
public sealed class CommunicationMailTests
{
    private static readonly string Taken = CommunicationServer.Answer(202, """{"id":"1","status":"Running"}""", "Operation-Location: https://localhost/emails/operations/1\r\n");

    [Fact]
    public async Task Mail_is_one_request_with_a_token_and_all_headers()
    {
        await using var server = new CommunicationServer(Taken);
        var credential = new GivenToken();
        Assert.Equal(new MailResult(MailOutcome.Accepted), await server.Mail(Clock(), credential).SendAsync(Letters.Some with { Subject = "Your\r\nweek", To = "juna@exämple.com" }, CancellationToken.None));

        Assert.Equal("https://communication.azure.com/.default", credential.Scope);
        Assert.StartsWith("POST /emails:send?api-version=2023-03-31 HTTP/1.1", server.Head, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {GivenToken.Token}", server.Head, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(server.Body);
        var mail = json.RootElement;
        Assert.Equal(CommunicationServer.From, mail.GetProperty("senderAddress").GetString());
        Assert.Equal("xn--exmple-cua.com", Assert.Single(mail.GetProperty("recipients").GetProperty("to").EnumerateArray()).GetProperty("address").GetString()!.Split('@')[1]);
        Assert.Equal(("Your  week", Letters.Some.Text, Letters.Some.Html), (Content("subject"), Content("plainText"), Content("html")));
        Assert.True(mail.GetProperty("userEngagementTrackingDisabled").GetBoolean());
        var headers = mail.GetProperty("headers").EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString()!, StringComparer.Ordinal);
        Assert.Equal(new Dictionary<string, string>(Letters.Some.Headers, StringComparer.Ordinal) { ["Message-ID"] = $"<{Letters.Some.MessageId}>" }, headers);

        string? Content(string name) => mail.GetProperty("content").GetProperty(name).GetString();
    }

    [Fact]
    public async Task Operation_id_is_that_of_the_mail_at_each_attempt()
    {
        Assert.Equal(await IdAsync(Letters.Some), await IdAsync(Letters.Some with { Subject = "Again" }));
        Assert.NotEqual(await IdAsync(Letters.Some), await IdAsync(Letters.Some with { MessageId = "another@digest.example.org" }));

        static async Task<Guid> IdAsync(Email mail)
        {
            await using var server = new CommunicationServer(Taken);
            await server.Mail(Clock()).SendAsync(mail, CancellationToken.None);
            return Guid.Parse(server.Head.Split("\r\n").Single(line => line.StartsWith("Operation-Id: ", StringComparison.Ordinal))[14..]);
        }
    }

    [Theory]
    [InlineData(200, MailOutcome.Accepted)]
    [InlineData(202, MailOutcome.Accepted)]
    [InlineData(302, MailOutcome.Temporary)]
    [InlineData(400, MailOutcome.Permanent)]
    [InlineData(401, MailOutcome.Temporary)]
    [InlineData(403, MailOutcome.Temporary)]
    [InlineData(404, MailOutcome.Temporary)]
    [InlineData(413, MailOutcome.Permanent)]
    [InlineData(429, MailOutcome.Temporary)]
    [InlineData(500, MailOutcome.Unknown)]
    [InlineData(502, MailOutcome.Unknown)]
    [InlineData(503, MailOutcome.Temporary)]
    [InlineData(504, MailOutcome.Unknown)]
    public async Task Answers_are_classified_by_status(int status, MailOutcome outcome)
    {
        await using var server = new CommunicationServer(CommunicationServer.Answer(status, "", "Location: https://localhost/elsewhere\r\n"));
        Assert.Equal(outcome, (await server.Mail(Clock()).SendAsync(Letters.Some, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task Refusal_is_told_in_the_words_of_the_service_and_on_one_line()
    {
        var error = """{"error":{"code":"DomainNotLinked","message":"The specified sender domain\nhas not been linked."}}""";
        await using var server = new CommunicationServer(CommunicationServer.Answer(404, error));
        Assert.Equal("localhost answered 404 DomainNotLinked: The specified sender domain has not been linked.", (await server.Mail(Clock()).SendAsync(Letters.Some, CancellationToken.None)).Detail);

        await using var busy = new CommunicationServer(CommunicationServer.Answer(429, """{"error":{"code":"TooManyRequests","message":"no"}}""", "Retry-After: 60\r\n"));
        Assert.Equal("localhost answered 429 TooManyRequests: no, to be asked again in 60 s", (await busy.Mail(Clock()).SendAsync(Letters.Some, CancellationToken.None)).Detail);

        await using var endless = new CommunicationServer(CommunicationServer.Answer(400, """{"error":{"code":"x","message":" """ + new string('y', 50_000)));
        Assert.Equal(new MailResult(MailOutcome.Permanent, "localhost answered 400"), await endless.Mail(Clock()).SendAsync(Letters.Some, CancellationToken.None));
    }

    [Fact]
    public async Task Request_without_an_answer_leaves_doubt()
    {
        await using var gone = new CommunicationServer(CommunicationServer.Gone);
        Assert.Equal(new MailResult(MailOutcome.Unknown, "localhost did not say whether it took the mail."), await gone.Mail(Clock()).SendAsync(Letters.Some, CancellationToken.None));
        await using var odd = new CommunicationServer("220 odd\r\n");
        Assert.Equal(MailOutcome.Unknown, (await odd.Mail(Clock()).SendAsync(Letters.Some, CancellationToken.None)).Outcome);

        var clock = Clock();
        await using var silent = new CommunicationServer(Taken, new TaskCompletionSource().Task);
        var sending = silent.Mail(clock).SendAsync(Letters.Some, CancellationToken.None);
        await silent.Heard;
        clock.Advance(TimeSpan.FromSeconds(119));
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(MailOutcome.Unknown, (await sending).Outcome);
    }

    [Fact]
    public async Task Service_that_cannot_be_reached_got_no_mail()
    {
        await using var server = new CommunicationServer(Taken);
        var stranger = new CommunicationMail(new CommunicationMailSettings(server.Endpoint, CommunicationServer.From), new GivenToken(), Clock());
        Assert.Equal(new MailResult(MailOutcome.Temporary, "localhost cannot be reached (SecureConnectionError)."), await stranger.SendAsync(Letters.Some, CancellationToken.None));

        await using var none = new CommunicationServer(Taken);
        var mail = none.Mail(Clock());
        none.Stop();
        Assert.Equal(new MailResult(MailOutcome.Temporary, "localhost cannot be reached (ConnectionError)."), await mail.SendAsync(Letters.Some, CancellationToken.None));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent()
    {
        await using var server = new CommunicationServer(Taken);
        var refused = await server.Mail(Clock(), new GivenToken(_ => throw new CredentialUnavailableException("zq-tenant"))).SendAsync(Letters.Some, CancellationToken.None);
        Assert.Equal(new MailResult(MailOutcome.Temporary, "localhost gets no mail, since this app has no identity that it could show."), refused);

        var clock = Clock();
        var asked = new TaskCompletionSource();
        var late = server.Mail(clock, Slow(asked)).SendAsync(Letters.Some, CancellationToken.None);
        await asked.Task;
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(new MailResult(MailOutcome.Temporary, "localhost gets no mail, since no token came in time."), await late);
        Assert.Empty(server.Head);
    }

    [Fact]
    public async Task Stopping_abandons_a_mail_not_yet_sent_and_completes_one_that_is()
    {
        using var stop = new CancellationTokenSource();
        var answers = new TaskCompletionSource();
        await using var server = new CommunicationServer(Taken, answers.Task);
        var asked = new TaskCompletionSource();
        var staying = server.Mail(Clock(), Slow(asked)).SendAsync(Letters.Some, stop.Token);
        await asked.Task;
        await stop.CancelAsync();
        Assert.Equal(new MailResult(MailOutcome.Temporary, "localhost was left when the program was told to stop."), await staying);

        using var later = new CancellationTokenSource();
        var leaving = server.Mail(Clock()).SendAsync(Letters.Some, later.Token);
        await server.Heard;
        await later.CancelAsync();
        answers.SetResult();
        Assert.Equal(MailOutcome.Accepted, (await leaving).Outcome);
    }

    [Fact]
    public async Task What_is_no_address_or_no_header_is_not_sent()
    {
        await using var server = new CommunicationServer(Taken);
        var mail = server.Mail(Clock());
        Assert.Equal(MailOutcome.NoSuchAddress, (await mail.SendAsync(Letters.Some with { To = "juna@example.com, other@example.com" }, CancellationToken.None)).Outcome);
        var broken = Letters.Some with { Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["List-Id"] = "a\r\nBcc: other@example.com" } };
        Assert.Equal(new MailResult(MailOutcome.Permanent, "Header List-Id has forbidden characters."), await mail.SendAsync(broken, CancellationToken.None));
        Assert.Empty(server.Head);
    }

    private static TestClock Clock() => new() { Skip = TimeSpan.Zero };

    private static GivenToken Slow(TaskCompletionSource asked) => new(cancel =>
    {
        asked.TrySetResult();
        return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
    });
}
