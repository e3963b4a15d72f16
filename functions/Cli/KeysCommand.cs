using System.CommandLine;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Cli;

/// <summary><c>keys new NAME</c>: creates another API key for the owner. <c>keys link</c>: prints a link that signs the owner in.</summary>
internal static class KeysCommand
{
    public static Command Create(Option<string[]> set)
    {
        var name = new Argument<string>("NAME") { Description = "What you will recognise it by." };
        var scope = new Option<string>("--scope")
        {
            Description = "What it may do: one or more of read, write, operate.",
            DefaultValueFactory = _ => "read,write,operate",
        };
        var create = new Command("new", "Makes an API key for the owner and prints it, once.") { name, scope };
        create.SetAction((parsed, cancel) =>
            NewAsync(CommandSettings.Settings(parsed.GetValue(set)), parsed.GetValue(name)!, parsed.GetValue(scope)!, cancel));
        var link = new Command("link", "Prints a link that signs the owner in once, within a day, in any browser. Nothing is served: an app that runs on the same store goes on. Give it the app's SecretKeys, if there are any, and its PublicUrl.");
        link.SetAction((parsed, cancel) => LinkAsync(CommandSettings.Settings(parsed.GetValue(set)), cancel));
        return new Command("keys", "API keys, and a way in for the owner.") { create, link };
    }

    private static async Task<int> LinkAsync(Settings settings, CancellationToken cancel)
    {
        if (settings.Storage is null && !SqliteStore.Exists(settings.Data))
        {
            await Console.Error.WriteLineAsync($"There is no store in {settings.Data}. Which one it is says the setting Data.");
            return 1;
        }

        var dependencies = AppDependencies.Of(settings);
        using var store = dependencies.Stores.Owner;
        await using var app = App.Build(settings, dependencies);
        if (!await app.Services.GetRequiredService<TravellingKeys>().AreReadableAsync(cancel))
        {
            await Console.Error.WriteLineAsync("The keys of what is secret in this store cannot all be read here. Set SecretKeys as the app has them.");
            return 1;
        }

        if (await app.Services.GetRequiredService<OwnerSignIn>().TokenAsync(cancel) is not { } token)
        {
            await Console.Error.WriteLineAsync("There is no operator here yet. The first start of a server makes one, and so does the set-up of a deployment.");
            return 1;
        }

        var site = settings.Site?.AbsoluteUri.TrimEnd('/');
        Console.WriteLine($"{site}/auth/link/{token}");
        if (site is null)
            await Console.Error.WriteLineAsync("Put the address of the app before it.");
        return 0;
    }

    private static async Task<int> NewAsync(Settings settings, string typed, string scopes, CancellationToken cancel)
    {
        if (Normaliser.Text(typed, 60) is not { } name || !ScopeConverter.TryParse(scopes, out var scope))
        {
            Console.Error.WriteLine("A key needs a name, and a scope of read, write and operate.");
            return 1;
        }

        var clock = TimeProvider.System;
        var isNew = settings.Storage is null && !Directory.Exists(settings.Data);
        var stores = Stores.Open(settings, clock);
        using var store = stores.Owner;
        var owner = new Owner(new OwnerOptions(settings.OwnerEmail, settings.OwnerZone), new PeopleStore(stores.Table, clock), new ApiKeys(stores.Table, clock), new DigestPlanner(stores.Table, stores.Queue, clock));
        if (await owner.NewKeyAsync(name, scope, cancel) is not { } secret)
        {
            Console.Error.WriteLine("There are people here but no operator, so there is nobody to make a key for.");
            return 1;
        }

        Console.WriteLine($"Authorization: Bearer {secret}");
        if (isNew)
            Console.Error.WriteLine($"There was no store in {settings.Data}; a new one was made, and the key is for that one.");
        return 0;
    }
}
