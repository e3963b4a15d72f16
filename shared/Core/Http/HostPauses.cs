using System.Globalization;

namespace ContributionIngest.Core.Http;

/// <summary>Hosts that asked to be left alone for a while, for every connection alike. Kept in the process; the app may write them down.</summary>
public sealed class HostPauses(TimeProvider time)
{
    /// <summary>A host's word counts for a day at most; then it is asked again.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>For a host that asks for a pause without saying how long.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> untils = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The pauses that still run.</summary>
    public IReadOnlyList<HostPause> Current
    {
        get
        {
            lock (gate)
            {
                Prune();
                return [.. untils.Select(pause => new HostPause(pause.Key, pause.Value))];
            }
        }
    }

    /// <summary>Takes over pauses written down earlier, by this process or another; the later end of two counts.</summary>
    public void Load(IEnumerable<HostPause> pauses)
    {
        foreach (var pause in pauses)
            Pause(pause.Host, pause.Until);
    }

    /// <returns>When the host may be asked again, never more than a day ahead.</returns>
    public DateTimeOffset Pause(string host, DateTimeOffset until)
    {
        var latest = time.GetUtcNow() + Longest;
        until = until < latest ? until : latest;
        lock (gate)
        {
            Prune();
            if (untils.TryGetValue(host, out var known) && known >= until)
                return known;
            if (until > time.GetUtcNow())
                untils[host] = until;
            return until;
        }
    }

    /// <summary>When the host may be asked again; null: now.</summary>
    public DateTimeOffset? Until(string host)
    {
        lock (gate)
            return untils.TryGetValue(host, out var until) && until > time.GetUtcNow() ? until : null;
    }

    /// <summary><c>Retry-After</c> as seconds or HTTP-date (RFC 9110, 10.2.3); what cannot be read is the usual pause.</summary>
    internal DateTimeOffset RetryAt(string? header)
    {
        var now = time.GetUtcNow();
        if (long.TryParse(header, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds))
            return now + TimeSpan.FromSeconds(Math.Clamp(seconds, 1, (long)Longest.TotalSeconds));
        return DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now
            ? date
            : now + Usual;
    }

    private void Prune()
    {
        var now = time.GetUtcNow();
        foreach (var host in untils.Where(pause => pause.Value <= now).Select(pause => pause.Key).ToArray())
            untils.Remove(host);
    }
}

public sealed record HostPause(string Host, DateTimeOffset Until);
