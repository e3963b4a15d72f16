using ContributionIngest.Drivers.Mail;

namespace ContributionIngest.Functions;

/// <summary>How mail leaves.</summary>
/// <param name="Smtp">Null: alone, mail is dropped into the data folder; on Azure storage, none is sent.</param>
/// <param name="PerHour">Of the whole installation.</param>
public sealed record MailSettings(SmtpSettings? Smtp, int PerHour)
{
    private const int Submission = 587;
    private const int ImplicitTls = 465;
    private const int MostPort = 65_535;

    internal static MailSettings Read(SettingReader reader)
    {
        var (host, from, security) = (reader.Line("Smtp__Host"), reader.Email("Smtp__From"), Security(reader));
        var port = reader.Count("Smtp__Port", security == SmtpSecurity.Tls ? ImplicitTls : Submission, 1, MostPort);
        var (user, password) = (reader.Line("Smtp__User"), reader.Line("Smtp__Password"));
        if (host is not null && Uri.CheckHostName(host) == UriHostNameType.Unknown)
            reader.Fault($"Smtp__Host is '{host}', allowed is the name or address of a host, without a port.");
        if (host is not null && from is null)
            reader.Fault("Smtp__Host is set without Smtp__From, the address that mail is sent from.");
        if (user is not null && security == SmtpSecurity.None)
            reader.Fault("Smtp__User is set while Smtp__Security is none; a password is sent over a secure connection only.");
        var perHour = reader.Count("MailPerHour", 90, 1, 1_000_000);
        return new MailSettings(host is null || from is null ? null : new SmtpSettings(host, port, security, user, password, from), perHour);
    }

    /// <summary><c>Smtp__StartTls</c> is the older name of two of its values and counts where <c>Smtp__Security</c> is not set.</summary>
    private static SmtpSecurity Security(SettingReader reader)
    {
        var older = reader.Flag("Smtp__StartTls", fallback: true) ? SmtpSecurity.StartTls : SmtpSecurity.None;
        return reader.Choice<SmtpSecurity>("Smtp__Security") ?? older;
    }
}
