using ContributionIngest.Core.Ports;
using ContributionIngest.Tests.Harvest;
using ContributionIngest.Tests.Infrastructure;
using Xunit;
using Xunit.Sdk;

namespace ContributionIngest.Tests.Faults;

/// <summary>The recount that every test of an app ends with.</summary>
public sealed class RecountTests
{
    [Theory]
    [InlineData("m|2026-05")]
    [InlineData("c|")]
    public async Task A_recount_notices_when_counts_of_a_month_or_a_connection_are_wrong(string key)
    {
        var blogs = new Blogs();
        blogs.Rss(FaultedRun.Feed, Enumerable.Range(1, 3).Select(n => Blogs.Post(n)));
        await using var app = await TestApp.Start(blogs.Web);
        await app.Connect(FaultedRun.Feed);
        var (table, person) = (app.Store.Table, (await app.Get("/me")).GetProperty("id").GetString()!);
        await Recounted.Check(app);
        var row = await table.Range("ledger", person, key, key + "}", null, CancellationToken.None).FirstAsync();
        await table.Write("ledger", TableWrite.Delete(row), CancellationToken.None);
        await Assert.ThrowsAnyAsync<XunitException>(() => Recounted.Check(app));
        await table.Write("ledger", TableWrite.Insert(row with { ETag = null }), CancellationToken.None);
    }
}
