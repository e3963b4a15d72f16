using System.Globalization;

namespace ContributionIngest.Web.Connections;

/// <summary>A harvest that somebody asked for on the page of connections, which then shows what becomes of it.</summary>
/// <param name="Id">The connection; null for all.</param>
/// <param name="At">When it was asked for.</param>
public sealed record AskedHarvest(string? Id, DateTimeOffset At)
{
    public const string IdField = "asked";

    public const string AtField = "at";

    /// <summary>How long a page waits for it.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    /// <summary>As the address of the page has it; null if it has none.</summary>
    public static AskedHarvest? Of(string? id, string? at) =>
        long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? new AskedHarvest(string.IsNullOrEmpty(id) ? null : id, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;

    /// <summary>The query of the page's address.</summary>
    public static string Query(AskedHarvest? asked, string? search)
    {
        string?[] parts =
        [
            asked?.Id is { } id ? $"{IdField}={Uri.EscapeDataString(id)}" : null,
            asked is null ? null : string.Create(CultureInfo.InvariantCulture, $"{AtField}={asked.At.ToUnixTimeSeconds()}"),
            search is null ? null : $"q={Uri.EscapeDataString(search)}",
        ];
        var query = string.Join('&', parts.OfType<string>());
        return query.Length == 0 ? "" : "?" + query;
    }

    public bool Includes(ConnectedPlace place) => (Id is null || place.Connection.Id == Id) && place.Connection is { Paused: false, Ending: null };

    /// <summary>It has not begun yet.</summary>
    public bool IsAwaited(ConnectedPlace place, DateTimeOffset now) => Includes(place) && !(place.State.LastRun >= At) && now - At < MaxWait;
}
