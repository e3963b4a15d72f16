using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace ContributionIngest.Tests.Core.Faults;

/// <summary>The recount that every test of an app ends with.</summary>
public sealed class RecountTests
{
    [Theory]
    [InlineData("m|2026-05")]
    [InlineData("c|")]
    public async Task Recount_notices_wrong_counts_of_a_month_or_connection(string key)
    {
        var blogs = new Blogs();
        blogs.Rss(FaultedRun.Feed, Enumerable.Range(1, 3).Select(n => Blogs.Post(n)));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(FaultedRun.Feed);
        var (table, person) = (app.Store.Table, (await app.GetAsync("/me")).GetProperty("id").GetString()!);
        await Recounted.CheckAsync(app);
        var row = await table.RangeAsync("ledger", person, key, key + "}", null, CancellationToken.None).FirstAsync();
        await table.WriteAsync("ledger", TableWrite.Delete(row), CancellationToken.None);
        await Assert.ThrowsAnyAsync<XunitException>(() => Recounted.CheckAsync(app));
        await table.WriteAsync("ledger", TableWrite.Insert(row with { ETag = null }), CancellationToken.None);
    }
}
