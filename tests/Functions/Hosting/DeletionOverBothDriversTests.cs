using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Core.Harvesting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>A deletion in the Functions host, over either driver: a scan of the store finds nothing of the person.</summary>
public sealed class DeletionOverBothDriversTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scan_after_a_deletion_finds_nothing_of_the_person(bool azure)
    {
        const string Feed = "https://one.example/zq0feed.xml";
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 5).Select(n => Blogs.Post(n) with { Title = $"zq0post {n}" }), title: "zq0blog");
        await using var app = await HostFixture.StartAsync(blogs.Web, azure, hosted: true, new StillClock(), ("Storage", "azure"), ("AzureWebJobsStorage", "UseDevelopmentStorage=true"));
        var person = await app.Services.GetRequiredService<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Name = "zq0name", Email = "zq0@example.com", Since = now }, default);
        var (secret, _) = await app.Services.GetRequiredService<ApiKeys>().CreateAsync(person.Id, "zq0key", Scope.Read | Scope.Write, default);
        await app.SendAsync(HttpMethod.Post, "/connections", $$"""{"address":"{{Feed}}"}""", secret: secret);
        await app.WorkAsync();
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"kind":"talk","title":"zq0talk","when":"2026-05-20","note":"zq0note"}""", idempotency: "talk", secret: secret);
        await app.Services.GetRequiredService<MaintenanceRun>().StartNightAsync(default);
        await app.WorkAsync();
        Assert.Contains(Of(await app.ScanAsync()), text => text.StartsWith("blob backups ", StringComparison.Ordinal));

        var begun = (await app.SendAsync(HttpMethod.Delete, $"/people/{person.Id}?confirm=zq0@example.com")).GetProperty("id").GetString();
        await app.WorkAsync();
        await app.PassAsync(TimeSpan.FromMinutes(61));
        await app.WorkAsync();

        Assert.Equal("done", (await app.SendAsync(HttpMethod.Get, $"/deletions/{begun}")).GetProperty("state").GetString());
        Assert.Empty(Of(await app.ScanAsync()));

        List<string> Of(IReadOnlyList<string> found) =>
            [.. found.Where(text => text.Contains(person.Id, StringComparison.Ordinal) || text.Contains("zq0", StringComparison.Ordinal)).Select(text => text[..Math.Min(text.Length, 200)])];
    }
}
