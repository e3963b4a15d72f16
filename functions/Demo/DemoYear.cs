using System.Globalization;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Demo;

/// <summary>The person's year goes into the ledger: blogs are connected, harvested, change, and are harvested again.</summary>
internal sealed class DemoYear(Connecting connecting, ConnectionStore connections, Reports reports, string person, TextWriter output)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    /// <returns>Ids of the entries that were revised.</returns>
    public async Task<IReadOnlyList<string>> Harvest(World world, WorldSite site, CancellationToken cancel)
    {
        var before = new List<Connected>();
        foreach (var blog in world.Blogs)
        {
            var options = new Dictionary<string, string>(StringComparer.Ordinal);
            if (blog.IsShared)
                options["author"] = world.Person.Name;
            var (connected, _) = await connecting.Connect(person, "feed", site.Page(blog).AbsoluteUri, options, cancel);
            output.WriteLine($"  connected {blog.Title}, {blog.About}");
            before.Add(connected);
        }

        var first = new List<Connected>();
        await foreach (var after in Ended(before.ConvertAll(c => c with { State = c.State with { Runs = 0 } }), cancel))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  harvested {after.State.Contributions} from {after.Connection.Title}{Trouble(after)}"));
            first.Add(after);
        }

        world.Revise();
        foreach (var known in first)
            await connecting.HarvestNow(person, known.Connection.Id, cancel);
        var revised = new List<string>();
        await foreach (var after in Ended(first, cancel))
        {
            // A run that changed nothing leaves no report.
            var last = (await reports.Newest(person, after.Connection.Id, 1, cancel))[0];
            if (last.Revised.Count == 0)
                continue;
            output.WriteLine($"  harvested {after.Connection.Title} again: a post had changed there and has a second revision");
            revised.AddRange(last.Revised);
        }

        return revised;
    }

    /// <summary>Each connection once a run more of it has ended.</summary>
    private async IAsyncEnumerable<Connected> Ended(
        IReadOnlyList<Connected> before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var waiting = before.ToDictionary(c => c.Connection.Id, c => c.State.Runs, StringComparer.Ordinal);
        while (waiting.Count > 0)
        {
            foreach (var now in await connections.List(person, cancel))
            {
                if (waiting.TryGetValue(now.Connection.Id, out var runs) && now.State is { Lease: null, Backfilling: false } && now.State.Runs > runs)
                {
                    waiting.Remove(now.Connection.Id);
                    yield return now;
                }
            }

            await Task.Delay(Glance, TimeProvider.System, cancel);
        }
    }

    private static string Trouble(Connected connected) => connected.State.Problem is { } problem ? $": {problem.Message}" : "";
}
