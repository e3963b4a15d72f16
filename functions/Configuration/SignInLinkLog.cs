using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Digests;

namespace ContributionIngest.Functions.Configuration;

/// <summary>
/// Prints sign-in links where the server was started, if its mail stays on the machine: who reads the terminal also reads the store.
/// </summary>
internal static partial class SignInLinkLog
{
    public static SignInOptions Options(Settings settings, bool isPrinted, IServiceProvider services)
    {
        var address = services.GetRequiredService<PublicAddress>();
        var host = services.GetRequiredService<DigestAddresses>().Host;
        Action<string, Uri>? made = null;
        if (isPrinted)
        {
            var logger = services.GetRequiredService<ILogger<SignInOptions>>();
            made = (email, link) => Log.Link(logger, email, link);
        }

        return new SignInOptions(
            host,
            token => address.Site is { } site ? new Uri($"{site.AbsoluteUri.TrimEnd('/')}/auth/link/{token}") : null,
            settings.IsRegistrationOpen,
            SignInAddresses.Normalise(settings.OwnerEmail),
            made);
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Information, "The link to sign in as {Email}, for 15 minutes: {Link}")]
        public static partial void Link(ILogger logger, string email, Uri link);
    }
}
