using System.Net;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>What the audit trail says of connections. That no failure loses or repeats an entry is for the fault tests.</summary>
public sealed class ConnectionAuditTests
{
    private const string Feed = "https://one.example/feed.xml";

    [Fact]
    public async Task Connecting_changing_and_disconnecting_leave_one_entry_each_and_repeating_them_leaves_none()
    {
        await using var app = await AppFixture.StartAsync(Web());
        var id = await app.ConnectAsync(Feed);
        await app.ConnectAsync(Feed);
        string[] changes = ["""{"paused":true}""", """{"paused":false,"title":"Mine"}""", """{"options":{"author":"Juna"}}"""];
        foreach (var change in changes)
        {
            await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", change);
            await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", change);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync(HttpMethod.Delete, $"/connections/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.SendAsync(HttpMethod.Delete, $"/connections/{id}")).Status);

        Assert.Equal(
            [
                $"connected {Feed}",
                $"connectionChanged {Feed}: options",
                $"connectionChanged {Feed}: paused",
                $"connectionChanged {Feed}: resumed, title",
                $"disconnected {Feed}",
            ],
            await TrailAsync(app));
        var key = Assert.Single((await app.GetAsync("/me/keys")).GetProperty("items").EnumerateArray()).GetProperty("id").GetString();
        Assert.All((await app.GetAsync("/me/audit")).GetProperty("items").EnumerateArray(), entry => Assert.Equal(key, entry.GetProperty("credential").GetString()));
    }

    [Fact]
    public async Task Removal_that_failed_after_its_mark_is_told_of_once()
    {
        await using var app = await AppFixture.StartAsync(Web());
        var id = await app.ConnectAsync(Feed);

        // The third write follows the due row and the mark.
        var writes = 0;
        app.Table.Step = () => _ = ++writes == 3 ? throw new StoreUnavailableException("The store went away.") : 0;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync(HttpMethod.Delete, $"/connections/{id}")).Status);
        Assert.Equal([$"connected {Feed}", $"disconnected {Feed}"], await TrailAsync(app));

        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync(HttpMethod.Delete, $"/connections/{id}")).Status);
        Assert.Equal([$"connected {Feed}", $"disconnected {Feed}"], await TrailAsync(app));
    }

    [Fact]
    public async Task Pages_leave_the_same_entries()
    {
        await using var app = await SignInFixture.StartAsync(Web());
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");
        await browser.SubmitAsync("/connections", ("place", $"feed {Feed}"));
        await browser.OpenAsync("/connections");
        await browser.SubmitAsync("/connections", ("place", $"feed {Feed}"));
        var id = Assert.Single((await app.App.GetAsync("/connections")).GetProperty("items").EnumerateArray()).GetProperty("id").GetString();
        await browser.OpenAsync($"/connections/{id}");
        await browser.SubmitAsync($"/connections/{id}/pause");
        await browser.SubmitAsync($"/connections/{id}/disconnect");

        Assert.Equal([$"connected {Feed}", $"connectionChanged {Feed}: paused", $"disconnected {Feed}"], await TrailAsync(app.App));
    }

    private static ScriptedWeb Web()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        return blogs.Web;
    }

    /// <summary>What it says of connections, in the order of the alphabet: the clock stands still.</summary>
    private static async Task<IEnumerable<string>> TrailAsync(AppFixture app) => (await app.GetAsync("/me/audit")).GetProperty("items").EnumerateArray()
        .Where(entry => entry.GetProperty("what").GetString()!.Contains("onnect", StringComparison.Ordinal))
        .Select(entry => $"{entry.GetProperty("what").GetString()} {entry.GetProperty("detail").GetString()}").Order(StringComparer.Ordinal);
}
