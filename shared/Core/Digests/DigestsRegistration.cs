using ContributionIngest.Core.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Digests;

public static class DigestsRegistration
{
    /// <summary>Registers digests and their mail. Needs <see cref="MailPace"/>, <see cref="MailIdentity"/>, <see cref="DigestMailHtml"/>, <see cref="RevisedEntries"/> and, to send mail, <see cref="Mail.IMail"/>.</summary>
    public static IServiceCollection AddDigests(this IServiceCollection services) => services
        .AddSingleton<DigestStore>()
        .AddSingleton<DigestPlanner>()
        .AddSingleton<DigestReader>()
        .AddSingleton<DigestRun>()
        .AddSingleton<DigestMailer>()
        .AddSingleton<DigestMaintenance>()
        .AddSingleton<SendAttempts>()
        .AddSingleton<MailTurns>()
        .AddSingleton<MailQueue>()
        .AddSingleton<UnmailedDigests>()
        .AddSingleton<SignedLinks>();
}
