using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Maintenance;

/// <summary>The night's work comes to everyone, in short slices, whatever ends a process or fails for one person.</summary>
public sealed class NightTests
{
    /// <summary>They fill two slices, and begin a third.</summary>
    private const int People = (2 * MaintenanceRun.PeoplePerSlice) + 1;

    private static readonly TriggeredFunction Slice = TriggeredFunction.Named("RunMaintenance");

    [Fact]
    public async Task Everyone_is_reached_in_slices_of_bounded_length_although_a_process_dies_in_each_of_them()
    {
        await using var app = await StartAsync();
        await app.CallAsync("Prune");
        var (most, deaths) = (0, new HashSet<string>(StringComparer.Ordinal));
        while (await app.Store.Queue.ReceiveAsync(MaintenanceMessage.Queue, 1, TimeSpan.FromMinutes(1), default) is [var message])
        {
            // The first time that a message of its kind comes, the store goes away in the middle.
            app.Table.Forget();
            app.Table.BreakIn = deaths.Add(message.Body[..Math.Min(message.Body.Length, 18)]) ? 0 : null;
            var isBroken = app.Table.BreakIn is not null;
            try
            {
                await Slice.RunAsync(app.App.Services, message.Body, default);
                await app.Store.Queue.DeleteAsync(MaintenanceMessage.Queue, message, default);
            }
            catch (StoreUnavailableException) when (isBroken)
            {
                app.Clock.Advance(TimeSpan.FromMinutes(1));
            }

            app.Table.BreakIn = null;
            most = Math.Max(most, app.Table.Operations.Count);
        }

        Assert.Equal(People, await ScheduledAsync(app));
        Assert.InRange(most, 1, 12);
        Assert.True(deaths.Count >= 3);
    }

    [Fact]
    public async Task Person_whose_maintenance_fails_is_shown_to_the_operator_and_keeps_it_from_nobody_else()
    {
        await using var app = await StartAsync();
        var people = await app.App.Services.GetRequiredService<PeopleStore>().AllAsync(default);
        var person = people[People / 2];
        var row = (await app.Store.Table.GetAsync("people", person, "p", default))!;
        await app.Store.Table.WriteAsync("people", TableWrite.Put(row with { Values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["doc"] = "{"u8.ToArray() } }), default);
        await app.MaintainAsync();
        Assert.Equal(People - 1, await ScheduledAsync(app));

        await app.DrainAsync();
        var poisoned = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal("maintenance", poisoned.GetProperty("queue").GetString());
        using var body = JsonDocument.Parse(poisoned.GetProperty("body").GetString()!);
        Assert.Equal(("person", person), (body.RootElement.GetProperty("task").GetString(), body.RootElement.GetProperty("person").GetString()));

        await app.Store.Table.WriteAsync("people", TableWrite.Put(row), default);
        await app.PostAsync($"/status/poisoned/{poisoned.GetProperty("id").GetString()}/replay", "{}");
        await app.DrainAsync();
        Assert.Equal(People, await ScheduledAsync(app));
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("pushes")]
    public async Task Expired_blobs_are_deleted_a_thousand_at_a_time_until_none_is_left(string container)
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        for (var blob = 0; blob < 1001; blob++)
            await app.Store.Blobs.PutAsync(container, $"20260101/{blob}", Encoding.UTF8.GetBytes("old"), default);
        await app.Store.Blobs.PutAsync(container, "20260601/new", Encoding.UTF8.GetBytes("new"), default);
        await app.CallAsync("Prune");
        foreach (var message in await app.Store.Queue.ReceiveAsync(MaintenanceMessage.Queue, 32, TimeSpan.FromMinutes(1), default))
        {
            await Slice.RunAsync(app.App.Services, message.Body, default);
            await app.Store.Queue.DeleteAsync(MaintenanceMessage.Queue, message, default);
        }

        Assert.Equal(2, await app.Store.Blobs.ListAsync(container, "", default).CountAsync());
        await app.DrainAsync();
        Assert.Equal("20260601/new", Assert.Single(await app.Store.Blobs.ListAsync(container, "", default).ToListAsync()));
    }

    /// <summary>The owner and others, none of whom has a digest scheduled.</summary>
    private static async Task<AppFixture> StartAsync()
    {
        var app = await AppFixture.StartAsync(new ScriptedWeb());
        var people = app.App.Services.GetRequiredService<PeopleStore>();
        for (var person = 1; person < People; person++)
            await people.CreateAsync((id, at) => new Person { Id = id, Since = at }, default);
        return app;
    }

    /// <summary>How many have a digest scheduled: the night repairs that.</summary>
    private static async Task<int> ScheduledAsync(AppFixture app)
    {
        var people = new HashSet<string>(StringComparer.Ordinal);
        for (var shard = 0; shard < DueIndex.Shards; shard++)
            people.UnionWith((await new DueIndex(app.Store.Table).DueByAsync(DueIndex.Digest, shard, app.Clock.GetUtcNow().AddDays(8), default)).Select(row => row.Due.Person));
        return people.Count;
    }
}
