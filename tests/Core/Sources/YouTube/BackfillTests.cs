using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>A channel of 1,200 videos, read for the first time.</summary>
public sealed class BackfillTests(ITestOutputHelper output)
{
    private const int Many = 1200;

    [Fact]
    public async Task Long_history_is_read_completely_with_the_fewest_possible_requests()
    {
        var youtube = new ScriptedYouTube(Many);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);

        await app.ConnectAsync("@junaokvist", "youtube");

        Assert.Empty(app.Failures);
        await AssertAllAsync(app, youtube);

        // Which channel it is; each page, and what is on it.
        Assert.Equal(1 + (Many / 50 * 2), youtube.Calls.Count);
        var connection = (await app.GetAsync("/connections")).GetProperty("items")[0];
        Assert.True(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
        Assert.Equal("ok", connection.GetProperty("health").GetString());
    }

    [Fact]
    public async Task Errors_and_kills_anywhere_lose_and_duplicate_nothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var youtube = new ScriptedYouTube(Many);
        using var folder = new TemporaryFolder();
        var clock = new TestClock();
        var refusals = 2;
        youtube.Instead = call => call == "channels" ? null : random.Next(16) switch
        {
            0 => ScriptedWeb.Answer(HttpStatusCode.BadGateway),
            1 => Error(403, "rateLimitExceeded"),
            2 when call.Contains(' ', StringComparison.Ordinal) && refusals-- > 0 => Error(400, "invalidPageToken"),
            3 => ScriptedWeb.Answer(HttpStatusCode.OK, "{\"items\":[", "application/json"),
            _ => null,
        };
        var killed = new List<int>();
        for (var life = 0; life < 40; life++)
        {
            await using var app = await AppFixture.StartAsync(youtube.Web, clock, folder, With(units: 100_000));
            var known = (await app.LedgerAsync()).Count;
            var left = 1 + random.Next(30);
            app.Table.Step = () => app.Table.BreakIn = --left < 0 ? 0 : null;
            try
            {
                var id = await app.ConnectAsync("@junaokvist", "youtube");
                for (var look = 0; look < 3; look++)
                {
                    app.Clock.Advance(TimeSpan.FromMinutes(15));
                    await app.HarvestAsync(id);
                }
            }
            catch (InvalidOperationException)
            {
                // It was over before there was a connection.
            }

            app.Table.Step = () => { };
            if (left < 0 && known < Many)
                killed.Add(known);
        }

        output.WriteLine($"killed at {string.Join(", ", killed)}");
        Assert.InRange(killed.Count, 2, 40);
        youtube.Instead = _ => null;
        await using var final = await AppFixture.StartAsync(youtube.Web, clock, folder, With(units: 100_000));
        await final.HarvestAsync(await final.ConnectAsync("@junaokvist", "youtube"));
        await AssertAllAsync(final, youtube);
    }

    [Fact]
    public async Task Videos_deleted_while_older_pages_are_read_hide_no_others()
    {
        var youtube = new ScriptedYouTube(400);
        var page = 0;
        youtube.Instead = call =>
        {
            // Between any two pages something above is taken away, so that everything below moves up.
            if (call.StartsWith("playlistItems T", StringComparison.Ordinal) && page++ < 6)
                youtube.Films.RemoveRange(page, page % 3);
            return null;
        };
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);

        await app.ConnectAsync("@junaokvist", "youtube");

        var ids = (await app.LedgerAsync()).Select(Native).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(youtube.Films.Select(film => film.Id).Except(ids));
    }

    [Fact]
    public async Task Rejected_page_token_restarts_the_walk_and_one_that_is_always_rejected_ends_it()
    {
        var youtube = new ScriptedYouTube(120);
        var refusals = 1;
        youtube.Instead = call => call == "playlistItems T100" && refusals-- > 0 ? Error(400, "invalidPageToken", "youtube.parameter") : null;
        await using (var app = await AppFixture.StartAsync(youtube.Web, settings: Settings))
        {
            await app.ConnectAsync("@junaokvist", "youtube");
            await AssertAllAsync(app, youtube);
        }

        refusals = int.MaxValue;
        youtube.Count();
        await using (var app = await AppFixture.StartAsync(youtube.Web, settings: Settings))
        {
            await app.ConnectAsync("@junaokvist", "youtube");
            Assert.Equal(100, (await app.LedgerAsync()).Count);
            Assert.InRange(youtube.Count(), 10, 25);
            var coverage = (await app.GetAsync("/connections")).GetProperty("items")[0].GetProperty("coverage");
            Assert.False(coverage.GetProperty("complete").GetBoolean());
            Assert.Contains("stopped its list", coverage.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cursor_of_a_channel_with_20_000_videos_stays_short()
    {
        var youtube = new ScriptedYouTube(20_000, TimeSpan.FromHours(2));
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        using var fetcher = new ContributionIngest.Core.Http.Fetcher(youtube.Web, ContributionIngest.Core.Http.AddressPolicy.PublicOnly, app.Clock, "test/1");
        var source = ContributionIngest.Functions.Configuration.SourceList.Of(fetcher, app.Clock, Read(Settings)).Get("youtube");
        var reading = new ContributionIngest.Core.Sources.SourceRequest(Channel, "", null, new Dictionary<string, string>(StringComparer.Ordinal), ContributionIngest.Core.Sources.Credentials.None);
        var (longest, drafts) = (0, 0);
        ContributionIngest.Core.Model.Coverage? coverage = null;
        await foreach (var page in source.ReadAsync(reading, default))
        {
            longest = Math.Max(longest, page.Cursor.Length);
            drafts += page.Drafts.Count;
            coverage = page.Coverage ?? coverage;
        }

        Assert.Equal(20_000, drafts);
        Assert.InRange(longest, 1000, 30_000);
        Assert.Contains("20,000", coverage!.Reason, StringComparison.Ordinal);
    }

    internal static ContributionIngest.Functions.Configuration.SourceSettings Read(IReadOnlyDictionary<string, string?> settings) =>
        AppFixture.ReadSettings(settings).Sources;

    internal static string Native(System.Text.Json.JsonElement entry) => entry.GetProperty("url").GetString()!.Split("v=")[1];

    internal static async Task AssertAllAsync(AppFixture app, ScriptedYouTube youtube)
    {
        var ids = (await app.LedgerAsync()).Select(Native).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(youtube.Films.Select(film => film.Id).Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
    }
}
