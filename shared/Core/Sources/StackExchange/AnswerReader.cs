using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>
/// Reads the answers of an account. Each read costs one request, for the newest hundred with their scores; older ones are read once, and again
/// monthly. What the site no longer shows stays as it was read.
/// </summary>
internal sealed class AnswerReader(StackExchangeApi api, StackExchangeOptions options, TimeProvider time)
{
    /// <summary>Pages of one walk: 100,000 answers.</summary>
    private const int MaxPages = 1_000;

    private static readonly TimeSpan Monthly = TimeSpan.FromDays(30);

    /// <summary>The quota is shared by all people.</summary>
    private TimeSpan MinInterval => TimeSpan.FromHours(options.Key is null ? 6 : 1);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = SiteAccount.OfOrigin(reading.Origin) ?? throw SourceException.Terminal("noAccount", "The connection names no account. Connect the address of your profile again.");
        var before = StackExchangeCursor.Parse(reading.Cursor);
        var cursor = reading.IsFromStart ? new StackExchangeCursor { Filter = before.Filter, SiteName = before.SiteName } : before;
        var filter = cursor.Filter ?? await api.FilterAsync(cancel);
        var (page, answers, skipped) = await PageAsync(account, filter, "desc", null, 1, cancel);
        var name = cursor.SiteName ?? await SiteNameAsync(account, answers, cancel);
        var container = new Container(name ?? account.Host, $"https://{account.Host}/");
        var now = time.GetUtcNow();
        var news = answers.Where(answer => cursor.Recent?.GetValueOrDefault(answer.Key) != answer.Hash()).ToList();
        cursor = cursor with
        {
            Filter = filter,
            SiteName = name,
            Walk = cursor.Walk ?? Begin(cursor, answers, page.HasMore, reading.IsManual, now),
            IsGone = answers.Count == 0 && cursor.Recent is { Count: > 0 },
            Recent = answers.Count == 0 ? cursor.Recent : answers.ToDictionary(answer => answer.Key, answer => answer.Hash(), StringComparer.Ordinal),
            Newest = Math.Max(cursor.Newest, answers.Select(answer => answer.Created).DefaultIfEmpty().Max()),
            ReadAt = page.HasMore ? cursor.ReadAt : cursor.ReadAt ?? now,
        };
        if (news.Count > 0 || page.PausedUntil is not null || cursor.ToText() != reading.Cursor)
            yield return Page(news, page, skipped);
        while (cursor.Walk is { } walk)
        {
            (page, answers, skipped) = await PageAsync(account, filter, "asc", walk.From, walk.Page, cancel);
            cursor = Advance(cursor, walk with { Read = walk.Read + 1 }, answers, page.HasMore, time.GetUtcNow());
            yield return Page(answers, page, skipped);
        }

        SourcePage Page(IReadOnlyList<Answer> shown, ApiPage of, int left) => new()
        {
            Drafts = [.. shown.Select(answer => answer.ToDraft(account.Host, container))],
            Cursor = cursor.ToText(),
            More = cursor.Walk is not null,
            Coverage = Coverage(cursor),
            Raw = of.Raw,
            Repairs = left == 0 ? [] : [new Repair("itemSkipped", left)],
            MinPollInterval = MinInterval,
            PausedUntil = of.PausedUntil,
            Url = account.Page,
        };
    }

    /// <summary>Of the account only: an answer by somebody else is left out, like one without an id or a date.</summary>
    private async Task<(ApiPage Page, IReadOnlyList<Answer> Answers, int Skipped)> PageAsync(
        SiteAccount account, string filter, string order, long? from, int number, CancellationToken cancel)
    {
        var page = await api.AnswersAsync(account, filter, order, from, number, cancel);
        var answers = page.Items.Select(Answer.Of).OfType<Answer>().Where(answer => answer.OwnerId is null || answer.OwnerId == account.User).DistinctBy(answer => answer.Id).ToList();
        return (page, answers, page.Items.Count - answers.Count);
    }

    private async Task<string?> SiteNameAsync(SiteAccount account, IReadOnlyList<Answer> answers, CancellationToken cancel)
    {
        if (answers.Select(answer => answer.Network).FirstOrDefault(id => id is not null) is not { } network)
            return null;
        var sites = await api.SitesAsync(network, cancel);
        return sites.FirstOrDefault(site => site.Account == account)?.Name ?? account.Host;
    }

    /// <summary>The whole past at first and then monthly; and what came between two reads, if it is more than the newest page shows.</summary>
    private AnswerWalk? Begin(StackExchangeCursor cursor, IReadOnlyList<Answer> newest, bool hasMore, bool isManual, DateTimeOffset now)
    {
        if (!hasMore || newest.Count == 0)
            return null;
        if (cursor.ReadAt is null || (now - cursor.ReadAt >= Monthly && (isManual || !api.IsLow)))
            return new AnswerWalk(1, 1, IsFull: true);
        return newest.Min(answer => answer.Created) > cursor.Newest ? new AnswerWalk(cursor.Newest, 1, IsFull: false) : null;
    }

    private static StackExchangeCursor Advance(StackExchangeCursor cursor, AnswerWalk walk, IReadOnlyList<Answer> answers, bool hasMore, DateTimeOffset now)
    {
        var last = answers.Select(answer => answer.Created).DefaultIfEmpty().Max();
        if (!hasMore || walk.Read >= MaxPages)
            return cursor with { Walk = null, ReadAt = walk.IsFull ? now : cursor.ReadAt, IsCapped = hasMore };
        if (last > walk.From)
            return cursor with { Walk = walk with { From = last, Page = 1 } };
        return cursor with { Walk = walk.Page < StackExchangeApi.MaxPage ? walk with { Page = walk.Page + 1 } : walk with { From = walk.From + 1, Page = 1 } };
    }

    private static Coverage Coverage(StackExchangeCursor cursor) => cursor switch
    {
        { IsGone: true } => new(null, false, "Stack Exchange no longer shows any answer of this account. What was read stays, and it is checked again."),
        { ReadAt: null } => new(null, false, "Older answers are still being read."),
        { Walk.IsFull: false } => new(null, false, "Newer answers are still being read."),
        { IsCapped: true } => new(null, false, "Stack Exchange's list of answers did not end; it is read again monthly."),
        _ => new(null, true, null),
    };
}
