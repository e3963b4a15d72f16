using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.Discourse;

/// <summary>
/// Reads somebody's solutions and replies. Each read costs two requests, for the newest of both; the past is read once. A topic of one's own is no
/// answer, and neither are one's replies in it, unless they are its solution. What the forum no longer shows stays as it was read.
/// </summary>
internal sealed class AnswersReader(DiscourseApi api, TimeProvider time)
{
    private const string Topics = "4";
    private const string Replies = "5";
    private const string TopicsAndReplies = "4,5";

    /// <summary>Pages of one's own topics that are read first.</summary>
    private const int MaxTopicPages = 20;

    /// <summary>Rows of a list: 1,000 pages.</summary>
    private const int MaxOffset = 30_000;

    /// <summary>Forums answer two hundred requests a minute.</summary>
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(350);

    private static readonly TimeSpan MinInterval = TimeSpan.FromHours(1);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = ForumAccount.OfOrigin(reading.Origin) ?? throw SourceException.Terminal("noAccount", "The connection names nobody in a forum. Connect the address of your profile again.");
        var what = reading.Options.GetValueOrDefault("what") ?? "replies";
        var before = DiscourseCursor.Parse(reading.Cursor);
        var cursor = reading.IsFromStart || before.What != what ? new DiscourseCursor { Forum = before.Forum, What = what } : before;
        cursor = cursor with { Forum = cursor.Forum ?? await api.ForumAsync(account.Forum, cancel) ?? account.Forum.Host };
        var withReplies = what == "replies";
        var isFirst = cursor.Recent is null;
        if (isFirst && withReplies)
            cursor = cursor with { Topics = await OwnTopicsAsync(account, cancel) };

        var container = new Container(cursor.Forum, account.Forum.AbsoluteUri);
        var solutions = await api.SolutionsAsync(account, 0, cursor.SolutionsETag, withReplies, cancel);
        await Task.Delay(BetweenRequests, time, cancel);
        var actions = withReplies ? await api.ActionsAsync(account, TopicsAndReplies, 0, cursor.ActionsETag, cancel) : null;
        if (solutions is null && actions is null && cursor.Walk is null)
            yield break;
        var skipped = 0;
        var drafts = new List<Draft>();
        if (solutions is not null)
        {
            var (solved, news) = Solved(solutions);
            drafts.AddRange(news);

            // Acceptances come in the order of their day: a page of nothing but new ones may not be the last.
            if (cursor.IsRead && solved.Count > 0 && solved.Count == news.Count && cursor.Walk is null)
                cursor = cursor with { Walk = new ForumWalk(IsSolutions: true, solutions.Rows.Count) };
            cursor = cursor with { SolutionsETag = solutions.ETag };
        }

        if (actions is not null)
            drafts.AddRange(Head(actions));
        if (isFirst)
            cursor = cursor with { Recent = cursor.Recent ?? [], Walk = new ForumWalk(IsSolutions: true, solutions?.Rows.Count ?? 0) };
        if (drafts.Count > 0 || cursor.ToText() != reading.Cursor)
            yield return Page(drafts, actions?.Raw ?? solutions?.Raw);
        while (cursor.Walk is { } walk)
        {
            await Task.Delay(BetweenRequests, time, cancel);
            skipped = 0;
            var page = walk.IsSolutions ? await api.SolutionsAsync(account, walk.Offset, null, withReplies, cancel) : await api.ActionsAsync(account, Replies, walk.Offset, null, cancel);
            drafts = Step(walk, page!);
            yield return Page(drafts, page!.Raw);
        }

        (List<ForumPost> All, List<Draft> News) Solved(ForumPage page)
        {
            var all = page.Rows.Select(ForumPost.OfSolution).OfType<ForumPost>().DistinctBy(post => post.Key, StringComparer.Ordinal).ToList();
            skipped += page.Rows.Count - all.Count;
            var known = cursor.Solved ?? [];
            var news = all.Where(post => !known.Contains(post.Key)).ToList();
            cursor = cursor with { Solved = [.. (isFirst || cursor.Walk is { IsSolutions: true } ? known.Concat(news.Select(post => post.Key)) : news.Select(post => post.Key).Concat(known)).Take(DiscourseCursor.MaxSolved)] };
            return (all, news.ConvertAll(post => post.ToDraft(account, container)));
        }

