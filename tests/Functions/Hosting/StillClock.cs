namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>It is always the same moment until a test says otherwise; timers run as ever, so that hosts and drivers on real ports go on.</summary>
internal sealed class StillClock(DateTimeOffset? start = null) : TimeProvider
{
    private DateTimeOffset now = start ?? new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by) => now += by;
}
