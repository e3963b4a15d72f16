using System.Net;
using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Accounts;

/// <summary>An export holds everything of the person, nothing secret, and can be gone on with where it was cut.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task Every_word_in_the_persons_rows_is_in_the_export()
    {
        await using var world = await AccountWorld.StartAsync();
        string[] own = [$"row people {world.Person} ", $"row ledger {world.Person} ", $"row harvests {world.Person}|"];
        var words = (await world.ScanAsync()).Where(text => own.Any(start => text.StartsWith(start, StringComparison.Ordinal))).SelectMany(AccountWorld.Words).ToHashSet(StringComparer.Ordinal);
        Assert.True(words.Count > 20, string.Join(' ', words));

        var lines = await LinesAsync(world);
        Assert.Subset(lines.SelectMany(AccountWorld.Words).ToHashSet(StringComparer.Ordinal), words);
        string[] types = ["key", "session", "person", "address", "connection", "connectionState", "audit", "digest", "export", "template", "report", "hook", "topics", "contribution", "revision", "metrics", "end"];
        Assert.Equal(types.Order(StringComparer.Ordinal), lines.Select(Type).Distinct().Order(StringComparer.Ordinal));
        using var end = JsonDocument.Parse(lines[^1]);
        var counts = end.RootElement.GetProperty("counts").EnumerateObject().ToDictionary(count => count.Name, count => count.Value.GetInt32(), StringComparer.Ordinal);
        Assert.Equal(lines.SkipLast(1).CountBy(Type).ToDictionary(StringComparer.Ordinal), counts);
    }

    [Fact]
    public async Task Export_holds_no_secret_and_no_hash_of_one()
    {
        await using var world = await AccountWorld.StartAsync();
        var text = string.Join('\n', await LinesAsync(world));
        var session = Assert.Single(await world.Get<Sessions>().ListAsync(world.Person, default));
        Assert.DoesNotContain(session.Hash, text, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Hers.DefaultRequestHeaders.Authorization!.Parameter!, text, StringComparison.Ordinal);
        Assert.DoesNotContain("sealed", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Export_goes_on_after_any_line_that_arrived()
    {
        await using var world = await AccountWorld.StartAsync();
        var whole = Lasting(await LinesAsync(world));
        for (var arrived = 1; arrived < whole.Count; arrived++)
        {
            using var last = JsonDocument.Parse(whole[arrived - 1]);
            var rest = Lasting(await LinesAsync(world, last.RootElement.GetProperty("cursor").GetString()));
            Assert.Equal(whole.Skip(arrived), rest);
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("9.YQ")]
    [InlineData("4.YQ")]
    [InlineData("0.")]
    [InlineData("1.Li4vLi4")]
    public async Task Cursor_that_is_not_ours_is_refused(string cursor)
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var (status, problem) = await app.SendAsync(HttpMethod.Get, "/me/export?after=" + cursor);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("after", out _));
    }

    [Fact]
    public async Task Export_that_is_cut_off_is_shown_as_such()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var me = (await app.GetAsync("/me")).GetProperty("id").GetString()!;

        // Its process ended without a word.
        await ((Exports)app.App.Services.GetService(typeof(Exports))!).BeginAsync(me, null, isResumed: false, default);
        Assert.Equal(["running"], await StatesAsync(app));
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(["cutOff"], await StatesAsync(app));

        // The store goes away in the middle of the next one, when the row and the audit entry are written.
        app.Table.Forget();
        using var whole = await app.Client.GetAsync(new Uri("/api/me/export", UriKind.Relative));
        var operations = app.Table.Operations.Count;
        app.Table.BreakIn = operations - 4;
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var broken = await app.Client.GetAsync(new Uri("/api/me/export", UriKind.Relative));
            broken.EnsureSuccessStatusCode();
            await broken.Content.ReadAsStringAsync();
        });
        app.Table.BreakIn = null;
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(["cutOff", "cutOff", "finished"], (await StatesAsync(app)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Operators_export_is_the_same_and_stands_in_the_persons_trail()
    {
        await using var world = await AccountWorld.StartAsync();
        var own = Lasting(await LinesAsync(world));
        using var answer = await world.Operator.GetAsync(new Uri($"/api/people/{world.Person}/export", UriKind.Relative));
        Assert.Equal("attachment; filename=\"contributions-export.ndjson\"", answer.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal(own, Lasting(Lines(await answer.Content.ReadAsStringAsync())));

        var me = (await world.App.GetAsync("/me")).GetProperty("id").GetString();
        var trail = await world.AsHerAsync(async () => (await world.App.GetAsync("/me/audit")).GetProperty("items").EnumerateArray().Where(entry => entry.GetProperty("what").GetString() == "exported").ToList());
        Assert.Equal(2, trail.Count);
        Assert.Single(trail, entry => entry.TryGetProperty("by", out var by) && by.GetString() == me);
    }

    [Fact]
    public async Task Settings_show_the_last_exports()
    {
        await using var world = await AccountWorld.StartAsync();
        await LinesAsync(world);
        await world.Browser.OpenAsync("/settings");
        Assert.Contains("href=\"/api/me/export\"", world.Browser.Page, StringComparison.Ordinal);
        Assert.Contains("Finished", world.Browser.Page, StringComparison.Ordinal);
        await world.Browser.OpenAsync("/api/me/export");
        Assert.Equal("end", Type(Lines(world.Browser.Page)[^1]));
    }

    private static async Task<IReadOnlyList<string>> StatesAsync(AppFixture app) =>
        [.. (await app.GetAsync("/me/exports")).GetProperty("items").EnumerateArray().Select(export => export.GetProperty("state").GetString()!)];

    private static async Task<IReadOnlyList<string>> LinesAsync(AccountWorld world, string? after = null) =>
        Lines(await world.Hers.GetStringAsync(new Uri("/api/me/export" + (after is null ? "" : $"?after={after}"), UriKind.Relative)));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Without what exporting itself adds.</summary>
    private static List<string> Lasting(IEnumerable<string> lines) => [.. lines.Where(line => Type(line) is not ("export" or "end" or "audit" or "key" or "session"))];

    private static string Type(string line)
    {
        using var parsed = JsonDocument.Parse(line);
        return parsed.RootElement.GetProperty("type").GetString()!;
    }
}
