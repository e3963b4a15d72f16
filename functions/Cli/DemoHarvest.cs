using System.Globalization;
using System.Runtime.CompilerServices;
using ContributionIngest.Core;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Demo;

namespace ContributionIngest.Functions.Cli;

/// <summary>Fills the demo ledger: connects the blogs, harvests them, changes them, and harvests them again.</summary>
internal sealed class DemoHarvest(
    World world, string person, TextWriter output, ConnectionService connecting, ConnectionStore connections, LedgerReader ledger, HarvestReports reports, TimeProvider clock)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <returns>The revised entries.</returns>
    /// <exception cref="StartupException">A blog was not harvested.</exception>
    public async Task<IReadOnlyList<RevisedPost>> HarvestAsync(CancellationToken cancel)
    {
        var before = new List<ConnectionSnapshot>();
        foreach (var site in world.Sites)
        {
            var (connected, _) = await connecting.ConnectAsync(person, site.Source, site.Typed, site.Options, null, cancel);
            output.WriteLine($"  connected  {Name(connected)}: {site.About}");
            before.Add(connected with { State = connected.State with { Runs = 0 } });
        }

        var first = new List<ConnectionSnapshot>();
        await foreach (var after in EndedAsync(before, cancel))
        {
            var only = after.Connection.Options.ContainsKey("author") ? $", only what {world.Person.Name} wrote there" : "";
            var count = await ledger.ConnectionCountAsync(person, after.Connection.Id, cancel);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  harvested  {count} from {Name(after)}{only}"));
            first.Add(after);
        }

        world.Revise();
        foreach (var known in first)
            await connecting.HarvestNowAsync(person, known.Connection.Id, cancel);
        var revised = new List<RevisedPost>();
        await foreach (var after in EndedAsync(first, cancel))
        {
            // A run without changes writes no report.
            var last = (await reports.NewestAsync(person, after.Connection.Id, 1, cancel))[0];
            if (last.Revised.Count > 0)
                output.WriteLine($"  revised    {last.Revised.Count} on {after.Connection.Title}, which has changed since and was harvested again");
            revised.AddRange(last.Revised.Select(id => new RevisedPost(id, after.Connection.Title!)));
        }

        return revised;
    }

    private static string? Name(ConnectionSnapshot connected) => connected.Connection switch
    {
        { Source: "feed" or "meetup" } named => named.Title,
        var named => $"{named.Title} on {(named.Source == "github" ? "GitHub" : "YouTube")}",
    };

    /// <summary>Yields each connection when its next run has ended.</summary>
    private async IAsyncEnumerable<ConnectionSnapshot> EndedAsync(
        IReadOnlyList<ConnectionSnapshot> before, [EnumeratorCancellation] CancellationToken cancel)
    {
        var waiting = before.ToDictionary(c => c.Connection.Id, c => c.State.Runs, StringComparer.Ordinal);
        var start = clock.GetTimestamp();
        while (waiting.Count > 0)
        {
            foreach (var now in await connections.ListAsync(person, cancel))
            {
                if (!waiting.TryGetValue(now.Connection.Id, out var runs) || now.State.Lease is not null || now.State.Runs <= runs)
                    continue;
                if (now.State.Problem is { } problem)
                    throw new StartupException([$"The demo cannot harvest {now.Connection.Title}: {problem.Message}"]);
                waiting.Remove(now.Connection.Id);
                yield return now;
            }

            if (clock.GetElapsedTime(start) > Patience)
                throw new StartupException(["The demo gave up waiting for its own harvest; the lines above may say why."]);
            await Task.Delay(Glance, clock, cancel);
        }
    }
}

/// <param name="Blog">Its title.</param>
internal sealed record RevisedPost(string Id, string Blog);
