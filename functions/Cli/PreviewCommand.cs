using System.CommandLine;
using System.Globalization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Functions.Configuration;

namespace ContributionIngest.Functions.Cli;

/// <summary><c>preview ADDRESS</c>: prints what a connection would harvest. Opens no store and writes nothing.</summary>
internal static class PreviewCommand
{
    private const int TitleWidth = 70;

    public static Command Create(Option<string[]> set)
    {
        var address = new Argument<string>("ADDRESS") { Description = "A page or feed, e.g. blog.example.com" };
        var source = new Option<string?>("--source") { Description = "Which kind of place it is; by its host where this is not given.", DefaultValueFactory = _ => null };
        var command = new Command("preview", "Prints what would be harvested from an address, and writes nothing.") { address, source };
        command.SetAction((parsed, cancel) => RunAsync(
            CommandSettings.Settings(parsed.GetValue(set)), parsed.GetValue(source), parsed.GetValue(address)!, cancel));
        return command;
    }

    private static async Task<int> RunAsync(Settings settings, string? source, string typed, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        using var fetcher = SourceList.Fetcher(settings, GuardedHandler.Create(new AddressPolicy(settings.AllowNetworks)), clock);
        try
        {
            var catalog = SourceList.Of(fetcher, clock, settings.Sources);
            var reader = source is null ? catalog.FindByHost(typed) ?? catalog.Get("feed") : catalog.Get(source);
            var place = await reader.ResolveAsync(typed, Credentials.None, cancel);
            Console.WriteLine($"{place.Title ?? place.Origin}");
            Console.WriteLine($"read from {place.Address}");
            var reading = new SourceRequest(place.Origin, place.Address, null, new Dictionary<string, string>(StringComparer.Ordinal), Credentials.None);
            var count = 0;
            await foreach (var page in reader.ReadAsync(reading, cancel).WithCancellation(cancel))
                count += Print(page, clock.GetUtcNow());
            Console.WriteLine($"{count} would be harvested. Nothing was written.");
            return 0;
        }
        catch (SourceException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static int Print(SourcePage page, DateTimeOffset now)
    {
        foreach (var draft in page.Drafts.Select(d => Normaliser.Normalise(d, now)))
        {
            var when = draft.When?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "no date   ";
            var title = Normaliser.Text(draft.Title ?? draft.Summary ?? draft.Url, TitleWidth) ?? "untitled";
            Console.WriteLine($"  {when}  {EnumText<Kind>.Of(draft.Kind),-14}  {title}");
        }

        foreach (var repair in page.Repairs)
            Console.WriteLine($"  repaired: {repair.What} × {repair.Count}{(repair.Detail is null ? string.Empty : $" ({repair.Detail})")}");
        if (page.Coverage is { Reason: { } reason })
            Console.WriteLine($"  {reason}");
        return page.Drafts.Count;
    }
}