        List<Draft> Head(ForumPage page)
        {
            var posts = Posts(page);
            cursor = cursor with
            {
                ActionsETag = page.ETag,
                Topics = [.. (cursor.Topics ?? []).Union(posts.Where(post => post.IsTopic).Select(post => post.Topic)).TakeLast(DiscourseCursor.MaxTopics)],
            };
            var isOverrun = cursor.IsRead && cursor.Walk is null && posts.Count > 0 && !posts.Any(post => cursor.Recent?.Contains(post.Key) == true);
            var news = Answers(posts).Where(post => cursor.Recent?.Contains(post.Key) != true).Select(post => post.ToDraft(account, container)).ToList();
            cursor = cursor with
            {
                Walk = isOverrun && withReplies ? new ForumWalk(IsSolutions: false, 0, cursor.Newest) : cursor.Walk,
                Recent = [.. posts.Select(post => post.Key)],
                Newest = posts.Select(post => (DateTimeOffset?)post.Created).Append(cursor.Newest).Max(),
            };
            return news;
        }

        List<Draft> Step(ForumWalk walk, ForumPage page)
        {
            var next = walk with { Offset = walk.Offset + page.Rows.Count };
            var isEnd = page.Rows.Count == 0 || next.Offset >= MaxOffset;
            if (walk.IsSolutions)
            {
                var (all, news) = Solved(page);
                isEnd |= cursor.IsRead && news.Count < all.Count;
                var after = isEnd && !cursor.IsRead && withReplies ? new ForumWalk(IsSolutions: false, 0) : null;
                cursor = cursor with { Walk = isEnd ? after : next, IsRead = cursor.IsRead || (isEnd && after is null) };
                return news;
            }

            var posts = Posts(page);
            isEnd |= walk.Until is { } until && posts.Exists(post => post.Created <= until);
            cursor = cursor with { Walk = isEnd ? null : next, IsRead = cursor.IsRead || isEnd };
            return [.. Answers(posts).Select(post => post.ToDraft(account, container))];
        }

        List<ForumPost> Posts(ForumPage page)
        {
            var posts = page.Rows.Select(ForumPost.OfAction).OfType<ForumPost>().DistinctBy(post => post.Key, StringComparer.Ordinal).ToList();
            skipped += page.Rows.Count - posts.Count;
            return posts;
        }

        // Solutions come from their own list.
        IEnumerable<ForumPost> Answers(IEnumerable<ForumPost> posts) => !withReplies ? []
            : posts.Where(post => !post.IsTopic && cursor.Topics?.Contains(post.Topic) != true && cursor.Solved?.Contains(post.Key) != true);

        SourcePage Page(IReadOnlyList<Draft> shown, RawResponse? raw) => new()
        {
            Drafts = shown,
            Cursor = cursor.ToText(),
            More = cursor.Walk is not null,
            Coverage = cursor.IsRead ? new Coverage(null, true, null) : new Coverage(null, false, "Older posts are still being read."),
            Raw = raw,
            Repairs = skipped == 0 ? [] : [new Repair("itemSkipped", skipped)],
            MinPollInterval = MinInterval,
            Url = account.Page,
        };
    }

    /// <summary>The newest of one's own topics, so that replies in them are known as such.</summary>
    private async Task<IReadOnlyList<long>> OwnTopicsAsync(ForumAccount account, CancellationToken cancel)
    {
        var topics = new List<long>();
        for (int page = 0, offset = 0; page < MaxTopicPages && topics.Count < DiscourseCursor.MaxTopics; page++)
        {
            var rows = (await api.ActionsAsync(account, Topics, offset, null, cancel))!.Rows;
            if (rows.Count == 0)
                break;
            offset += rows.Count;
            topics.AddRange(rows.Select(ForumPost.OfAction).OfType<ForumPost>().Where(post => post.IsTopic).Select(post => post.Topic));
            await Task.Delay(BetweenRequests, time, cancel);
        }

        topics.Reverse();
        return [.. topics.Distinct().TakeLast(DiscourseCursor.MaxTopics)];
    }
}
