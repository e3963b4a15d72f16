using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

public sealed class RealFeedsTests
{
    [CorporaFact]
    public async Task Every_real_feed_is_read_once_with_all_its_entries_and_then_never_again()
    {
        var files = Directory.GetFiles(Corpora.Path("real-feeds", "input"), "*", SearchOption.AllDirectories);
        Assert.True(files.Length > 100, $"only {files.Length} feeds in the corpus");
        var wrong = new List<string>();
        foreach (var file in files)
        {
            var body = await File.ReadAllBytesAsync(file);
            var feed = FeedReader.Read(body, null, new Uri(FeedSite.Feed)).Feed;
            using var site = new FeedSite { Elsewhere = FeedSite.NotFound };
            site.On(FeedSite.Feed, _ => ScriptedWeb.Answer((int)HttpStatusCode.OK, body));
            var pages = await site.ReadAsync();
            var drafts = pages[0].Drafts;
            var skipped = pages[0].Repairs.Where(repair => repair.What == "itemSkipped").Sum(repair => repair.Count);
            var left = skipped + pages[0].Repairs.Where(repair => repair.What == "itemRepeated").Sum(repair => repair.Count);
            if (drafts.Count + left != feed!.Entries.Count || skipped * 10 > feed.Entries.Count)
                wrong.Add($"{file}: {feed.Entries.Count} entries, {drafts.Count} drafts, {left} left out");
            if (drafts.Select(draft => draft.NativeId).Distinct(StringComparer.Ordinal).Count() != drafts.Count)
                wrong.Add($"{file}: an id stands for two drafts");
            if (drafts.Any(draft => draft is { When: not null, DatePrecision: DatePrecision.FirstSeen } || draft.NativeId.Length == 0))
                wrong.Add($"{file}: a date or an id was invented");
            if (pages[^1].More || pages.All(page => page.Coverage is null))
                wrong.Add($"{file}: no end or no coverage");

            // A site that numbers its pages is asked once more for the one that is missing; a feed that is not closed is read each time.
            var second = await site.ReadAsync(pages[^1].Cursor);
            if (second.Any(page => page.Drafts.Count > 0) != feed.IsTruncated)
                wrong.Add($"{file}: read again");
            if (!feed.IsTruncated && second.Count > 0 && (await site.ReadAsync(second[^1].Cursor)).Count > 0)
                wrong.Add($"{file}: its pages are asked for again");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
