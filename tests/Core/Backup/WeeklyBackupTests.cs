using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>Every week a copy of everybody, beside the store.</summary>
public sealed class WeeklyBackupTests : IDisposable
{
    private static readonly Dictionary<string, string?> Azure = new(StringComparer.Ordinal) { ["Storage"] = "azure", ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true" };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Embedded_store_makes_none()
    {
        await using var app = await FilledStore.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Backup"] = "weekly" });
        await app.MaintainAsync();
        Assert.Empty(await CopiesAsync(app));
        Assert.False((await app.GetAsync("/status")).TryGetProperty("backup", out _));
    }

    [Fact]
    public async Task Copies_are_made_once_a_week_kept_for_five_weeks_and_restore_everybody()
    {
        await using var app = await FilledStore.StartAsync(settings: Azure);
        await FilledStore.FillAsync(app, people: 3, entries: 5);
        var rows = await FilledStore.DumpAsync(app.Store.Table, app.Store.Blobs);
        await app.MaintainAsync();
        var first = await CopiesAsync(app);
        var day = first[0].Split('/')[0];
        Assert.Equal(4 + 2, first.Count);
        var backup = (await app.GetAsync("/status")).GetProperty("backup");
        Assert.Equal((day, 4, 0, false), (backup.GetProperty("complete").GetProperty("day").GetString(), backup.GetProperty("complete").GetProperty("people").GetInt32(), backup.GetProperty("complete").GetProperty("failures").GetInt32(), backup.GetProperty("isLate").GetBoolean()));

        await app.MaintainAsync();
        Assert.Equal(first, await CopiesAsync(app));

        // Raw answers, and what could tell of people in what is about nobody, are not in them.
        await app.App.Services.GetRequiredService<WeeklyBackup>().FetchAsync(day, folder.File("week"), default);
        await using (var target = new Target())
        {
            await target.RestoreAsync(folder.File("week"));
            var people = rows.Where(row => row.StartsWith("lookups people ", StringComparison.Ordinal)).Select(row => row.Split(' ')[2]).ToList();
            Assert.Equal(Of(rows, people), Of(await target.DumpAsync(), people));
        }

        for (var week = 1; week <= 6; week++)
        {
            app.Clock.Advance(TimeSpan.FromDays(7));
            await app.MaintainAsync();
        }

        var days = (await CopiesAsync(app)).Select(name => name.Split('/')[0]).Distinct(StringComparer.Ordinal).ToList();
        Assert.Equal(6, days.Count);
        Assert.DoesNotContain(day, days);

        app.Clock.Advance(TimeSpan.FromDays(9));
        Assert.True((await app.GetAsync("/status")).GetProperty("backup").GetProperty("isLate").GetBoolean());

        static IEnumerable<string> Of(IReadOnlyList<string> dump, List<string> people) =>
            dump.Where(row => people.Exists(person => row.Contains(person, StringComparison.Ordinal)) && !row.StartsWith("raw/", StringComparison.Ordinal) && !row.StartsWith("lookups owner operators", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Backup_goes_on_after_a_death_at_any_operation_and_copies_nobody_twice()
    {
        await using var app = await FilledStore.StartAsync(settings: Azure);
        await FilledStore.FillAsync(app, people: 2, entries: 3);
        var function = TriggeredFunction.Named("RunMaintenance");
        await app.CallAsync("Prune");
        var made = new HashSet<string>(StringComparer.Ordinal);
        var at = 0;
        for (var isOver = false; !isOver; at += 5)
        {
            isOver = true;
            while (await app.Store.Queue.ReceiveAsync(function.Queue!, 32, TimeSpan.FromMinutes(10), default) is { Count: > 0 } messages)
            {
                foreach (var message in messages)
                {
                    var isBackup = message.Body.Contains("backup", StringComparison.Ordinal);
                    app.Table.BreakIn = isBackup ? at : null;
                    try
                    {
                        await function.RunAsync(app.App.Services, message.Body, default);
                        await app.Store.Queue.DeleteAsync(function.Queue!, message, default);
                    }
                    catch (StoreUnavailableException)
                    {
                        // It comes again, as often as it takes.
                        await app.Store.Queue.DeleteAsync(function.Queue!, message, default);
                        await app.Store.Queue.PutAsync(function.Queue!, message.Body, TimeSpan.FromMinutes(10), default);
                        isOver = false;
                    }

                    app.Table.BreakIn = null;
                }

                if (!isOver)
                    break;
            }

            made.UnionWith(await CopiesAsync(app));
            app.Clock.Advance(TimeSpan.FromMinutes(11));
        }

        Assert.True(at > 20);
        Assert.Equal(made.Order(StringComparer.Ordinal), await CopiesAsync(app));
        Assert.Equal(3, (await app.GetAsync("/status")).GetProperty("backup").GetProperty("complete").GetProperty("people").GetInt32());
    }

    [Fact]
    public async Task Deleting_an_account_deletes_its_copies()
    {
        await using var app = await FilledStore.StartAsync(settings: Azure);
        var person = (await FilledStore.FillAsync(app, people: 2, entries: 3)).Keys.First();
        await app.MaintainAsync();
        Assert.Contains(await CopiesAsync(app), name => name.Contains(person, StringComparison.Ordinal));
        var begun = await app.SendAsync(HttpMethod.Delete, $"/people/{person}?confirm=person-0@example.com");
        await app.DrainAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(61));
        await app.DrainAsync();
        Assert.True((int)begun.Status is 200 or 202, begun.Body.ToString());
        Assert.DoesNotContain(await StoreScan.OfAsync(app.Store, app.Folder), text => text.Contains(person, StringComparison.Ordinal) || text.Contains("person-0@", StringComparison.Ordinal));
        app.Failures.Clear();
    }

    private static async Task<List<string>> CopiesAsync(AppFixture app) => await app.Store.Blobs.ListAsync("backups", "", default).ToListAsync();
}
