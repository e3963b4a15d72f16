using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Mail;

/// <param name="StartTls">Refuses to send over a connection that does not become secure.</param>
/// <param name="User">Null where the relay wants nobody to sign in.</param>
public sealed record SmtpSettings(string Host, int Port, bool StartTls, string? User, string? Password, string From)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>
/// Any SMTP relay (RFC 5321), STARTTLS (RFC 3207) and sign-in (RFC 4954) included. The framework's own client does not say how far it came
/// when something breaks, and whether the mail may have left depends on just that.
/// </summary>
public sealed class SmtpMail(SmtpSettings settings, TimeProvider clock) : IMail
{
    /// <summary>For everything up to the end of the mail; nothing is lost when it runs out.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>For the answer to the end of the mail, which is worth waiting for: who does not hear it never knows.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromMinutes(5);

    public async Task<MailResult> Send(Letter letter, CancellationToken cancel)
    {
        if (!LetterText.IsAddress(letter.To))
            return new MailResult(MailOutcome.NoSuchAddress, "What stands there is no mail address.");
        await using var session = new SmtpSession();
        return await Hand(session, letter, cancel) ?? await End(session);
    }

    /// <summary>Everything but the end of the mail, without which it has not left. Null when that can follow.</summary>
    private async Task<MailResult?> Hand(SmtpSession session, Letter letter, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            var mail = LetterText.Of(letter, settings.From);
            var problem = await Open(session, either.Token) ?? await Address(session, letter.To, either.Token);
            if (problem is null)
                await session.Write(mail, either.Token);
            return problem;
        }
        catch (FormatException e)
        {
            return new MailResult(MailOutcome.Permanent, e.Message);
        }
        catch (OperationCanceledException)
        {
            return NotNow(cancel.IsCancellationRequested ? "was left when the program was told to stop." : "did not answer in time.");
        }
        catch (SocketException e)
        {
            return NotNow($"cannot be reached ({e.SocketErrorCode}).");
        }
        catch (AuthenticationException e)
        {
            return NotNow($"shows no certificate that this machine trusts for {settings.Host}. {e.Message}");
        }
        catch (IOException e)
        {
            return NotNow($"broke off before the mail was through. {e.Message}");
        }
    }

    /// <summary>To where mail can be handed over. What fails here is not this mail's fault, and holds for every other one too.</summary>
    private async Task<MailResult?> Open(SmtpSession session, CancellationToken cancel)
    {
        if (await session.Connect(settings.Host, settings.Port, cancel) is { Kind: not 2 } unwelcome)
            return NotNow($"takes no mail: {unwelcome}");
        var hello = await session.Hello(cancel);
        if (settings.StartTls)
        {
            if (!Offers(hello, "STARTTLS"))
                return NotNow("offers no STARTTLS, and mail is not sent over a connection that is not secure unless Smtp__StartTls is false.");
            if (await session.Say("STARTTLS", cancel) is { Kind: not 2 } insecure)
                return NotNow($"did not make the connection secure: {insecure}");
            await session.Secure(settings.Host, cancel);
            hello = await session.Hello(cancel);
        }

        if (hello.Kind != 2)
            return NotNow($"takes no mail: {hello}");
        return settings.User is { } user ? await SignIn(session, hello, user, cancel) : null;
    }

    /// <summary>What the server says here is not repeated, since it may repeat what it heard.</summary>
    private async Task<MailResult?> SignIn(SmtpSession session, SmtpReply hello, string user, CancellationToken cancel)
    {
        if (!settings.StartTls)
            return NotNow("gets no password over a connection that is not secure.");
        var (ways, password) = (Line(hello, "AUTH")?.Split(' ') ?? [], settings.Password ?? string.Empty);
        SmtpReply reply;
        if (ways.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await session.Say("AUTH PLAIN " + Base64($"\0{user}\0{password}"), cancel);
        }
        else if (ways.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await session.Say("AUTH LOGIN", cancel);
            reply = reply.Kind == 3 ? await session.Say(Base64(user), cancel) : reply;
            reply = reply.Kind == 3 ? await session.Say(Base64(password), cancel) : reply;
        }
        else
        {
            return NotNow("offers no sign-in by name and password.");
        }

        return reply.Kind == 2 ? null : NotNow($"did not accept Smtp__User and Smtp__Password ({reply.Code}).");
    }

    private async Task<MailResult?> Address(SmtpSession session, string to, CancellationToken cancel)
    {
        if (await session.Say($"MAIL FROM:<{settings.From}>", cancel) is { Kind: not 2 } sender)
            return Refused(sender, $"does not take mail from {settings.From}");
        if (await session.Say($"RCPT TO:<{to}>", cancel) is { Kind: not 2 } recipient)
            return RefusedAddress(recipient);
        return await session.Say("DATA", cancel) is { Kind: not 3 } data ? Refused(data, "does not take the mail") : null;
    }

    private MailResult RefusedAddress(SmtpReply reply)
    {
        var result = Refused(reply, "takes no mail for this address");
        return reply switch
        {
            { Kind: not 5 } => result,
            // A full mailbox (RFC 5321, 4.5.3.1.10; RFC 3463, 3.3) is emptied some day.
            { Code: 552 } or { Text: ['5', '.', '2', '.', '2', ..] } => result with { Outcome = MailOutcome.Temporary },
            // Who is not let in, or may not send there (RFC 3463, 3.8), has learnt nothing about the address.
            { Code: 530 } or { Text: ['5', '.', '7', '.', ..] } => result,
            _ => result with { Outcome = MailOutcome.NoSuchAddress },
        };
    }

    private async Task<MailResult> End(SmtpSession session)
    {
        using var patience = new CancellationTokenSource(LastPatience, clock);
        try
        {
            var reply = await session.End(patience.Token);
            await session.Quit(patience.Token);
            return reply switch
            {
                { Kind: 2 } => new MailResult(MailOutcome.Accepted),
                { Kind: 4 or 5 } refusal => Refused(refusal, "does not take the mail"),
                var odd => new MailResult(MailOutcome.Unknown, $"{settings} answered the mail with something that is no answer: {odd}"),
            };
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            return new MailResult(MailOutcome.Unknown, $"{settings} did not say whether it took the mail.");
        }
    }

    private MailResult NotNow(string what) => new(MailOutcome.Temporary, $"{settings} {what}");

    private MailResult Refused(SmtpReply reply, string what) =>
        new(reply.Kind == 5 ? MailOutcome.Permanent : MailOutcome.Temporary, $"{settings} {what}: {reply}");

    private static bool Offers(SmtpReply hello, string what) => Line(hello, what) is not null;

    private static string? Line(SmtpReply hello, string what) =>
        hello.Text.Split('\n').FirstOrDefault(line => line.Split(' ')[0].Equals(what, StringComparison.OrdinalIgnoreCase));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
