using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>A person has one connection to a place, whoever comes when.</summary>
public sealed class SameAddressTests
{
    private const string Blog = "https://one.example/feed.xml";
    private const string Typed = """{"address":"https://one.example/feed.xml","source":"feed"}""";

    [Fact]
    public async Task Same_address_connected_four_times_concurrently_is_one_connection()
    {
        await using var app = await StartAsync();
        var others = new List<(HttpStatusCode Status, JsonElement Body)>();
        var left = 3;
        app.Table.Step = () =>
        {
            // Each has looked and is about to write when the next one comes.
            if (app.Table.Operations[^1] == ("people", "transact") && left-- > 0)
                others.Add(Task.Run(() => app.PostAsync("/connections", Typed)).GetAwaiter().GetResult());
        };

        others.Add(await app.PostAsync("/connections", Typed));

        Assert.Equal(1, others.Count(a => a.Status == HttpStatusCode.Created));
        Assert.Equal(3, others.Count(a => a.Status == HttpStatusCode.OK));
        Assert.Single(others.Select(a => a.Body.GetProperty("id").GetString()).Distinct());
        Assert.Equal(1, (await app.GetAsync("/connections")).GetProperty("items").GetArrayLength());
        Assert.Single(await app.DumpAsync("schedule"), row => row.Contains("|harvest|", StringComparison.Ordinal));
        Assert.Single(await app.DumpAsync("lookups"), row => row.Contains("o|", StringComparison.Ordinal));
        await app.DrainAsync();
        Assert.Empty(app.Failures);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Connection_being_deleted_does_not_block_its_address()
    {
        for (var n = 0; ; n++)
        {
            await using var app = await StartAsync();
            var first = await app.ConnectAsync(Blog);
            app.Table.BreakIn = n;
            var (status, _) = await app.SendAsync(HttpMethod.Delete, $"/connections/{first}?contributions=delete");
            app.Table.BreakIn = null;
            var rows = (await app.DumpAsync("people")).Where(row => row.Contains(first, StringComparison.Ordinal)).ToList();
            var isHeld = rows.Count > 0 && !rows.Exists(row => row.Contains("\"ending\"", StringComparison.Ordinal));

            var second = await app.ConnectAsync(Blog);

            Assert.Equal(isHeld, first == second);
            await app.PassAsync(TimeSpan.FromMinutes(5));
            Assert.Equal(second, await app.ConnectAsync(Blog));
            Assert.Equal(1, (await app.GetAsync("/connections")).GetProperty("items").GetArrayLength());
            Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync(HttpMethod.Delete, $"/connections/{second}")).Status);
            Assert.DoesNotContain(await app.DumpAsync("people"), row => row.Contains("o|", StringComparison.Ordinal));
            if (status == HttpStatusCode.NoContent)
                return;
        }
    }

    [Fact]
    public async Task Connection_created_by_an_earlier_version_is_found_and_can_be_deleted()
    {
        await using var app = await StartAsync();
        var id = await app.ConnectAsync(Blog);
        var person = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var place = await app.Store.Table.RangeAsync(TableNames.People, person, "o|", "o}", null, CancellationToken.None).SingleAsync();
        await app.Store.Table.WriteAsync(TableNames.People, TableWrite.Delete(place), CancellationToken.None);

        Assert.Equal(id, await app.ConnectAsync(Blog));

        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync(HttpMethod.Delete, $"/connections/{id}")).Status);
        Assert.NotEqual(id, await app.ConnectAsync(Blog));
    }

    private static async Task<AppFixture> StartAsync()
    {
        var blogs = new Blogs();
        blogs.Rss(Blog, Enumerable.Range(1, 3).Select(n => Blogs.Post(n)), "One");
        return await AppFixture.StartAsync(blogs.Web);
    }
}
