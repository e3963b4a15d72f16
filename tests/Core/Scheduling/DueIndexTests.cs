using System.Globalization;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Scheduling;

/// <summary>What is due when.</summary>
public sealed class DueIndexTests
{
    [Fact]
    public async Task Thousand_rows_that_are_due_come_at_once_oldest_first()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var now = app.Clock.GetUtcNow();
        var rows = Enumerable.Range(0, 1002).Select(n => DueIndex.KeyAt(new Due(DueIndex.Harvest, n.ToString(CultureInfo.InvariantCulture), "connection"), now.AddSeconds(1 - n)))
            .Select(key => TableWrite.Put(new Row(DueIndex.Name(DueIndex.Harvest, 0), key, new Dictionary<string, object?>(StringComparer.Ordinal))));
        foreach (var chunk in rows.Chunk(TableLimits.OperationsPerTransaction))
            await app.Table.TransactAsync(TableNames.Schedule, chunk, default);

        var due = await app.App.Services.GetRequiredService<DueIndex>().DueByAsync(DueIndex.Harvest, 0, now, default);

        // One lies in the future, and the last of those that are due waits.
        Assert.Equal(Enumerable.Range(2, 1000).Reverse().Select(n => n.ToString(CultureInfo.InvariantCulture)), due.Select(row => row.Due.Person));
    }

    [Fact]
    public async Task Rows_that_nobody_else_moves_are_moved_in_one_transaction()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var (index, now) = (app.App.Services.GetRequiredService<DueIndex>(), app.Clock.GetUtcNow());
        var due = new Due(DueIndex.Harvest, "person", "connection");
        await index.MoveAsync(due, null, now, default);
        await index.MoveAsync(due, null, now.AddSeconds(-1), default);
        var rows = await index.DueByAsync(DueIndex.Harvest, int.Parse(DueIndex.Shard(due)[1..], CultureInfo.InvariantCulture), now, default);
        app.Table.Forget();

        await index.MoveAllAsync([(rows[0], now.AddHours(1)), (rows[1], now.AddHours(2))], default);

        Assert.Equal([("schedule", "transact")], app.Table.Operations);
    }
}
