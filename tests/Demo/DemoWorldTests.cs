using System.Net;
using System.Net.Sockets;
using ContributionIngest.Demo;
using ContributionIngest.Functions.Cli;
using NodaTime;
using NodaTime.Extensions;
using Xunit;

namespace ContributionIngest.Tests.Demo;

public sealed class DemoWorldTests
{
    /// <summary>Every hour of two weeks, among them the night in which an hour happens twice.</summary>
    private static readonly IReadOnlyList<DateTimeOffset> Starts =
        [.. Enumerable.Range(0, 14 * 24).Select(hour => new DateTimeOffset(2026, 10, 18, 0, 30, 0, TimeSpan.Zero).AddHours(hour))];

    [Fact]
    public void Invented_year_ends_at_the_start_time() => Assert.All(Starts, start =>
    {
        var world = World.Read(start);
        Assert.All(world.Blogs.SelectMany(world.Entries), entry => Assert.InRange(start - entry.When, TimeSpan.Zero, TimeSpan.FromDays(366)));
        Assert.InRange(start - world.Blogs.SelectMany(world.Entries).Max(entry => entry.When), TimeSpan.Zero, TimeSpan.FromDays(1));
    });

    [Fact]
    public void Workday_authors_publish_on_workdays_whatever_the_start_date() => Assert.All(Starts, start =>
    {
        var world = World.Read(start.AddDays(1));
        var zone = DateTimeZoneProviders.Tzdb[world.Person.Zone];
        var days = world.Blogs.Where(blog => blog.Workdays).SelectMany(blog => world.Entries(blog).Where(entry => entry.Path.StartsWith(blog.Site, StringComparison.Ordinal)))
            .Select(entry => entry.When.ToInstant().InZone(zone).DayOfWeek);
        Assert.DoesNotContain(days, day => day is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday);
    });

    [Fact]
    public void Every_post_has_its_own_address_and_some_text()
    {
        var world = World.Read(Starts[0]);
        foreach (var blog in world.Blogs)
        {
            var entries = world.Entries(blog);
            Assert.Equal(entries.Count, entries.Select(entry => entry.Path).Distinct(StringComparer.Ordinal).Count());
            Assert.All(entries, entry => Assert.InRange(entry.Text.Length, 60, 400));
            Assert.All(entries, entry => Assert.InRange(entry.Topics.Count, 1, 3));
        }
    }

    [Fact]
    public void Changed_posts_keep_their_addresses()
    {
        var world = World.Read(Starts[0]);
        var before = world.Blogs.SelectMany(world.Entries).ToLookup(entry => entry.Path, StringComparer.Ordinal);
        world.Revise();
        Assert.Equal(2, world.Blogs.SelectMany(world.Entries).Count(entry =>
            before[entry.Path].First() is var old && (old.Title != entry.Title || old.When != entry.When)));
    }

    [Fact]
    public void Busy_port_is_skipped()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;
        Assert.False(FreePort.IsFree(port));
        Assert.InRange(FreePort.From(port), port + 1, port + 199);
    }
}
