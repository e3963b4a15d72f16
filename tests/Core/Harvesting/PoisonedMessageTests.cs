using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Messages that failed too often.</summary>
public sealed class PoisonedMessageTests
{
    private const string Feed = "https://one.example/feed.xml";

    [Theory]
    [InlineData(999, 999)]
    [InlineData(998, 1000)]
    [InlineData(1200, 1000)]
    [InlineData(10, 112)]
    public async Task Long_message_is_shown_up_to_a_thousand_characters_none_of_them_halved(int before, int shown)
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var body = new string('a', before) + "\U0001F600" + new string('b', 100);

        await app.Store.Queue.PutAsync("harvest-poison", body, TimeSpan.Zero, default);
        await app.DrainAsync();

        var message = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal(body[..shown], message.GetProperty("body").GetString());
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Message_returns_to_its_queue_three_times_at_most(int returns, bool isHarvested)
    {
        var (app, id) = await StartAsync();
        await using var _ = app;
        var message = new HarvestMessage((await app.GetAsync("/me")).GetProperty("id").GetString()!, id) { Returns = returns };

        await app.Store.Queue.PutAsync("harvest-poison", JsonSerializer.Serialize(message, HarvestMessageJson.Default.HarvestMessage), TimeSpan.Zero, default);
        await app.DrainAsync();

        Assert.Equal(isHarvested ? 2 : 1, (await app.LedgerAsync()).Count);
        Assert.Equal(isHarvested ? 0 : 1, (await app.GetAsync("/status")).GetProperty("poisoned").GetArrayLength());
    }

    [Fact]
    public async Task Connection_with_a_poisoned_message_is_due_once_and_a_day_later()
    {
        var (app, id) = await StartAsync();
        await using var _ = app;
        var person = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var connections = app.App.Services.GetRequiredService<ConnectionStore>();
        await connections.ChangeStateAsync(person, id, state => state with { Faults = IQueue.MaximumAttempts }, default);

        await app.Store.Queue.PutAsync(
            "harvest-poison", JsonSerializer.Serialize(new HarvestMessage(person, id), HarvestMessageJson.Default.HarvestMessage), TimeSpan.Zero, default);
        await app.DrainAsync();

        var key = DueIndex.KeyAt(new Due(DueIndex.Harvest, person, id), app.Clock.GetUtcNow() + TimeSpan.FromDays(1));
        var row = Assert.Single(await app.DumpAsync("schedule"), row => row.Contains("|harvest|", StringComparison.Ordinal));
        Assert.Contains(key, row, StringComparison.Ordinal);
    }

    /// <summary>A blog with one post in the ledger and another one that is not harvested yet.</summary>
    private static async Task<(AppFixture App, string Connection)> StartAsync()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        return (app, id);
    }
}
