using System.CommandLine;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Cli;

/// <summary><c>secrets rotate</c>: new keys protect what is secret from now on; what was protected before stays readable.</summary>
internal static class SecretsCommand
{
    /// <summary>Other instances read the ring once a day; a key must not be used before all of them know it.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromDays(2);

    public static Command Create(Option<string[]> set)
    {
        var rotate = new Command("rotate", "Makes new keys for what is secret in the store. An embedded store's server must be stopped.");
        rotate.SetAction((parsed, cancel) => RotateAsync(CommandSettings.Settings(parsed.GetValue(set)), cancel));
        return new Command("secrets", "Keys that protect tokens, hook secrets, sessions and links.") { rotate };
    }

    private static async Task<int> RotateAsync(Settings settings, CancellationToken cancel)
    {
        if (settings.Storage is not null && settings.SecretKeys.Keys.Count == 0)
        {
            Console.Error.WriteLine("SecretKeys is not set, so the key that protects all others is kept beside the data. Set it to a new key, as 'openssl rand -base64 32' makes one, and repeat this.");
            return 1;
        }

        var clock = TimeProvider.System;
        var stores = Stores.Open(settings, clock);
        using var store = stores.Owner;
        var keys = settings.Storage is null && settings.SecretKeys.Keys.Count == 0 ? SecretKeyFile.Rotate(settings.Data)
            : settings.Storage is null ? SecretKeyFile.Complete(settings.SecretKeys, settings.Data)
            : settings.SecretKeys;
        await KeyRing.RotateAsync(stores.Blobs, new SecretEnvelopes(stores.Blobs, keys), clock, settings.Storage is null ? TimeSpan.Zero : Spread, cancel);
        Console.WriteLine(settings.Storage is null
            ? "New keys protect what is secret from now on. What was protected before stays readable."
            : "The key ring is protected with the first key of SecretKeys. A new key of the ring protects what is secret from in two days on, when all instances know it. Leave the former keys in SecretKeys if an earlier version ran on this store: its links, and what nobody wrote since, need them.");
        return 0;
    }
}
