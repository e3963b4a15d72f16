using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Push;

public static class PushRegistration
{
    /// <summary>WebSub and webhooks: needs <see cref="PushOptions"/>, <see cref="WebhookOptions"/> and what it stands on.</summary>
    public static IServiceCollection AddPush(this IServiceCollection services) => services
        .AddSingleton<Hub>()
        .AddSingleton<SubscriptionStore>()
        .AddSingleton<Subscriptions>()
        .AddSingleton<SubscriptionRenewal>()
        .AddSingleton<WebSubReceiver>()
        .AddSingleton<WebhookStore>()
        .AddSingleton<PersonalWebhooks>()
        .AddSingleton<WebhookReceiver>()
        .AddSingleton<PushBodyStore>()
        .AddSingleton<DiscardedDeliveries>();
}
