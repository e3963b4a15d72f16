using System.Globalization;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>
/// 38 time zones × 5 people over a year with both changes of the clocks; the store goes away and the process is killed again and again. Time
/// goes from one moment at which something is due to the next, minute by minute while something is left to do.
/// </summary>
public sealed class YearTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 7, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2027, 1, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Ready = TimeSpan.FromMinutes(15);
    private static readonly ScriptedWeb Nobody = new();

    private static readonly (IsoDayOfWeek Day, int Hour)[] Wishes =
        [(IsoDayOfWeek.Monday, 8), (IsoDayOfWeek.Sunday, 2), (IsoDayOfWeek.Monday, 0), (IsoDayOfWeek.Sunday, 1), (IsoDayOfWeek.Friday, 23)];

    [Fact]
    public async Task Everyone_gets_exactly_one_digest_a_week_within_15_minutes()
    {
        const int Seed = 20_261_122;
        var (random, kills, outages) = (new Random(Seed), 0, 0);
        using var folder = new TemporaryFolder();
        var clock = new TestClock(Begin);
        var app = await AppFixture.StartAsync(Nobody, clock, folder);
        try
        {
            var people = await ComeAsync(app);
            var (nextTrouble, inTrouble) = (Begin.AddDays(3), false);
            while (await NextDueAsync(app) is { } due)
            {
                // What an outage left behind is seen to a minute later, whatever else is due.
                var now = clock.GetUtcNow();
                due = inTrouble ? now : due;
                var minute = new DateTimeOffset(due.Ticks - (due.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
                minute = minute < due ? minute.AddMinutes(1) : minute;
                minute = minute > now ? minute : now.AddMinutes(1);
                if (minute > End)
                    break;
                clock.Advance(minute - now);
                inTrouble = minute >= nextTrouble;
                if (inTrouble)
                {
                    nextTrouble = minute.AddHours(random.Next(1, 72));
                    app.Table.BreakIn = random.Next(32, 90);
                }

                await WorkAsync(app, inTrouble);
                app.Table.BreakIn = null;
                if (!inTrouble)
                    continue;
                outages++;
                if (random.Next(4) > 0)
                    continue;
                await app.DisposeAsync();
                app = await AppFixture.StartAsync(Nobody, clock, folder);
                kills++;
            }

            output.WriteLine($"seed {Seed}: {people.Count} people, {kills} kills, {outages - kills} more outages");
            await CheckAsync(app, people);
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    private static async Task<List<Person>> ComeAsync(AppFixture app)
    {
        var (store, planner) = (app.App.Services.GetRequiredService<PeopleStore>(), app.App.Services.GetRequiredService<DigestPlanner>());
        var people = new List<Person>();
        foreach (var zone in ScheduleTests.Zones)
        {
            foreach (var (day, hour) in Wishes)
            {
                var person = await store.CreateAsync((id, now) => new Person { Id = id, Zone = zone, Since = now, Digest = new DigestPreferences(day, hour) }, CancellationToken.None);
                await planner.PlanAsync(person, CancellationToken.None);
                people.Add(person);
            }
        }

        Assert.Equal(38 * 5, people.Count);
        return people;
    }

    /// <summary>What a timer and the queue do; in an outage each gives up, and what they left is there for the next.</summary>
    private static async Task WorkAsync(AppFixture app, bool inTrouble)
    {
        try
        {
            await app.CallAsync("Plan");
        }
        catch (StoreUnavailableException) when (inTrouble)
        {
            // The timer comes again.
        }

        await app.DrainAsync(inTrouble ? 2 : null);
        if (!inTrouble)
            Assert.Empty(app.Failures);
        app.Failures.Clear();
    }

    private static async Task<DateTimeOffset?> NextDueAsync(AppFixture app)
    {
        string? first = null;
        for (var shard = 0; shard < DueIndex.Shards; shard++)
        {
            var rows = app.Store.Table.RangeAsync(TableNames.Schedule, DueIndex.Name(DueIndex.Digest, shard), "0", "}", 1, CancellationToken.None);
            if (await rows.FirstOrDefaultAsync() is { } row && (first is null || string.CompareOrdinal(row.Key, first) < 0))
                first = row.Key;
        }

        return first is null ? null : new DateTimeOffset(long.Parse(first.Split('|')[0], CultureInfo.InvariantCulture), TimeSpan.Zero);
    }

    private static async Task CheckAsync(AppFixture app, List<Person> people)
    {
        var store = app.App.Services.GetRequiredService<DigestStore>();
        foreach (var person in people)
        {
            var made = (await store.NewestAsync(person.Id, 200, CancellationToken.None)).Reverse().Select(r => (r.Week, r.MadeAt)).ToList();
            var expected = new List<(string Week, DateTimeOffset Due)>();
            for (var due = Next(person, Begin); due + Ready < End; due = Next(person, due))
            {
                var local = NodaTime.Instant.FromDateTimeOffset(due).InZone(DateTimeZoneProviders.Tzdb[person.Zone]).Date;
                var week = Week.Of(new DateOnly(local.Year, local.Month, local.Day)).Before;
                if (week.Sunday >= new DateOnly(2026, 1, 8))
                    expected.Add((week.ToString(), due));
            }

            Assert.InRange(expected.Count, 52, 54);
            Assert.Equal(expected.Select(e => e.Week), made.Take(expected.Count).Select(m => m.Week));
            Assert.InRange(made.Count, expected.Count, expected.Count + 1);
            Assert.All(expected.Zip(made), pair => Assert.InRange(pair.Second.MadeAt - pair.First.Due, TimeSpan.Zero, Ready));
        }

        static DateTimeOffset Next(Person person, DateTimeOffset after) => LocalClock.First(person.Zone, (int)person.EffectiveDigest.Day, person.EffectiveDigest.Hour, after);
    }
}
