using System.Text.Json;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.StackExchange.AnswersTests;
using static ContributionIngest.Tests.Core.Sources.StackExchange.ScriptedStackExchange;

namespace ContributionIngest.Tests.Core.Sources.StackExchange;

/// <summary>How often the API may be asked, and which account somebody means.</summary>
public sealed class QuotaTests
{
    private readonly ScriptedStackExchange network = new();

    [Fact]
    public async Task Method_that_asked_for_a_pause_is_left_alone_until_then_by_everybody_and_others_are_not()
    {
        network.Fill(3);
        await using var app = await AppFixture.StartAsync(network.Web);
        network.Backoff = 120;
        var id = await app.ConnectAsync(Profile, "stackexchange");
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        Assert.Equal(TestClock.Begin.AddSeconds(120), await PausedUntilAsync(app));

        var asked = network.Calls.Count;
        await app.HarvestAsync(id);
        Assert.Equal(asked, network.Calls.Count);
        Assert.Equal("throttled", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        var place = await app.App.Services.GetRequiredService<SourceCatalog>().Get("stackexchange").ResolveAsync(Profile, Credentials.None, default);
        Assert.Equal("stackoverflow/22", place.Origin);

        app.Clock.Advance(TimeSpan.FromSeconds(121));
        await app.HarvestAsync(id);
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
    }

    [Fact]
    public async Task Short_pause_in_the_middle_of_the_past_is_waited_for()
    {
        network.Fill(250);
        network.Backoff = 5;
        await using var app = await AppFixture.StartAsync(network.Web);
        await app.ConnectAsync(Profile, "stackexchange");
        Assert.Empty(app.Failures);
        Assert.Equal(250, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Throttle_violation_comes_as_400_and_pauses_the_whole_host_for_as_long_as_it_says()
    {
        network.Fill(3);
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");
        network.Instead = _ => Throttled(7_200);
        await app.HarvestAsync(id);
        var asked = network.Calls.Count;
        await app.HarvestAsync(id);
        Assert.Equal(asked, network.Calls.Count);
        Assert.Equal(("throttled", "failing"), (Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"), Text(await app.GetAsync($"/connections/{id}"), "health")));
        Assert.Equal(TestClock.Begin.AddSeconds(7_200), await PausedUntilAsync(app));

        network.Instead = _ => null;
        app.Clock.Advance(TimeSpan.FromHours(2.1));
        await app.HarvestAsync(id);
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
    }

    [Fact]
    public async Task Requests_of_a_day_are_counted_for_all_processes_and_begin_anew_at_midnight_UTC()
    {
        network.Fill(300);
        await using var app = await AppFixture.StartAsync(network.Web, settings: new Dictionary<string, string?> { ["StackExchangeDailyRequests"] = "10", ["StackExchangeKey"] = Key });
        var id = await app.ConnectAsync(Profile, "stackexchange");
        for (var look = 0; look < 10; look++)
            await app.HarvestAsync(id);
        Assert.Equal(10, network.Calls.Count);
        Assert.All(network.Web.Addresses, address => Assert.Contains("&key=" + Key, address, StringComparison.Ordinal));
        Assert.Equal("quotaSpent", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        Assert.Equal(new DateTimeOffset(2026, 6, 2, 0, 0, 0, TimeSpan.Zero), await PausedUntilAsync(app));

        app.Clock.Advance(TimeSpan.FromHours(12.1));
        await app.HarvestAsync(id);
        Assert.Equal(300, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData(Profile, "stackoverflow/22")]
    [InlineData("stackoverflow.com/users/22", "stackoverflow/22")]
    [InlineData("22 stackoverflow", "stackoverflow/22")]
    [InlineData("stackoverflow.com 22", "stackoverflow/22")]
    [InlineData("https://dba.stackexchange.com/users/33/juna?tab=profile", "dba/33")]
    [InlineData("33@dba.stackexchange.com", "dba/33")]
    [InlineData("https://stackexchange.com/users/4711/juna", "stackoverflow/22")]
    public async Task Account_is_found_by_address_by_number_and_by_the_network(string typed, string origin)
    {
        network.Fill(2);
        network.Fill(1, "dba");
        await using var app = await AppFixture.StartAsync(network.Web);
        var place = await app.App.Services.GetRequiredService<SourceCatalog>().Get("stackexchange").ResolveAsync(typed, Credentials.None, default);
        Assert.Equal(origin, place.Origin);
        Assert.Equal(origin == "dba/33" ? ["https://stackoverflow.com/users/22"] : ["https://dba.stackexchange.com/users/33"], place.Siblings.Select(sibling => sibling.Address));
    }

    [Theory]
    [InlineData("juna", "notStackExchange")]
    [InlineData("https://stackoverflow.com/questions/1", "notStackExchange")]
    [InlineData("https://stackoverflow.com/users/99999", "noAccount")]
    [InlineData("https://stackexchange.com/users/5", "noAnswers")]
    public async Task What_is_no_account_is_refused_with_what_to_type(string typed, string code)
    {
        await using var app = await AppFixture.StartAsync(network.Web);
        var refusal = await Assert.ThrowsAsync<SourceException>(() => app.App.Services.GetRequiredService<SourceCatalog>().Get("stackexchange").ResolveAsync(typed, Credentials.None, default));
        Assert.Equal((code, Failure.Terminal), (refusal.Code, refusal.Failure));
        Assert.Contains("profile", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<DateTimeOffset?> PausedUntilAsync(AppFixture app) =>
        (await app.GetAsync("/status")).GetProperty("pausedHosts").TryGetProperty(Host, out var until) ? until.GetDateTimeOffset() : null;
}
