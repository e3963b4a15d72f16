using System.Net;
using System.Runtime.Versioning;
using ContributionIngest.Core;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Core.Mail;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Infra;

/// <summary>
/// Each alert over what the real app exports, on a clock of its own: silent on a calm day, and fired by its fault alone. The queries are those of the
/// compiled templates.
/// </summary>
[Collection(Collection)]
[UnsupportedOSPlatform("windows")]
public sealed class AlertTests
{
    public const string Collection = "Alerts";

    private static readonly AlertRules Rules = AlertRules.Read("prod.bicepparam");

    public static TheoryData<string> Parameters => BicepTests.Parameters;

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Queries_are_valid_and_have_a_row_where_silence_is_a_fault(string parameters)
    {
        var rules = AlertRules.Read(parameters);
        Assert.All(await AlertRules.FaultsAsync(rules.All.Select(rule => rule.Value.Query)), query => Assert.Empty(query.Value));
        var silent = await rules.WithoutDataAsync();
        Assert.Equal(["failing", "harvest-age", "mail-age", "poison", "queue-age"], silent.Keys.Order(StringComparer.Ordinal));

        // What measures runs each minute; of the others, nothing to tell is nothing wrong.
        Assert.Equal((1440.0, 0.0, 0.0, 0.0, null), (silent["queue-age"], silent["harvest-age"], silent["mail-age"], silent["poison"], silent["failing"]));
    }

