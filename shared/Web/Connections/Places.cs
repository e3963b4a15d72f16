using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Web.Connections;

/// <summary>What was found for one line of what was typed.</summary>
/// <param name="Line">What was typed.</param>
/// <param name="Found">Null if it cannot be connected; then <paramref name="Problem"/> says what was found and what to try.</param>
/// <param name="IsConnected">The person has a connection to it.</param>
public sealed record FoundPlace(string Line, Preview? Found, string? Problem, bool IsConnected = false)
{
    /// <summary>The line was a name that is known in other places too.</summary>
    public bool IsOneOfSeveral { get; init; }

    /// <summary>Who writes there, by the number of their posts; empty if that cannot be told apart.</summary>
    public IReadOnlyList<(string Name, int Count)> Authors { get; init; } = [];

    /// <summary>The one of them who has the person's name; null if nobody has.</summary>
    public string? Author { get; init; }

    /// <summary>Without being asked, only what surely is the person's.</summary>
    public bool IsChosen => Found is not null && !IsConnected && !IsOneOfSeveral && (Authors.Count < 2 || Author is not null);
}

/// <summary>A connection with the number of entries it sees.</summary>
public sealed record ConnectedPlace(Connection Connection, ConnectionState State, int Entries)
{
    /// <summary>What the last harvests did, the newest first; empty where that is not shown.</summary>
    public IReadOnlyList<HarvestReport> Reports { get; init; } = [];

    /// <summary>The last two weeks, the oldest day first; empty where that is not shown.</summary>
    public IReadOnlyList<(DateOnly Day, DayMark Mark)> Days { get; init; } = [];
}

/// <summary>Sentences about connections.</summary>
public static class PlaceText
{
    public static string Icon(string source) => source switch
    {
        "github" => "pull",
        "youtube" => "video",
        "meetup" => "event",
        _ => "post",
    };

    /// <summary>The address that people know: of the feed where there is one, and else of the page.</summary>
    public static string Where(ConnectedPlace place)
    {
        var address = place.Connection.Source == "feed" ? place.State.Address : place.Connection.Url ?? place.State.Address;
        return address.StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal) ? address["https://".Length..] : address;
    }

    /// <summary>The noun for what a source has, in the number that fits.</summary>
    public static string Entries(string source, int count)
    {
        var (one, many) = source switch
        {
            "github" => ("pull request", "pull requests"),
            "youtube" => ("video", "videos"),
            "meetup" => ("meetup", "meetups"),
            _ => ("post", "posts"),
        };
        return count == 0 ? $"no {many}" : $"{count:N0} {(count == 1 ? one : many)}";
    }

    /// <summary>What kind of place it is.</summary>
    public static string Sort(string source) => source switch
    {
        "github" => "Profile",
        "youtube" => "Channel",
        "meetup" => "Group or calendar",
        _ => "Feed",
    };

    /// <summary>What needs care first, then by name.</summary>
    /// <param name="search">A part of the name or address; null for all.</param>
    public static IReadOnlyList<ConnectedPlace> InOrder(IReadOnlyList<ConnectedPlace> places, string? search) =>
    [
        .. places.Where(place => search is null || Name(place).Contains(search, StringComparison.OrdinalIgnoreCase) || Where(place).Contains(search, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(NeedsCare).ThenBy(Name, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>What people call it.</summary>
    public static string Name(ConnectedPlace place) => place.Connection.Title ?? place.Connection.Origin;

    /// <summary>Its past is not complete yet: it was never read, or its older pages are still to come.</summary>
    public static bool IsReading(ConnectedPlace place) => place.Connection is { Paused: false, Ending: null }
        && (place.State.Backfilling || (place.State.LastSuccess is null && place.State.Problem is null)) && !NeedsCare(place);

    /// <summary>The provider no longer accepts the access that was given.</summary>
    public static bool MustReconnect(ConnectedPlace place) => place.State.Problem?.Code == TokenService.Reconnect && place.Connection.Grant is not null;

    public static bool NeedsCare(ConnectedPlace place) => place.State.Health is Health.Broken or Health.Gone or Health.Failing && !place.Connection.Paused;

    /// <summary>How far back it sees, and why not further.</summary>
    public static string Coverage(ConnectedPlace place) => place switch
    {
        { Connection.Ending: not null } => "It is being disconnected.",
        { Connection.Paused: true } => "Paused. It is not read until it is resumed.",
        { State: { Health: Health.New, Problem: null } } => "Not read yet. The first harvest is under way.",
        { State.Backfilling: true } => "The past is being read.",
        { State.Coverage: { Complete: true } } => $"Complete: all {Entries(place.Connection.Source, place.Entries)} it shows.",
        { State.Coverage.Reason: { } reason } => reason,
        _ => "Read.",
    };

    /// <summary>When it was read, and when it will be.</summary>
    public static string Rhythm(ConnectedPlace place, DateTimeOffset now)
    {
        var read = place.State.LastSuccess is null ? "Not read yet" : $"Read {Ago(place.State.LastSuccess, now)}";
        if (place.Connection is { Paused: true } or { Ending: not null } || place.State.NextRun is not { } next)
            return read;
        if (place.State.PushedUntil > now)
            return read + ", and at once when something new is announced";
        var left = next - now;
        return left switch
        {
            { TotalMinutes: < 2 } => $"{read}, again soon",
            { TotalMinutes: < 90 } => $"{read}, next in {Math.Round(left.TotalMinutes):N0} minutes",
            { TotalHours: < 36 } => $"{read}, next in {Math.Round(left.TotalHours):N0} hours",
            _ => $"{read}, next in {Math.Round(left.TotalDays):N0} days",
        };
    }

    /// <summary>How long ago, roughly.</summary>
    public static string Ago(DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } then)
            return "never";
        var ago = now - then;
        return ago switch
        {
            { TotalMinutes: < 2 } => "just now",
            { TotalHours: < 1 } => $"{ago.TotalMinutes:N0} minutes ago",
            { TotalHours: < 2 } => "1 hour ago",
            { TotalDays: < 1 } => $"{Math.Floor(ago.TotalHours):N0} hours ago",
            { TotalDays: < 2 } => "yesterday",
            _ => $"on {Numbers.Day(DateOnly.FromDateTime(then.UtcDateTime))}",
        };
    }
}
