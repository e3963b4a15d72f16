using System.Globalization;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How often a feed says it changes: RSS <c>ttl</c> in minutes, or period ÷ frequency (sy); and whether it is complete (RFC 5005).</summary>
internal struct FeedRhythm
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);
    private double? _ttlMinutes;
    private double? _frequency;
    private TimeSpan? _period;

    public bool Complete { get; private set; }

    public readonly TimeSpan? Interval
    {
        get
        {
            var interval = _ttlMinutes is { } minutes ? TimeSpan.FromMinutes(minutes)
                : _period is { } period ? period / (_frequency ?? 1)
                : (TimeSpan?)null;
            return interval > Longest ? Longest : interval;
        }
    }

    public void Take(ref FeedXml xml, FeedText text)
    {
        if (xml.Space == Space.History)
        {
            Complete |= xml.Word == FeedElement.Complete;
            return;
        }

        var word = xml.Word;
        if (word is not (FeedElement.Ttl or FeedElement.UpdateFrequency or FeedElement.UpdatePeriod) || FeedModules.ReadWord(ref xml, text) is not { } said) return;
        if (word == FeedElement.Ttl) _ttlMinutes ??= Positive(said);
        else if (word == FeedElement.UpdateFrequency) _frequency ??= Positive(said);
        else _period ??= Period(said);
    }

    private static TimeSpan? Period(string word) => word.ToLowerInvariant() switch
    {
        "hourly" => TimeSpan.FromHours(1),
        "daily" => TimeSpan.FromDays(1),
        "weekly" => TimeSpan.FromDays(7),
        "monthly" => TimeSpan.FromDays(30),
        "yearly" => TimeSpan.FromDays(365),
        _ => null,
    };

    private static double? Positive(string number) =>
        double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1e7 ? value : null;
}
