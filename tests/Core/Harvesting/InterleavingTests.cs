using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Two connections that show the same posts in slightly different words.</summary>
public sealed class InterleavingTests
{
    private const string Blog = "https://one.example/feed.xml";
    private const string Mirror = "https://two.example/feed.xml";

    /// <summary>A run of harvests: which of the two, and which of the posts each shows by then.</summary>
    private sealed record Turn(bool IsMirror, int Shown);

    [Fact]
    public void Any_interleaving_yields_one_contribution_with_two_sightings_and_then_no_more_writes()
    {
        var turn = Gen.Choose(1, 8).SelectMany(shown => Gen.Elements(true, false).Select(isMirror => new Turn(isMirror, shown)));
        var scenario = turn.ListOf().Select(turns => turns.Take(8).ToArray());
        Prop.ForAll(scenario.ToArbitrary(), turns => CheckAsync(turns).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static async Task<bool> CheckAsync(Turn[] turns)
    {
        var blogs = new Blogs();
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var ids = new Dictionary<bool, string>();
        foreach (var turn in turns.Append(new Turn(false, 8)).Append(new Turn(true, 8)))
        {
            Show(blogs, turn);
            var address = turn.IsMirror ? Mirror : Blog;
            if (ids.TryGetValue(turn.IsMirror, out var id))
                await app.HarvestAsync(id);
            else
                ids[turn.IsMirror] = await app.ConnectAsync(address);
        }

        Assert.Empty(app.Failures);
        var ledger = await app.LedgerAsync();
        Assert.Equal(8, ledger.Count);
        Assert.All(ledger, entry => Assert.Equal(2, entry.GetProperty("sightings").GetArrayLength()));
        await AssertCountsAsync(app);

        var before = await app.DumpAsync("ledger");
        await app.HarvestAsync(ids[true]);
        await app.HarvestAsync(ids[false]);
        await app.HarvestAsync(ids[true]);
        Assert.Equal(before, await app.DumpAsync("ledger"));
        return true;
    }

    private static void Show(Blogs blogs, Turn turn)
    {
        var posts = Enumerable.Range(1, turn.Shown).Select(n => Blogs.Post(n));
        if (turn.IsMirror)
        {
            posts = posts.Select(p => p with
            {
                Guid = "mirror-" + p.Guid,
                Title = p.Title + " (mirror)",
                Link = p.Link + "?utm_source=mirror",
                Date = p.Date!.Value.AddMinutes(7),
                Summary = "Seen elsewhere.",
            });
        }

        blogs.Rss(turn.IsMirror ? Mirror : Blog, posts, turn.IsMirror ? "Two" : "One");
    }

    /// <summary>The counts that are kept equal the counts of the entries, once a recount that was begun has ended.</summary>
    internal static async Task AssertCountsAsync(AppFixture app)
    {
        var reader = app.App.Services.GetRequiredService<LedgerReader>();
        var person = (await app.App.Services.GetRequiredService<ContributionIngest.Functions.Api.Account.Owner>().FindAsync(CancellationToken.None))!.Id;
        var rebuilder = app.App.Services.GetRequiredService<RollupRebuilder>();
        await rebuilder.FinishAsync(person, CancellationToken.None);
        var kept = new SortedDictionary<DateOnly, MonthRollup>();
        await foreach (var (first, month) in reader.MonthsAsync(person, DateOnly.MinValue, DateOnly.MaxValue, CancellationToken.None))
            kept[first] = month;
        var expected = await rebuilder.ExpectedAsync(person, CancellationToken.None);
        Assert.Equal(Text(expected), Text(kept));
    }

    private static string Text(SortedDictionary<DateOnly, MonthRollup> months) =>
        string.Join('\n', months.Select(m => $"{m.Key} {JsonSerializer.Serialize(m.Value, LedgerJson.Default.MonthRollup)}"));
}
