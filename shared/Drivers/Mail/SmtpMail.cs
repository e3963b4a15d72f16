using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ContributionIngest.Core.Mail;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace ContributionIngest.Drivers.Mail;

/// <summary>
/// An SMTP relay, by MailKit. Its progress shows whether a mail may have been sent when the connection breaks: the end of the mail is written after its
/// last octet was reported, so before that report it was not sent.
/// </summary>
public sealed class SmtpMail(SmtpSettings settings, TimeProvider clock) : IMail
{
    /// <summary>For everything up to the end of the mail.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(2);

    /// <summary>For the response to the end of the mail, without which the outcome is unknown.</summary>
    private static readonly TimeSpan FinalResponseTimeout = TimeSpan.FromMinutes(5);

    /// <summary>For QUIT.</summary>
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(15);

    public Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel) => Task.FromResult(0);

    public async Task<MailResult> SendAsync(Email email, CancellationToken cancel)
    {
        if (EmailMime.Address(email.To) is not { } to)
            return new MailResult(MailOutcome.NoSuchAddress, "This is not a mail address.");
        try
        {
            using var message = EmailMime.Of(email, settings.From, to);
            using var limit = new CancellationTokenSource(SendTimeout, clock);
            using var stop = cancel.Register(limit.Cancel);
            var handover = new SendProgress(() =>
            {
                stop.Unregister();
                limit.CancelAfter(FinalResponseTimeout);
            });
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var client = new SmtpClient(new ResponseSizeLimit()) { Timeout = Timeout.Infinite, CheckCertificateRevocation = false };
            var result = await OpenAsync(client, socket, limit.Token, cancel) ?? await DeliverAsync(client, message, handover, limit.Token, cancel);
            limit.CancelAfter(QuitTimeout);
            await client.DisconnectAsync(quit: true, limit.Token);
            return result;
        }
        catch (FormatException e)
        {
            return new MailResult(MailOutcome.Permanent, e.Message);
        }
    }

    /// <summary>Connects and signs in. A failure here concerns every mail.</summary>
    private async Task<MailResult?> OpenAsync(SmtpClient client, Socket socket, CancellationToken limit, CancellationToken cancel)
    {
        try
        {
            await socket.ConnectAsync(settings.Host, settings.Port, limit);
            // An address literal, since this machine may have no public name (RFC 5321, 4.1.4).
            client.LocalDomain = ((IPEndPoint)socket.LocalEndPoint!).Address.ToString().Split('%')[0];
            await client.ConnectAsync(socket, settings.Host, settings.Port, Options, limit);
            if (settings.User is null)
                return null;
            if (!client.IsSecure)
                return Temporary("gets no password over a connection that is not secure.");
            await client.AuthenticateAsync(settings.User, settings.Password ?? string.Empty, limit);
            return null;
        }
        catch (NotSupportedException)
        {
            return Temporary(client.IsConnected
                ? "offers no sign-in by name and password."
                : "offers no STARTTLS, and mail is not sent over a connection that is not secure unless Smtp__Security is none.");
        }
        catch (AuthenticationException e)
        {
            // The server's message may contain the credentials.
            var code = e.InnerException is SmtpCommandException { StatusCode: var status } ? string.Create(CultureInfo.InvariantCulture, $" ({(int)status})") : string.Empty;
            return Temporary($"did not accept Smtp__User and Smtp__Password{code}.");
        }
        catch (SmtpCommandException e)
        {
            return Temporary($"takes no mail: {Shorten(e.StatusCode, e.Message)}");
        }
        catch (Exception e) when (IsBroken(e))
        {
            return Temporary(Reason(e, limit, cancel));
        }
    }

    private async Task<MailResult> DeliverAsync(SmtpClient client, MimeMessage message, SendProgress handover, CancellationToken limit, CancellationToken cancel)
    {
        var format = EmailMime.Format(message);
        if (format.International && !(client.Capabilities.HasFlag(SmtpCapabilities.UTF8) && client.Capabilities.HasFlag(SmtpCapabilities.EightBitMime)))
            return new MailResult(MailOutcome.Permanent, $"{settings} takes no mail for or from an address outside ASCII: it offers no SMTPUTF8.");
        try
        {
            await client.SendAsync(format, message, limit, handover);
            return new MailResult(MailOutcome.Accepted);
        }
        catch (ServiceNotAuthenticatedException e)
        {
            return Refused(SmtpStatusCode.AuthenticationRequired, e.Message, "takes no mail without a sign-in");
        }
        catch (SmtpCommandException e)
        {
            return e.ErrorCode switch
            {
                SmtpErrorCode.SenderNotAccepted => Refused(e.StatusCode, e.Message, $"does not take mail from {settings.From}"),
                SmtpErrorCode.RecipientNotAccepted => RefusedAddress(e),
                SmtpErrorCode.MessageNotAccepted => FinalResponse(e),
                _ => Refused(e.StatusCode, e.Message, "does not take the mail"),
            };
        }
        catch (Exception e) when (IsBroken(e))
        {
            return handover.IsComplete
                ? new MailResult(MailOutcome.Unknown, $"{settings} did not say whether it took the mail.")
                : Temporary(Reason(e, limit, cancel));
        }
    }

    private SecureSocketOptions Options => settings.Security switch
    {
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    private MailResult RefusedAddress(SmtpCommandException e)
    {
        var result = Refused(e.StatusCode, e.Message, "takes no mail for this address");
        return e switch
        {
            _ when Kind(e.StatusCode) != 5 => result,
            // A full mailbox (RFC 5321, 4.5.3.1.10; RFC 3463, 3.3) is temporary.
            { StatusCode: SmtpStatusCode.ExceededStorageAllocation } or { Message: ['5', '.', '2', '.', '2', ..] } => result with { Outcome = MailOutcome.Temporary },
            // A policy refusal (RFC 3463, 3.8) says nothing about the address.
            { Message: ['5', '.', '7', '.', ..] } => result,
            _ => result with { Outcome = MailOutcome.NoSuchAddress },
        };
    }

    /// <summary>A response to the end of the mail other than 250, the only one MailKit accepts.</summary>
    private MailResult FinalResponse(SmtpCommandException e) => Kind(e.StatusCode) switch
    {
        2 => new MailResult(MailOutcome.Accepted),
        4 or 5 => Refused(e.StatusCode, e.Message, "does not take the mail"),
        _ => new MailResult(MailOutcome.Unknown, $"{settings} answered the mail with something that is no answer: {Shorten(e.StatusCode, e.Message)}"),
    };

    private MailResult Temporary(string what) => new(MailOutcome.Temporary, $"{settings} {what}");

    private MailResult Refused(SmtpStatusCode code, string text, string what) =>
        new(Kind(code) == 5 ? MailOutcome.Permanent : MailOutcome.Temporary, $"{settings} {what}: {Shorten(code, text)}");

    private static bool IsBroken(Exception e) =>
        e is OperationCanceledException or SocketException or IOException or SslHandshakeException or SmtpProtocolException;

    private string Reason(Exception e, CancellationToken limit, CancellationToken cancel) => e switch
    {
        _ when cancel.IsCancellationRequested => "was left when the program was told to stop.",
        _ when limit.IsCancellationRequested => "did not answer in time.",
        SocketException { SocketErrorCode: var code } => $"cannot be reached ({code}).",
        SslHandshakeException { ServerCertificate: not null } => $"shows no certificate that this machine trusts for {settings.Host}. {e.InnerException?.Message}",
        SslHandshakeException => $"did not make the connection secure. {e.InnerException?.Message}",
        _ => $"broke off before the mail was through. {e.Message}",
    };

    /// <summary>2 success, 3 continue, 4 temporary failure, 5 permanent failure.</summary>
    private static int Kind(SmtpStatusCode code) => (int)code / 100;

    /// <summary>A response as one line of bounded length.</summary>
    private static string Shorten(SmtpStatusCode code, string text)
    {
        const int Longest = 200;
        var clean = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return string.Create(CultureInfo.InvariantCulture, $"{(int)code} {(clean.Length <= Longest ? clean : clean[..Longest] + "…")}").TrimEnd();
    }

    /// <summary>Calls back once when the last octet of the mail was written, though perhaps not yet sent.</summary>
    private sealed class SendProgress(Action completed) : ITransferProgress
    {
        public bool IsComplete { get; private set; }

        public void Report(long bytesTransferred, long totalSize)
        {
            if (bytesTransferred >= totalSize && !IsComplete)
            {
                IsComplete = true;
                completed();
            }
        }

        public void Report(long bytesTransferred) => Report(bytesTransferred, 0);
    }
}

/// <summary>How the connection to the relay is secured.</summary>
public enum SmtpSecurity
{
    /// <summary>Not at all; no password is sent.</summary>
    None,

    /// <summary>By STARTTLS (RFC 3207), which is required.</summary>
    StartTls,

    /// <summary>Implicit TLS (RFC 8314).</summary>
    Tls,
}

/// <param name="User">Null if the relay needs no sign-in.</param>
public sealed record SmtpSettings(string Host, int Port, SmtpSecurity Security, string? User, string? Password, string From)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>Ends a session with a server whose response does not end. Logs nothing.</summary>
internal sealed class ResponseSizeLimit : IProtocolLogger
{
    private const int MaxOctets = 8 * 1024;

    private int octets;

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        // Not logged.
    }

    public void LogClient(byte[] buffer, int offset, int count) => octets = 0;

    public void LogServer(byte[] buffer, int offset, int count)
    {
        octets += count;
        if (octets > MaxOctets)
            throw new SmtpProtocolException("Its answer does not end.");
    }

    public void Dispose()
    {
        // Nothing is open.
    }
}
