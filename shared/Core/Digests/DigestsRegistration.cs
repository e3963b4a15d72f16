using ContributionIngest.Core.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Digests;

public static class DigestsRegistration
{
    /// <summary>Digests and their mail: needs <see cref="MailPace"/>, <see cref="MailIdentity"/>, <see cref="RevisedEntries"/> and, where mail is sent, <see cref="Mail.IMail"/>.</summary>
    public static IServiceCollection AddDigests(this IServiceCollection services) => services
        .AddSingleton<DigestStore>()
        .AddSingleton<DigestPlanner>()
        .AddSingleton<DigestReader>()
        .AddSingleton<DigestRun>()
        .AddSingleton<DigestMailer>()
        .AddSingleton<DigestMaintenance>()
        .AddSingleton<SendAttempts>()
        .AddSingleton<MailQueue>()
        .AddSingleton<SignedLinks>();
}
