using System.Globalization;
using ContributionIngest.Drivers.Mail;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>A process that sends one letter over a secure connection with a sign-in and says what became of it.</summary>
internal static class SendLetter
{
    public static async Task<int> RunAsync(string security, string port, string user, string password)
    {
        var settings = new SmtpSettings(
            MailServer.Host, int.Parse(port, CultureInfo.InvariantCulture), Enum.Parse<SmtpSecurity>(security), user, password, MailServer.From);
        var result = await new SmtpMail(settings, TimeProvider.System).SendAsync(Letters.Some, CancellationToken.None);
        await Console.Out.WriteLineAsync($"{result.Outcome} {result.Detail}");
        return 0;
    }
}
