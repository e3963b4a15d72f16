using System.Globalization;

namespace ContributionIngest.Core.Http;

/// <summary>Hosts that asked for a pause; it applies to all connections. Held in the process; the app may persist them.</summary>
public sealed class HostPauses(TimeProvider time)
{
    /// <summary>A pause lasts at most a day; then the host is contacted again.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(1);

    /// <summary>For hosts that ask for a pause without giving its length.</summary>
    private static readonly TimeSpan DefaultPause = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> pausedUntil = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The pauses still in effect.</summary>
    public IReadOnlyList<HostPause> Current
    {
        get
        {
            lock (gate)
            {
                Prune();
                return [.. pausedUntil.Select(pause => new HostPause(pause.Key, pause.Value))];
            }
        }
    }

    /// <summary>Adds pauses stored earlier by this or another process; of two for the same host, the later end applies.</summary>
    public void Load(IEnumerable<HostPause> pauses)
    {
        foreach (var pause in pauses)
            Pause(pause.Host, pause.Until);
    }

    /// <returns>When the host may be contacted again, never more than a day ahead.</returns>
    public DateTimeOffset Pause(string host, DateTimeOffset until)
    {
        var latest = time.GetUtcNow() + MaxPause;
        until = until < latest ? until : latest;
        lock (gate)
        {
            Prune();
            if (pausedUntil.TryGetValue(host, out var known) && known >= until)
                return known;
            if (until > time.GetUtcNow())
                pausedUntil[host] = until;
            return until;
        }
    }

    /// <summary>When the host may be contacted again; null means now.</summary>
    public DateTimeOffset? Until(string host)
    {
        lock (gate)
            return pausedUntil.TryGetValue(host, out var until) && until > time.GetUtcNow() ? until : null;
    }

    /// <summary>Parses <c>Retry-After</c> as seconds or HTTP-date (RFC 9110, 10.2.3); an unreadable value gives the default pause.</summary>
    internal DateTimeOffset RetryAt(string? header)
    {
        var now = time.GetUtcNow();
        if (long.TryParse(header, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds))
            return now + TimeSpan.FromSeconds(Math.Clamp(seconds, 1, (long)MaxPause.TotalSeconds));
        return DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now
            ? date
            : now + DefaultPause;
    }

    private void Prune()
    {
        var now = time.GetUtcNow();
        foreach (var host in pausedUntil.Where(pause => pause.Value <= now).Select(pause => pause.Key).ToArray())
            pausedUntil.Remove(host);
    }
}

public sealed record HostPause(string Host, DateTimeOffset Until);
