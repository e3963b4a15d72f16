using System.Text;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Core.Sources.Meetup;
using ContributionIngest.Core.Sources.YouTube;
using ContributionIngest.Drivers.Mail;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Addresses and credentials of the providers. Every address can be replaced, by an Enterprise server or a test.</summary>
/// <param name="GitHubApp">Null if no app is configured.</param>
/// <param name="Clients">The providers at which people connect their accounts.</param>
public sealed record SourceSettings(GitHubOptions GitHub, YouTubeOptions YouTube, MeetupOptions Meetup, GitHubAppSettings? GitHubApp, OAuthClients Clients)
{
    private const int QuotaOfAKey = 10_000;

    internal static SourceSettings Read(SettingReader reader) => new(
        new GitHubOptions(
            reader.Url("GitHubApi", "https://api.github.com"), reader.Url("GitHubSite", "https://github.com"), reader.Line("GitHubToken")),
        new YouTubeOptions(
            reader.Url("YouTubeApi", "https://www.googleapis.com/youtube/v3"),
            reader.Url("YouTubeSite", "https://www.youtube.com"),
            reader.Url("YouTubeHub", "https://pubsubhubbub.appspot.com/subscribe"),
            reader.Line("YouTubeKey"),
            reader.Count("YouTubeDailyUnits", QuotaOfAKey, 10, 100_000_000)),
        new MeetupOptions(
            reader.Url("MeetupApi", "https://api.meetup.com/gql-ext"), reader.Url("MeetupSite", "https://www.meetup.com"), reader.Line("MeetupToken")),
        GitHubAppSettings.Read(reader),
        OAuthSettings.Read(reader));
}

/// <summary>The operator's GitHub App. Its webhook delivers everyone's pull requests in the repositories it is installed on.</summary>
/// <param name="HookSecret">The secret that GitHub signs deliveries with.</param>
/// <param name="Id">The app's id and, in <paramref name="Key"/>, its private key (PEM, line breaks as <c>\n</c>), for requesting redelivery. Null disables that.</param>
public sealed record GitHubAppSettings(string HookSecret, string? Id, string? Key)
{
    internal static GitHubAppSettings? Read(SettingReader reader)
    {
        var (secret, id, key) = (reader.Line("GitHubHookSecret"), reader.Line("GitHubAppId"), reader.Line("GitHubAppKey"));
        if ((id is null) != (key is null))
            reader.Fault("GitHubAppId and GitHubAppKey belong together; one of them is missing.");
        if (id is not null && secret is null)
            reader.Fault("GitHubAppId is set without GitHubHookSecret, which the app's deliveries are signed with.");
        key = key?.Replace("\\n", "\n", StringComparison.Ordinal);
        if (id is not null && !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '.'))
            reader.Fault($"GitHubAppId is '{id}', allowed is the id of a GitHub App: digits, or a client id such as Iv1.0123456789abcdef.");
        if (key is not null && !AppToken.IsKey(key))
            reader.Fault("GitHubAppKey is no private key, allowed is the PEM file that GitHub made for the app, on one line with \\n for its line breaks.");
        return secret is null ? null : new GitHubAppSettings(secret, id, key);
    }

    /// <summary>Without secrets.</summary>
    public override string ToString() => $"app {Id}";
}

/// <summary>How mail is sent. Without a relay it goes to the outbox of the embedded store; on Azure storage, none is sent.</summary>
/// <param name="Smtp">Null unless mail is sent by SMTP.</param>
/// <param name="Communication">Null unless mail is sent by Azure Communication Services.</param>
/// <param name="PerHour">For the whole installation.</param>
public sealed record MailSettings(SmtpSettings? Smtp, CommunicationMailSettings? Communication, int PerHour)
{
    /// <summary>How mail is turned on, in a sentence.</summary>
    public const string HowToTurnOn = "Set Smtp__Host and Smtp__From, or Mail__Endpoint and Mail__From; infra/README.md says how on Azure.";

    private const int Submission = 587;
    private const int ImplicitTls = 465;
    private const int MaxPort = 65_535;

    internal static MailSettings Read(SettingReader reader)
    {
        var (host, from, security) = (reader.Line("Smtp__Host"), reader.Email("Smtp__From"), Security(reader));
        var port = reader.Count("Smtp__Port", security == SmtpSecurity.Tls ? ImplicitTls : Submission, 1, MaxPort);
        var (user, password) = (reader.Line("Smtp__User"), reader.Line("Smtp__Password"));
        if (host is not null && Uri.CheckHostName(host) == UriHostNameType.Unknown)
            reader.Fault($"Smtp__Host is '{host}', allowed is the name or address of a host, without a port.");
        if (host is not null && from is null)
            reader.Fault("Smtp__Host is set without Smtp__From, the address that mail is sent from.");
        if (from is not null && !Ascii.IsValid(from.AsSpan(0, from.LastIndexOf('@'))))
            reader.Fault($"Smtp__From is '{from}', allowed before the @ are ASCII letters, digits and signs only: most mail servers refuse others.");
        if (port == ImplicitTls && security != SmtpSecurity.Tls)
            reader.Fault($"Smtp__Port is {ImplicitTls}, where TLS starts with the connection: set Smtp__Security to tls, or use port {Submission}.");
        if (user is not null && security == SmtpSecurity.None)
            reader.Fault("Smtp__User is set while Smtp__Security is none; a password is sent over a secure connection only.");
        var perHour = reader.Count("MailPerHour", 90, 1, 1_000_000);
        var communication = Azure(reader);
        if (host is not null && communication is not null)
            reader.Fault("Smtp__Host and Mail__Endpoint are both set; one of them sends the mail.");
        return new MailSettings(host is null || from is null ? null : new SmtpSettings(host, port, security, user, password, from), communication, perHour);
    }

    /// <summary>Whether mail leaves this machine.</summary>
    public bool HasRelay => Smtp is not null || Communication is not null;

    private static CommunicationMailSettings? Azure(SettingReader reader)
    {
        var (endpoint, from) = (reader.Url("Mail__Endpoint"), reader.Email("Mail__From"));
        if (endpoint is not null && from is null)
            reader.Fault("Mail__Endpoint is set without Mail__From, the address that mail is sent from.");
        if (endpoint is not null && endpoint.Scheme != Uri.UriSchemeHttps)
            reader.Fault($"Mail__Endpoint is '{endpoint}', allowed is an https address: a token is sent to it.");
        return endpoint is null || from is null ? null : new CommunicationMailSettings(endpoint, from);
    }

    /// <summary><c>Smtp__StartTls</c> is the older form of two of the values. It applies if <c>Smtp__Security</c> is not set.</summary>
    private static SmtpSecurity Security(SettingReader reader)
    {
        var older = reader.Flag("Smtp__StartTls", fallback: true) ? SmtpSecurity.StartTls : SmtpSecurity.None;
        return reader.Choice<SmtpSecurity>("Smtp__Security") ?? older;
    }
}
