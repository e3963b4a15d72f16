using System.Security.Cryptography;

namespace ContributionIngest.Functions.Standalone;

/// <summary>How long to wait before asking an empty queue again: from 100 ms, doubling, a fifth of it at random, up to the longest.</summary>
internal sealed class IdleWait(TimeSpan longest)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private TimeSpan wait = Shortest;

    public void Reset() => wait = Shortest;

    public TimeSpan Next()
    {
        var now = wait;
        wait = wait * 2 < longest ? wait * 2 : longest;
        var spread = now * (RandomNumberGenerator.GetInt32(80, 121) / 100.0);
        return spread < longest ? spread : longest;
    }
}
