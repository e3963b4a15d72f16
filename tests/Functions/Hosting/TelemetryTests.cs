using System.Collections.Concurrent;
using System.Diagnostics;
using ContributionIngest.Core;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class TelemetryTests
{
    private const string Feed = "https://telemetry.example/feed.xml";

    [Fact]
    public async Task One_trace_follows_a_feed_item_from_the_timer_to_its_row()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)], validators: false);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)], validators: false);

        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        ActivityTraceId timer;
        using (var tick = Telemetry.Source.StartActivity("tick"))
        {
            timer = tick!.TraceId;
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.CallAsync("Plan");
        }

        // The message is taken by an invocation that knows nothing of the timer's.
        await app.DrainAsync();

        var names = ended.Where(activity => activity.TraceId == timer).Select(activity => activity.OperationName).ToList();
        Assert.Contains("harvest", names);
        Assert.Contains("write ledger", names);
    }

    [Fact]
    public async Task Status_shows_what_the_meter_counts()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        await app.CallAsync("Plan");

        var metrics = (await app.GetAsync("/status")).GetProperty("metrics").EnumerateArray()
            .Select(metric => (Name: metric.GetProperty("name").GetString()!, Of: metric.GetProperty("dimensions"), Value: metric.GetProperty("value").GetDouble()))
            .ToList();
        Assert.Contains(metrics, m => m.Name == Telemetry.HarvestsName && m.Of.GetProperty("source").GetString() == "feed" && m.Of.GetProperty("outcome").GetString() == "ok" && m.Value >= 1);
        Assert.Contains(metrics, m => m.Name == Telemetry.WritesName && m.Of.GetProperty("change").GetString() == "new" && m.Value >= 1);
        Assert.Contains(metrics, m => m.Name == Telemetry.HttpName && m.Of.GetProperty("host").GetString() is "telemetry.example" or "other");
        Assert.Contains(metrics, m => m.Name == Telemetry.OldestName && m.Of.GetProperty("queue").GetString() == "harvest");
    }

    [Fact]
    public async Task Values_chosen_by_strangers_create_no_unbounded_metric_dimension()
    {
        using var metrics = new ContributionIngest.Functions.Api.Operations.ProcessMetrics();
        await metrics.StartAsync(CancellationToken.None);
        for (var i = 0; i < 500; i++)
            Telemetry.Asked($"h{i}.example", Outcome.Content, TimeSpan.FromSeconds(1));
        var hosts = metrics.Now().Where(metric => metric.Name == Telemetry.HttpName).Select(metric => metric.Dimensions["host"]).Distinct(StringComparer.Ordinal).ToList();
        Assert.Contains("other", hosts);
        Assert.InRange(hosts.Count, 1, 101);
    }

    private enum Outcome
    {
        Content,
    }
}