    [Fact]
    public async Task Wrong_or_unknown_query_is_not_taken_for_a_silent_one() => Assert.All(
        await AlertRules.FaultsAsync(
            "customMetrics | where nam == \"ledger.poison\"",
            "customMetrics | summarize messages = total(valueSum)",
            "customMetrics | where name = \"ledger.poison\"",
            "customMetrics | summarize messages = sum(valueSum) | where name == \"ledger.poison\"",
            "customMetrics | top 5 by value"),
        query => Assert.NotEmpty(query.Value));

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Rules_use_metrics_of_the_code_and_values_the_service_takes(string parameters)
    {
        string[] metrics = [Telemetry.HarvestsName, Telemetry.DueName, Telemetry.PoisonName, Telemetry.OldestName, Telemetry.MailsName, Telemetry.WaitingName];
        var rules = AlertRules.Read(parameters).All.Select(rule => rule.Value).ToList();
        var named = rules.SelectMany(rule => rule.Query.Split('"')).Where(word => word.StartsWith("ledger.", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);
        Assert.Equal(metrics.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.All(rules, rule =>
        {
            Assert.Contains(rule.Window.TotalMinutes, (double[])[15, 30, 45, 60, 120, 360, 1440, 2880]);
            Assert.Contains(rule.Frequency.TotalMinutes, (double[])[5, 10, 15, 30, 60]);
            Assert.InRange(rule.Severity, 0, 4);

            // A window shorter than the time between two looks would leave gaps.
            Assert.True(rule.Window > rule.Frequency);
        });
    }

    [Fact]
    public async Task Calm_day_is_silent()
    {
        // One blog of three and one channel are gone, an address does not exist, mails wait for their turns, and the relay puts one off.
        await using var day = await RecordedDay.StartAsync();
        day.Broken.Add(RecordedDay.Channels[0]);
        var relay = day.Relay;
        day.Relay = email =>
        {
            day.Relay = relay;
            return new MailResult(MailOutcome.Temporary);
        };
        await day.RunAsync(TimeSpan.FromHours(22));
        Assert.All(
            (string[])[Telemetry.HarvestsName, Telemetry.DueName, Telemetry.OldestName, Telemetry.MailsName, Telemetry.WaitingName],
            name => Assert.Contains(day.Rows, row => row.Name == name && (row.ValueSum > 0 || name == Telemetry.OldestName)));
        Assert.Equal(
            ["accepted", "noSuchAddress", "temporary"],
            day.Rows.Where(row => row.Name == Telemetry.MailsName).Select(row => row.CustomDimensions["outcome"]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Contains(day.Rows, row => row.Name == Telemetry.HarvestsName && row.CustomDimensions["outcome"] == "transient");
        Assert.Empty(await FiredAsync(day));
    }

    [Fact]
    public async Task Only_place_that_is_read_may_be_gone_without_an_alert()
    {
        await using var day = await RecordedDay.StartAsync();
        foreach (var connection in (await day.App.GetAsync("/connections")).GetProperty("items").EnumerateArray().Where(connection => connection.GetProperty("title").GetString() != "gone"))
            await day.App.SendAsync(HttpMethod.Patch, $"/connections/{connection.GetProperty("id").GetString()}", """{"paused":true}""");
        await day.RunAsync(TimeSpan.FromHours(12));
        Assert.Contains(day.Rows, row => row.Name == Telemetry.DueName && row.Timestamp > day.Began);
        Assert.DoesNotContain(day.Rows, row => row.Name == Telemetry.HarvestsName && row.Timestamp > day.Began && row.CustomDimensions["outcome"] == "ok");
        Assert.Empty(await FiredAsync(day));
    }

    [Fact]
    public async Task Poison_message_fires_its_alert_alone()
    {
        await using var day = await RecordedDay.StartAsync();
        await day.App.Store.Queue.PutAsync(HarvestQueue.Name, "not JSON", TimeSpan.Zero, CancellationToken.None);
        await day.RunAsync(TimeSpan.FromHours(1));
        Assert.Equal(["poison"], await FiredAsync(day));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Source_that_fails_is_named_while_the_others_work(HttpStatusCode failure)
    {
        await using var day = await RecordedDay.StartAsync();
        day.Broken.Add("www.youtube.com");
        day.Failure = failure;
        await day.RunAsync(TimeSpan.FromHours(12));
        Assert.Equal(["failing youtube"], await FiredAsync(day));
    }

    [Fact]
    public async Task Harvests_that_are_lost_fire_the_alert_of_their_age_alone()
    {
        await using var day = await RecordedDay.StartAsync();
        await day.RunAsync(TimeSpan.FromHours(5), lost: HarvestQueue.Name);
        Assert.Equal(["harvest-age"], await FiredAsync(day));
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("maintenance")]
    public async Task Queue_that_nobody_works_off_fires_its_alert_alone(string queue)
    {
        await using var day = await RecordedDay.StartAsync();
        await day.App.Store.Queue.PutAsync(queue, "{}", TimeSpan.Zero, CancellationToken.None);
        await day.RunAsync(TimeSpan.FromHours(1.5), stopped: queue);
        Assert.Equal(["queue-age"], await FiredAsync(day));
    }

    [Fact]
    public async Task Mail_that_is_off_although_digests_are_wanted_fires_its_alert_alone()
    {
        await using var day = await RecordedDay.StartAsync(isMailed: false);
        await day.RunAsync(TimeSpan.FromHours(4));
        Assert.Equal(["mail-age"], await FiredAsync(day));
    }

    [Theory]
    [InlineData(MailOutcome.Temporary)]
    [InlineData(MailOutcome.Permanent)]
    [InlineData(MailOutcome.Unknown)]
    public async Task Relay_that_takes_nothing_fires_the_alert_of_mail_alone(MailOutcome outcome)
    {
        await using var day = await RecordedDay.StartAsync();
        day.Relay = _ => new MailResult(outcome, "No.");
        await day.RunAsync(TimeSpan.FromHours(4));
        Assert.Equal(["mail-age"], await FiredAsync(day));
    }

    [Fact]
    public async Task Mails_whose_turns_are_days_away_fire_the_alert_of_mail_alone()
    {
        await using var day = await RecordedDay.StartAsync();
        var turns = day.App.App.Services.GetRequiredService<MailTurns>();
        for (var taken = 0; taken < 200; taken++)
            await turns.TakeAsync(CancellationToken.None);
        await day.RunAsync(TimeSpan.FromHours(4));
        Assert.Equal(["mail-age"], await FiredAsync(day));
    }

    [Fact]
    public async Task Alert_ends_when_its_fault_does()
    {
        await using var day = await RecordedDay.StartAsync();
        var relay = day.Relay;
        day.Relay = _ => new MailResult(MailOutcome.Temporary, "No.");
        await day.RunAsync(TimeSpan.FromHours(4));
        day.Relay = relay;
        await day.RunAsync(TimeSpan.FromHours(3));
        Assert.Empty((await Rules.FireAsync(day.Rows, day.Now, day.Now)).Keys);
    }

    [Fact]
    public async Task Timers_that_stopped_fire_the_alert_of_the_queues_alone()
    {
        await using var day = await RecordedDay.StartAsync();
        await day.RunAsync(TimeSpan.FromHours(4), areTimersStopped: true);
        Assert.Equal(["queue-age"], await FiredAsync(day));
    }

    private static async Task<IEnumerable<string>> FiredAsync(RecordedDay day) => (await Rules.FireAsync(day.Rows, day.Began, day.Now)).Keys;
}

[CollectionDefinition(AlertTests.Collection, DisableParallelization = true)]
public sealed class AlertTestsCollection;
