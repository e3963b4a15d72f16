using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Mail;

/// <param name="StartTls">Refuses to send over a connection that does not become secure.</param>
/// <param name="User">Null where the relay wants nobody to sign in.</param>
public sealed record SmtpSettings(string Host, int Port, bool StartTls, string? User, string? Password, string From)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>Any SMTP relay (RFC 5321), STARTTLS (RFC 3207) and sign-in (RFC 4954) included.</summary>
public sealed class SmtpMail(SmtpSettings settings) : IMail
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task<MailResult> Send(Letter letter, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using var message = LetterMessage.Of(letter, new MailAddress(settings.From, "ContributionIngest"));
            using var client = new SmtpClient(settings.Host, settings.Port) { EnableSsl = settings.StartTls };
            if (settings.User is { } user)
                client.Credentials = new NetworkCredential(user, settings.Password);
            await client.SendMailAsync(message, either.Token);
            return new MailResult(MailOutcome.Accepted);
        }
        catch (FormatException)
        {
            return new MailResult(MailOutcome.NoSuchAddress, "What stands there is no mail address.");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new MailResult(MailOutcome.Unknown, $"{settings} did not answer within {Patience.TotalSeconds} seconds.");
        }
        catch (SmtpFailedRecipientException e)
        {
            return IsTemporary(e.StatusCode)
                ? new MailResult(MailOutcome.Temporary, $"{settings} does not take mail for this address now ({(int)e.StatusCode}).")
                : new MailResult(MailOutcome.NoSuchAddress, $"{settings} takes no mail for this address ({(int)e.StatusCode}).");
        }
        catch (SmtpException e)
        {
            return Failed(e);
        }
    }

    private MailResult Failed(SmtpException e) => e switch
    {
        // Nothing was said before there was a connection.
        { InnerException: SocketException } or { InnerException.InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound } } =>
            new MailResult(MailOutcome.Temporary, $"{settings} cannot be reached."),
        { StatusCode: SmtpStatusCode.GeneralFailure, InnerException: null } =>
            new MailResult(MailOutcome.Temporary, $"{settings} cannot be used as it is set: {FirstLine(e.Message)}"),
        { StatusCode: SmtpStatusCode.GeneralFailure } => new MailResult(MailOutcome.Unknown, $"The connection to {settings} broke off."),
        { StatusCode: SmtpStatusCode.MustIssueStartTlsFirst or SmtpStatusCode.ClientNotPermitted } =>
            new MailResult(MailOutcome.Temporary, $"{settings} wants a secure connection or a sign-in first ({(int)e.StatusCode})."),
        _ when IsTemporary(e.StatusCode) => new MailResult(MailOutcome.Temporary, $"{settings} does not take mail now ({(int)e.StatusCode})."),
        _ => new MailResult(MailOutcome.Permanent, $"{settings} refused the mail ({(int)e.StatusCode})."),
    };

    private static bool IsTemporary(SmtpStatusCode code) => (int)code is >= 400 and < 500;

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
