using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Whatever goes wrong at whichever operation of the store: the same import again completes it, and so does the same request to take it back.</summary>
public sealed class FaultTests
{
    /// <summary>More rows than fit into one transaction.</summary>
    private static readonly byte[] File = Encoding.UTF8.GetBytes(
        "title,date,type,url,attendees,slides\nTitle of p1,2026-05-20,blog,,7,\nTitle of p2,2026-05-01,blog,https://blog.example/p2,,https://s.example/p2\nTitle of p3,2026-05-19,blog,,,\n"
        + string.Concat(Enumerable.Range(0, 24).Select(number => $"Talk {number},2026-0{1 + (number % 5)}-0{1 + (number % 9)},talk,https://talks.example/{number},{number},https://s.example/{number}\n")));

    [Theory]
    [InlineData(nameof(StoreFault.FailsBefore))]
    [InlineData(nameof(StoreFault.FailsAfter))]
    public async Task Store_that_fails_once_at_any_operation_leaves_nothing_half_done(string name)
    {
        var fault = Enum.Parse<StoreFault>(name);
        var (whole, empty) = await ExpectedAsync();
        var faults = new StoreFaults();
        await using var app = await AppFixture.StartAsync(new ScriptedWeb(), faults: faults);
        await HarvestAsync(app);
        var (imports, undos) = (0, 0);
        for (var isOver = false; !isOver; imports++)
        {
            var id = await RepeatAsync(app, faults, fault, imports + 1, app => ImportAsync(app));
            isOver = !faults.IsSpent;
            faults.Disarm();
            Assert.Equal(whole, await StateAsync(app));
            Assert.Equal("done", Assert.Single((await app.GetAsync("/ledger/imports")).GetProperty("items").EnumerateArray()).GetProperty("state").GetString());
            await UndoAsync(app, id!);
            Assert.Equal(empty, await StateAsync(app));
        }

        for (var isOver = false; !isOver; undos++)
        {
            var id = await ImportAsync(app);
            await RepeatAsync(app, faults, fault, undos + 1, app => UndoAsync(app, id!));
            isOver = !faults.IsSpent;
            faults.Disarm();
            Assert.Equal(empty, await StateAsync(app));
            Assert.Empty((await app.GetAsync("/ledger/imports")).GetProperty("items").EnumerateArray());
        }

        Assert.True(imports > 4 && undos > 4, $"{imports} and {undos}");
    }

    [Fact]
    public async Task Process_that_ends_at_any_write_of_an_import_leaves_one_that_is_completed_or_taken_back()
    {
        var (whole, empty) = await ExpectedAsync();
        var kills = 0;
        for (var at = 1; ; at++)
        {
            using var folder = new TemporaryFolder();
            if (!await KillAsync(folder, at, async app =>
            {
                await HarvestAsync(app);
                return "";
            }, (app, _) => ImportAsync(app)))
                break;
            kills++;
            await using var app = await AppFixture.StartAsync(new ScriptedWeb(), folder: folder);
            var begun = (await app.GetAsync("/ledger/imports")).GetProperty("items").EnumerateArray().Select(batch => batch.GetProperty("id").GetString()!).ToList();
            if (at % 2 == 0 && begun is [var id])
            {
                await UndoAsync(app, id);
                Assert.Equal(empty, await StateAsync(app));
            }

            Assert.Equal((27, 24, 2, 1), await CountsAsync(app));
            Assert.Equal(whole, await StateAsync(app));
        }

        Assert.True(kills >= 4, $"{kills}");
    }

    [Fact]
    public async Task Process_that_ends_at_any_write_while_an_import_is_taken_back_leaves_one_that_is_taken_back_by_the_same_request()
    {
        var (whole, empty) = await ExpectedAsync();
        var kills = 0;
        for (var at = 1; ; at++)
        {
            using var folder = new TemporaryFolder();
            var id = "";
            if (!await KillAsync(folder, at, async app =>
            {
                await HarvestAsync(app);
                return id = (await ImportAsync(app))!;
            }, UndoAsync))
                break;
            kills++;
            await using var app = await AppFixture.StartAsync(new ScriptedWeb(), folder: folder);
            if (at % 2 == 0)
            {
                // The import again takes it back first, and then is whole.
                Assert.Equal((27, 24, 2, 1), await CountsAsync(app));
                Assert.Equal(whole, await StateAsync(app));
            }

            await UndoAsync(app, id);
            Assert.Equal(empty, await StateAsync(app));
        }

        Assert.True(kills >= 4, $"{kills}");
    }

