using System.Globalization;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources;

/// <summary>Reads what the <c>robots.txt</c> of a site allows (RFC 9309), at most once a day.</summary>
internal sealed class RobotsCheck(Fetcher fetcher, TimeProvider time)
{
    /// <summary>The product token of our User-Agent.</summary>
    private const string Product = "ContributionIngest";

    /// <summary>Of a longer file the beginning is enough, but an answer without an end is none.</summary>
    private const int MaxBytes = 4 * RobotsRules.MaxBytes;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <param name="known">From the last read; null if there is none.</param>
    /// <exception cref="SourceException">The file cannot be read now: nothing else of the site may be either (RFC 9309, 2.3.1.4).</exception>
    public async Task<RobotsState> ReadAsync(Uri address, RobotsState? known, CancellationToken cancel)
    {
        var (site, now) = (address.GetLeftPart(UriPartial.Authority), time.GetUtcNow());
        known = known?.Site == site && known.ReadAt <= now ? known : null;
        if (known is not null && now - known.ReadAt < Day && known.Rules is not null)
            return known;
        var answer = await fetcher.SendAsync(new FetchRequest(new Uri(site + "/robots.txt")) { Accept = "text/plain, */*;q=0.1", MaximumBytes = MaxBytes }, cancel);
        return answer switch
        {
            { Outcome: FetchOutcome.Content } => RobotsState.Of(site, now, RobotsRules.Read(answer.Body, Product)),

            // Without the file everything may be read (2.3.1.3).
            { Status: >= 400 and < 500, Outcome: not (FetchOutcome.Throttled or FetchOutcome.Transient) } => RobotsState.Of(site, now, RobotsRules.None),
            _ when known?.Rules is not null && now - known.ReadAt < Month => known,
            { Outcome: FetchOutcome.Throttled } => throw SourceException.Of(answer),
            _ => throw SourceException.Transient("robots", $"{answer.Problem} It is asked for robots.txt first, and read once that says what may be read."),
        };
    }
}

/// <summary>What a site allowed. Stored in cursors: members may be added, never renamed.</summary>
/// <param name="Rules">Each as <c>+</c> or <c>-</c> and its pattern; null if there are too many to store.</param>
internal sealed record RobotsState(string Site, DateTimeOffset ReadAt, IReadOnlyList<string>? Rules)
{
    /// <summary>Characters of the rules in a cursor.</summary>
    private const int MaxLength = 1_500;

    private static readonly TimeSpan ShortestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(8);

    private RobotsRules? read;

    /// <summary>Seconds that the site asks for between requests.</summary>
    public double? CrawlDelay { get; init; }

    /// <summary>How long to wait before the next request.</summary>
    public TimeSpan Delay()
    {
        var seconds = Math.Clamp(CrawlDelay ?? 0, ShortestDelay.TotalSeconds, LongestDelay.TotalSeconds);
        return TimeSpan.FromSeconds(seconds);
    }

    public static RobotsState Of(string site, DateTimeOffset now, RobotsRules rules)
    {
        List<string> texts = [.. rules.Rules.Select(rule => (rule.IsAllowed ? "+" : "-") + rule.Pattern)];
        return new RobotsState(site, now, texts.Sum(text => text.Length + 4) <= MaxLength ? texts : null) { CrawlDelay = rules.CrawlDelay, read = rules };
    }

    public bool Allows(Uri address)
    {
        read ??= new RobotsRules([.. (Rules ?? []).Select(text => new RobotsRule(text[0] == '+', text[1..]))], CrawlDelay);
        return read.IsAllowed(address);
    }

    /// <exception cref="SourceException">The site does not want programs to read this.</exception>
    public void Demand(Uri address, string instead)
    {
        if (!Allows(address))
            throw SourceException.Terminal("robots", string.Create(CultureInfo.InvariantCulture, $"{address.Host} asks programs not to read {address.AbsolutePath} (robots.txt), so it is not read. {instead}"));
    }
}
