using System.Net;
using System.Text.Json;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>What a digest says about the person's programmes. It is 1 June 2026.</summary>
public sealed class DigestProgrammeTests
{
    [Fact]
    public async Task At_most_three_lines_say_what_presses_most_each_with_the_link_that_settles_it()
    {
        await using var app = await DigestFixture.StartAsync();
        Assert.False((await app.PreviewAsync()).TryGetProperty("programmes", out var none) && none.GetArrayLength() > 0);

        await AddAsync(app, "asyncapi-ambassador", """{"accepted":"2025-07-11"}""");
        await AddAsync(app, "graphql-ambassador", """{"cohort":"2025-09-01"}""");
        await AddAsync(app, "todo-ospo-ambassador", """{"accepted":"2025-03-01"}""");
        await AddAsync(app, "sitecore-mvp", """{"deadline":"2026-06-20T12:00:00Z"}""");
        await app.MoveToAsync("2026-06-22T12:00:00Z");
        await AddAsync(app, "sitecore-mvp", """{"deadline":"2026-07-20T12:00:00Z"}""");
        Assert.Equal(
            ["asyncapi-ambassador missing 4 2026-07-10", "todo-ospo-ambassador emptyMonth  2026-06-30", "sitecore-mvp deadline  2026-07-20"],
            (await app.PreviewAsync()).GetProperty("programmes").EnumerateArray().Select(Line));
        var text = await app.ShownAsync("text");
        Assert.Contains("AsyncAPI Ambassador\r\n  4 contributions are missing; July 10 is the last day.\r\n  See where you stand: https://ledger.example.org/sub/programmes/asyncapi-ambassador\r\n", text.Replace("10 July", "July 10", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("  This month has nothing so far; June 30 is its last day.\r\n  Log something: https://ledger.example.org/sub/act/log/", text.Replace("30 June", "June 30", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Month_with_something_and_a_far_end_say_nothing_and_what_lacks_a_number_comes_last()
    {
        await using var app = await DigestFixture.StartAsync();
        await AddAsync(app, "microsoft-mvp", """{"handIn":"2026-11-01"}""");
        await AddAsync(app, "asyncapi-ambassador", """{"accepted":"2026-03-01"}""");
        var (status, _) = await app.App.PostAsync("/ledger", """{"kind":"talk","title":"A talk","when":"2026-06-01"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        await app.MoveToAsync("2026-06-28T12:00:00Z");
        var line = Assert.Single((await app.PreviewAsync()).GetProperty("programmes").EnumerateArray());
        Assert.Equal("microsoft-mvp lacking 1 ", Line(line));
        Assert.Contains("1 contribution lacks evidence or a number that it asks for.", (await app.ShownAsync("text")).Replace("\r\n  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string Line(JsonElement matter) =>
        $"{matter.GetProperty("programme").GetString()} {matter.GetProperty("kind").GetString()} {(matter.TryGetProperty("count", out var count) ? count.GetInt32() : null)} {(matter.TryGetProperty("day", out var day) ? day.GetString() : null)}";

    private static async Task AddAsync(DigestFixture app, string programme, string body) =>
        Assert.Equal(HttpStatusCode.OK, (await app.App.SendAsync(HttpMethod.Put, $"/programmes/{programme}/membership", body)).Status);
}