    /// <returns>False if there are fewer writes than that.</returns>
    private static async Task<bool> KillAsync(TemporaryFolder folder, int at, Func<AppFixture, Task<string>> prepare, Func<AppFixture, string, Task> act)
    {
        var faults = new StoreFaults();
        var app = await AppFixture.StartAsync(new ScriptedWeb(), folder: folder, faults: faults);
        var prepared = await prepare(app);
        faults.Arm(StoreFault.ProcessEnds, at);
        try
        {
            await act(app, prepared);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or Xunit.Sdk.XunitException or JsonException || e.GetType().Name == "ProcessEndedException")
        {
            // The process is gone, and with it the answer.
        }

        var isOver = faults.HasEnded;
        await app.CloseAsync();
        return isOver;
    }

    private static async Task<string?> RepeatAsync(AppFixture app, StoreFaults faults, StoreFault fault, int at, Func<AppFixture, Task<string?>> act)
    {
        faults.Arm(fault, at);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await act(app);
            }
            catch (Xunit.Sdk.XunitException) when (attempt == 0)
            {
                // The same request again.
            }
        }
    }

    private static async Task<(string Whole, string Empty)> ExpectedAsync()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await HarvestAsync(app);
        var empty = await StateAsync(app);
        await ImportAsync(app);
        return (await StateAsync(app), empty);
    }

    private static async Task HarvestAsync(AppFixture app)
    {
        var owner = await app.App.Services.GetRequiredService<Owner>().FindAsync(CancellationToken.None);
        var context = new SightingContext(Identity.Hash("a"), "feed", "https://blog.example/feed", Verified: false, TestClock.Begin.AddDays(-1), []);
        IReadOnlyList<Draft> drafts = [.. new[] { ("p1", 20), ("p2", 2), ("p3", 20) }.Select(post => new Draft
        {
            NativeId = post.Item1, Kind = Kind.BlogPost, Title = "Title of " + post.Item1, Url = "https://blog.example/" + post.Item1, When = new DateTimeOffset(2026, 5, post.Item2, 10, 0, 0, TimeSpan.Zero),
        })];
        await app.App.Services.GetRequiredService<LedgerWriter>().UpsertAsync(owner!.Id, context, drafts, drafts, CancellationToken.None);
    }

    /// <summary>The id of the import.</summary>
    private static async Task<string?> ImportAsync(AppFixture app)
    {
        var (status, body) = await Lists.PostAsync(app.Client, File);
        Assert.Equal(HttpStatusCode.OK, status);
        return body.GetProperty("import").GetString();
    }

    private static async Task<string?> UndoAsync(AppFixture app, string id)
    {
        var (status, _) = await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + id);
        Assert.Contains(status, new[] { HttpStatusCode.OK, HttpStatusCode.NotFound });
        return null;
    }

    /// <summary>Of the import again: what was not finished counts as it did the first time.</summary>
    private static async Task<(int, int, int, int)> CountsAsync(AppFixture app)
    {
        var (status, body) = await Lists.PostAsync(app.Client, File);
        Assert.Equal(HttpStatusCode.OK, status);
        var known = body.Count("known");
        return known == 27 ? (27, 24, 2, 1) : (body.Count("rows"), body.Count("new"), body.Count("evidence"), body.Count("likely"));
    }

    /// <summary>All entries with who saw them, and the counts, without times of the run.</summary>
    private static async Task<string> StateAsync(AppFixture app)
    {
        var entries = (await app.LedgerAsync()).Select(entry => string.Join(
            ' ',
            Lists.Line(entry),
            entry.GetProperty("review").GetString(),
            entry.TryGetProperty("metrics", out var metrics) ? string.Join(',', metrics.EnumerateObject().Select(metric => $"{metric.Name}={metric.Value.GetProperty("value").GetDouble()}")) : "",
            string.Join(',', entry.GetProperty("sightings").EnumerateArray().Select(sighting => $"{sighting.GetProperty("connection").GetString()} {(sighting.TryGetProperty("url", out var url) ? url.GetString() : "")}"))));
        var rows = (await app.DumpAsync("ledger")).Select(row => row.Split(' ')[1]).Where(key => key[0] is 'u' or 'k');
        return string.Join('\n', entries.Order(StringComparer.Ordinal).Concat(rows.Order(StringComparer.Ordinal)));
    }
}
