using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Cli;

/// <summary>Without a command: serves and harvests until stopped.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string>? typed, CancellationToken cancel)
    {
        // The two halves of the startup are independent, so they run in parallel.
        var framework = Task.Run(App.Framework, CancellationToken.None);
        var settings = CommandSettings.Settings(typed);
        var dependencies = AppDependencies.Of(settings);
        using var store = dependencies.Stores.Owner;
        await using var app = App.Build(await framework, settings, dependencies);
        await using var stop = cancel.Register(app.Lifetime.StopApplication);
        await StandaloneServer.RunAsync(app, settings.Listen, () => GreetAsync(app, settings));
        return 0;
    }

    private static async Task GreetAsync(WebApplication app, Settings settings)
    {
        foreach (var hint in settings.Hints.Value)
            Console.WriteLine(hint);
        var key = await app.Services.GetRequiredService<Owner>().EnsureAsync(CancellationToken.None);
        var address = app.Urls.FirstOrDefault() ?? settings.Listen.ToString();
        Console.WriteLine($"ContributionIngest {ProductVersion.Text}");
        Console.WriteLine($"  open   {address}");
        Console.WriteLine($"  data   {settings.Data}");
        Console.WriteLine("  stop   Ctrl-C");
        if (await app.Services.GetRequiredService<OwnerSignIn>().TokenAsync(CancellationToken.None) is { } token)
        {
            Console.WriteLine();
            Console.WriteLine("To sign in, open this link; it works once, for a day:");
            Console.WriteLine($"  {address}/auth/link/{token}");
        }

        if (key is null)
            return;
        Console.WriteLine();
        Console.WriteLine("This is the first start. Your API key for programs, shown only now:");
        Console.WriteLine($"  KEY={key}");
        Console.WriteLine("Connect a blog with it:");
        Console.WriteLine(
            $"  curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{\"address\":\"YOUR-BLOG\"}}' {address}/api/connections");
    }
}
