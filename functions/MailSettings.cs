using ContributionIngest.Drivers.Mail;

namespace ContributionIngest.Functions;

/// <summary>How mail leaves.</summary>
/// <param name="Smtp">Null: alone, mail is dropped into the data folder; on Azure storage, none is sent.</param>
/// <param name="PerHour">Of the whole installation.</param>
public sealed record MailSettings(SmtpSettings? Smtp, int PerHour)
{
    private const int Submission = 587;
    private const int MostPort = 65_535;

    internal static MailSettings Read(SettingReader reader)
    {
        var (host, from) = (reader.Line("Smtp__Host"), reader.Email("Smtp__From"));
        var (port, startTls) = (reader.Count("Smtp__Port", Submission, 1, MostPort), reader.Flag("Smtp__StartTls", fallback: true));
        var (user, password) = (reader.Line("Smtp__User"), reader.Line("Smtp__Password"));
        if (host is not null && from is null)
            reader.Fault("Smtp__Host is set without Smtp__From, the address that mail is sent from.");
        if (user is not null && !startTls)
            reader.Fault("Smtp__User is set while Smtp__StartTls is false; a password is sent over a secure connection only.");
        var perHour = reader.Count("MailPerHour", 90, 1, 1_000_000);
        return new MailSettings(host is null || from is null ? null : new SmtpSettings(host, port, startTls, user, password, from), perHour);
    }
}
