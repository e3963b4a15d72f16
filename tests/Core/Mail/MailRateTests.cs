using System.Globalization;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>No hour sees more mails than the setting says, whoever sends them.</summary>
public sealed class MailRateTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(90, 250, 1)]
    [InlineData(90, 250, 2)]
    [InlineData(30, 80, 3)]
    [InlineData(600, 900, 4)]
    public async Task Two_processes_share_the_hourly_limit_whatever_the_outcomes(int perHour, int people, int seed)
    {
        var random = new Random(seed);
        var failures = new Dictionary<string, int>(StringComparer.Ordinal);
        // Nobody's mail fails more than twice, or its own delays would decide when all is done.
        await using var run = await TwoAsync(perHour, people, to => random.Next(10) == 0 && (failures[to] = failures.GetValueOrDefault(to) + 1) <= 2);
        while (run.Sent.Count < people + 1)
            await run.PassAsync(Minute, random);
        Assert.Equal(people + 1, run.Sent.Distinct(StringComparer.Ordinal).Count());
        AssertPace(run.Times, perHour);

        // And nobody idles: but for the retries it is done as soon as the pace allows.
        var ideal = TimeSpan.FromHours((double)run.Times.Count / perHour);
        Assert.InRange(run.Times[^1] - run.Times[0], ideal - (3 * Minute), ideal + TimeSpan.FromMinutes(60));
    }

    [Fact]
    public async Task Process_that_finds_its_turn_taken_waits_longer_and_longer_before_it_tries_again()
    {
        await using var app = await MailFixture.StartAsync(new RecordingMail());
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.CallAsync("Plan");
        var message = Assert.Single(await app.Store.Queue.ReceiveAsync("digest", 32, TimeSpan.FromMinutes(10), default));
        var rivals = 5;
        app.Table.Step = () =>
        {
            // Between the reading and the writing of the turns.
            if (app.Table.Operations[^1].Table != "lookups" || rivals == 0)
                return;
            rivals--;
            var taken = new Dictionary<string, object?>(StringComparer.Ordinal) { ["free"] = app.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) };
            app.Store.Table.WriteAsync("lookups", TableWrite.Put(new Row("mail", "turns", taken)), default).GetAwaiter().GetResult();
        };
        var start = app.Clock.GetTimestamp();
        await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, message.Body, default);

        Assert.Equal(0, rivals);
        Assert.InRange(app.Clock.GetElapsedTime(start), TimeSpan.FromMilliseconds(310), TimeSpan.FromMilliseconds(620));
        Assert.Equal(1, await app.Store.Queue.CountAsync("mail", default));
    }

    [Fact]
    public async Task Backlog_is_not_sent_in_a_burst()
    {
        var random = new Random(5);
        await using var run = await TwoAsync(60, 150, _ => false);
        for (var minute = 0; minute < 20; minute++)
            await run.PassAsync(Minute, random);
        run.App.Clock.Advance(TimeSpan.FromHours(1));
        while (run.Sent.Count < 151)
            await run.PassAsync(Minute, random);
        AssertPace(run.Times, 60);
    }

    [Fact]
    public async Task Waiting_retry_takes_no_send_slot_from_others()
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        var random = new Random(6);
        await using var run = await TwoAsync(60, 10, to => failed.Add(to));
        for (var minute = 0; minute < 11; minute++)
            await run.PassAsync(Minute, random);
        // Every first attempt had its minute although each of those before it had to be tried again.
        Assert.Equal(11, run.Times.Count);
        while (run.Sent.Count < 11)
            await run.PassAsync(Minute, random);
        AssertPace(run.Times, 60);
    }

    [Fact]
    public async Task Changed_limit_applies_to_slots_taken_from_then_on()
    {
        using var folder = new TemporaryFolder();
        var mail = new RecordingMail();
        var clock = new TestClock();
        var times = new List<DateTimeOffset>();
        mail.Answer = _ =>
        {
            times.Add(clock.GetUtcNow());
            return RecordingMail.Accepted;
        };
        foreach (var perHour in new[] { 60, 6 })
        {
            await using var app = await MailFixture.StartAsync(mail, folder, clock, perHour);
            for (var n = 0; n < 5; n++)
                await app.AddAsync($"{n}@example.com");
            await app.WeekAsync();
            for (var minute = 0; minute < 120; minute++)
                await app.PassAsync(Minute);
        }

        // Six people in the first week, eleven in the second.
        Assert.Equal(17, times.Count);
        Assert.Equal(Enumerable.Repeat(1, 5), Gaps(times.Take(6)));
        Assert.Equal(Enumerable.Repeat(10, 10), Gaps(times.Skip(6)));
    }

    [Fact]
    public async Task Mail_whose_slot_would_fall_into_the_next_week_is_not_sent_and_says_why()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail, perHour: 1);
        for (var n = 0; n < 170; n++)
            await app.AddAsync($"{n}@example.com");
        await app.WeekAsync();
        var store = app.App.Services.GetRequiredService<DigestStore>();
        var records = new List<DigestRecord>();
        foreach (var person in await app.App.Services.GetRequiredService<ContributionIngest.Core.People.PeopleStore>().AllAsync(default))
            records.Add(Assert.Single(await store.NewestAsync(person, 2, default)));
        // 6.5 days have 156 hours, both ends counted.
        Assert.Equal(157, records.Count(r => r.Mail is MailState.Waiting or MailState.Sent));
        Assert.Equal(14, records.Count(r => r is { Mail: MailState.None, Reason: { } reason } && reason.Contains("MailPerHour", StringComparison.Ordinal)));
    }

    private static IEnumerable<int> Gaps(IEnumerable<DateTimeOffset> times) => times.Zip(times.Skip(1), (a, b) => (int)Math.Round((b - a).TotalMinutes));

    /// <summary>A minute is as exact as a test's clock moves; a turn may be late by five.</summary>
    private static void AssertPace(List<DateTimeOffset> times, int perHour)
    {
        var slack = (int)Math.Ceiling(perHour * 6 / 60.0) + 1;
        for (var i = 0; i < times.Count; i++)
            Assert.InRange(times.Count(t => t >= times[i] && t < times[i] + TimeSpan.FromHours(1)), 0, perHour + slack);
    }

    private static async Task<Run> TwoAsync(int perHour, int people, Func<string, bool> isTemporary)
    {
        var run = new Run(isTemporary);
        run.App = await MailFixture.StartAsync(run, perHour: perHour);
        var settings = run.App.App.Services.GetRequiredService<Settings>();
        var stores = new Stores(run.App.Table, run.App.Store.Blobs, run.App.Store.Queue, run.App.Store.Epoch);
        run.Second = App.Build(settings, AppFixture.Dependencies(stores, run.App.Clock, new Blogs().Web, run));
        for (var n = 0; n < people; n++)
            await run.App.AddAsync($"{n}@example.com");
        run.App.Clock.Advance(TimeSpan.FromDays(7));
        await run.App.CallAsync("Plan");
        return run;
    }

    /// <summary>Two processes over one store, and every mail they tried.</summary>
    private sealed class Run(Func<string, bool> isTemporary) : IMail, IAsyncDisposable
    {
        private readonly Lock gate = new();

        public AppFixture App { get; set; } = null!;

        public WebApplication Second { get; set; } = null!;

        public List<DateTimeOffset> Times { get; } = [];

        public List<string> Sent { get; } = [];

        public Task<MailResult> SendAsync(Email email, CancellationToken cancel)
        {
            lock (gate)
            {
                Times.Add(App.Clock.GetUtcNow());
                if (isTemporary(email.To))
                    return Task.FromResult(new MailResult(MailOutcome.Temporary, "451"));
                Sent.Add(email.To);
                return Task.FromResult(RecordingMail.Accepted);
            }
        }

        public Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel) => Task.FromResult(0);

        /// <summary>Both work off what is visible, side by side and shared out by lot.</summary>
        public async Task PassAsync(TimeSpan time, Random random)
        {
            App.Clock.Advance(time);
            Assert.True(Times.Count < 5000, "It does not come to an end.");
            IServiceProvider[] processes = [App.App.Services, Second.Services];
            foreach (var (queue, function) in new[] { ("digest", "SendDigest"), ("mail", "SendMail") })
            {
                while (await App.Store.Queue.ReceiveAsync(queue, 16, TimeSpan.FromMinutes(10), default) is { Count: > 0 } messages)
                {
                    await Task.WhenAll(messages.Select(async message =>
                    {
                        await TriggeredFunction.Named(function).RunAsync(processes[random.Next(2)], message.Body, default);
                        await App.Store.Queue.DeleteAsync(queue, message, default);
                    }));
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Second.DisposeAsync();
            await App.DisposeAsync();
        }
    }
}
