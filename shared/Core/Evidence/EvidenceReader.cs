using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Formats.Pages;
using NodaTime;

namespace ContributionIngest.Core.Evidence;

/// <summary>What came of looking at some links.</summary>
/// <param name="Checks">Those that were looked at, by the entry's id.</param>
/// <param name="Left">How many are left to look at.</param>
public sealed record EvidenceLooks(IReadOnlyDictionary<string, EvidenceCheck> Checks, int Left);

/// <summary>Looks at links. A few at once, and each is written as soon as it was seen, so that nothing seen is lost when the caller leaves.</summary>
public sealed class EvidenceReader(Fetcher fetcher, EvidenceStore store, TimeProvider clock)
{
    /// <summary>How many links are looked at in one go.</summary>
    public const int MaxLinks = 25;

    private const int MaxAtOnce = 4;

    /// <summary>After it no other link is begun with.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    /// <summary>After it a link is looked at again.</summary>
    private static readonly TimeSpan Lasts = TimeSpan.FromDays(30);

    /// <summary>The same for one that could not be read, since that may pass.</summary>
    private static readonly TimeSpan FailureLasts = TimeSpan.FromDays(1);

    /// <param name="name">The person's; null if there is none.</param>
    /// <param name="links">Those of interest; the first are the most pressing.</param>
    public async Task<EvidenceLooks> CheckAsync(string person, string? name, IReadOnlyList<EvidenceLink> links, DateTimeZone zone, CancellationToken cancel)
    {
        var due = Due(links, await store.ListAsync(person, cancel), name);
        var (waiting, room, checks, began) = (new ConcurrentQueue<EvidenceLink>(due), new ConcurrentBag<bool>(Enumerable.Repeat(true, MaxLinks)), new ConcurrentDictionary<string, EvidenceCheck>(StringComparer.Ordinal), clock.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, MaxAtOnce).Select(_ => WorkAsync()));
        return new EvidenceLooks(checks, due.Count - checks.Count);

        async Task WorkAsync()
        {
            while (clock.GetElapsedTime(began) < MaxTime && room.TryTake(out _) && waiting.TryDequeue(out var link))
            {
                if (await LookAsync(link, name, zone, cancel) is not { } check)
                {
                    // Nothing was requested, and so another one may be.
                    room.Add(true);
                    continue;
                }

                await store.SaveAsync(person, link.Entry, check, cancel);
                checks[link.Entry] = check;
            }
        }
    }

    /// <summary>What was never looked at as it is now, and then what was looked at too long ago, the oldest look first.</summary>
    private List<EvidenceLink> Due(IReadOnlyList<EvidenceLink> links, IReadOnlyDictionary<string, EvidenceCheck> known, string? name)
    {
        var now = clock.GetUtcNow();
        var never = links.Where(link => Last(link) is null);
        var old = links.Select(link => (Link: link, Last: Last(link))).Where(pair => pair.Last is { } last && now - last.At > (last.Status == LinkStatus.Failing ? FailureLasts : Lasts))
            .OrderBy(pair => pair.Last!.At).Select(pair => pair.Link);
        return [.. never, .. old];

        EvidenceCheck? Last(EvidenceLink link) => known.GetValueOrDefault(link.Entry) is { } check && check.Address == link.Address && check.Day == link.Day && check.Person == name ? check : null;
    }

    /// <returns>Null if it was not looked at, because its host has asked for a pause or too much is being read.</returns>
    private async Task<EvidenceCheck?> LookAsync(EvidenceLink link, string? name, DateTimeZone zone, CancellationToken cancel)
    {
        try
        {
            using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
            var answer = await fetcher.SendAsync(new FetchRequest(new Uri(link.Address)) { Accept = PageReader.Accept }, cancel);
            if (answer.Code == "paused")
                return null;
            var (status, found) = (StatusOf(answer), (Name: PageFinding.NotChecked, Date: PageFinding.NotChecked));
            if (answer.Outcome == FetchOutcome.Content && PageReader.IsPage(answer))
                found = Read(answer, name, link.Day, zone);
            return new EvidenceCheck(link.Address, clock.GetUtcNow(), status, found.Name, found.Date) { Day = link.Day, Person = name };
        }
        catch (TooBusyException)
        {
            return null;
        }
    }

    private static (PageFinding Name, PageFinding Date) Read(Fetched answer, string? name, DateOnly day, DateTimeZone zone)
    {
        try
        {
            var page = new PageText(PageWords.Read(answer.Body, answer.Header("Content-Type"), answer.Address));
            return (page.Name(name), page.Date(day, zone));
        }
        catch (RegexMatchTimeoutException)
        {
            return (PageFinding.NotChecked, PageFinding.NotChecked);
        }
    }

    private static LinkStatus StatusOf(Fetched answer) => answer switch
    {
        { Outcome: FetchOutcome.Content } or { Code: "tooLarge" } => LinkStatus.Alive,
        { Code: "refusedAddress" or "downgrade" } => LinkStatus.NotCheckable,
        { Outcome: FetchOutcome.Missing or FetchOutcome.Gone } => LinkStatus.Gone,
        { Outcome: FetchOutcome.Denied } or { Status: 402 or 429 } => LinkStatus.Refused,
        _ => LinkStatus.Failing,
    };
}
