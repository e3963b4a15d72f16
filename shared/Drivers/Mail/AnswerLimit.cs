using MailKit;
using MailKit.Net.Smtp;

namespace ContributionIngest.Drivers.Mail;

/// <summary>Ends a session with a server whose answer does not end. Nothing of what is said is kept.</summary>
internal sealed class AnswerLimit : IProtocolLogger
{
    private const int MostOctets = 8 * 1024;

    private int octets;

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        // Where it goes is known from the settings.
    }

    public void LogClient(byte[] buffer, int offset, int count) => octets = 0;

    public void LogServer(byte[] buffer, int offset, int count)
    {
        octets += count;
        if (octets > MostOctets)
            throw new SmtpProtocolException("Its answer does not end.");
    }

    public void Dispose()
    {
        // Nothing is open.
    }
}
