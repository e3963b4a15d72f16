using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <summary>Webhooks of people and their secrets.</summary>
public sealed class PersonalWebhooks(WebhookStore store, SecretProtector protector, TimeProvider clock)
{
    /// <summary>How long a secret is accepted after a newer one was made, so that no delivery in flight is lost.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    /// <summary>Bounds the cost of checking a signature.</summary>
    private const int MaxSecrets = 5;

    /// <summary>
    /// Creates the connection's hook, or gives an existing one a new secret. Of several requests that create it at once, all get the secret of the first.
    /// </summary>
    /// <returns>The hook, its secret, which is shown only now, and whether the hook existed.</returns>
    public Task<(Webhook Hook, string Secret, bool Existed)> MakeAsync(string person, Connection connection, CancellationToken cancel)
    {
        var secret = Identity.Random() + Identity.Random();
        return OptimisticRetry.RunAsync<(Webhook, string, bool)>(
            async () =>
            {
                if (await store.OfAsync(connection.Id, cancel) is { Hook: { } known }
                    && await store.ChangeAsync(known.Id, hook => RotateAsync(hook, secret, cancel), cancel) is { } rotated)
                    return new((rotated, secret, true));
                var id = Identity.Random();
                var hook = new Webhook
                {
                    Id = id,
                    Person = person,
                    Connection = connection.Id,
                    Origin = connection.Origin,
                    Since = clock.GetUtcNow(),
                    Secrets = [new WebhookSecret(protector.Protect(Purpose(id), secret))],
                };
                if (await store.CreateAsync(hook, cancel))
                    return new((hook, secret, false));
                return await store.OfAsync(connection.Id, cancel) is { Hook: { } faster } && await SecretsAsync(faster, cancel) is [var theirs, ..] ? new((faster, theirs, true)) : null;
            },
            clock,
            cancel);
    }

    public Task<WebhookEndpoint?> OfAsync(string connection, CancellationToken cancel) => store.OfAsync(connection, cancel);

    /// <summary>Until when an older secret is accepted as well; null if none is.</summary>
    public DateTimeOffset? FormerUntil(Webhook hook) => Current(hook).Skip(1).Max(secret => secret.Until);

    /// <summary>Deletes the hook; its secrets are no longer accepted. False if there was none.</summary>
    public Task<bool> EndAsync(string connection, CancellationToken cancel) => store.EndAsync(connection, cancel);

    /// <summary>The accepted secrets; none if their key is lost.</summary>
    public async Task<IReadOnlyList<string>> SecretsAsync(Webhook hook, CancellationToken cancel)
    {
        var secrets = new List<string>();
        foreach (var secret in Current(hook))
        {
            if (await protector.UnprotectAsync(Purpose(hook.Id), secret.Sealed, cancel) is { } opened)
                secrets.Add(opened);
        }

        return secrets;
    }

    private async Task<Webhook> RotateAsync(Webhook hook, string secret, CancellationToken cancel)
    {
        var until = clock.GetUtcNow() + Grace;
        var secrets = new List<WebhookSecret> { new(protector.Protect(Purpose(hook.Id), secret)) };
        foreach (var former in Current(hook).Take(MaxSecrets - 1))
        {
            if (await protector.UnprotectAsync(Purpose(hook.Id), former.Sealed, cancel) is { } opened)
                secrets.Add(new WebhookSecret(protector.Protect(Purpose(hook.Id), opened), former.Until ?? until));
        }

        return hook with { Secrets = secrets };
    }

    private IEnumerable<WebhookSecret> Current(Webhook hook) => hook.Secrets.Where(secret => secret.Until is null || secret.Until > clock.GetUtcNow());

    private static string Purpose(string id) => $"hook|{id}";
}
