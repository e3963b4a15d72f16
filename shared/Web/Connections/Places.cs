using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Web.Connections;

/// <summary>What was found for one line of what was typed.</summary>
/// <param name="Typed">The line.</param>
/// <param name="Found">Null if it cannot be connected; then <paramref name="Problem"/> says what was found and what to try.</param>
/// <param name="IsConnected">The person has a connection to it.</param>
public sealed record FoundPlace(string Typed, Preview? Found, string? Problem, bool IsConnected = false);

/// <summary>A connection with the number of entries it sees.</summary>
public sealed record ConnectedPlace(Connection Connection, ConnectionState State, int Entries);

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
            _ => $"on {then.UtcDateTime:d MMM yyyy}",
        };
    }
}
