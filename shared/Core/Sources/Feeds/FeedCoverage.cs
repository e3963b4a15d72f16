using System.Globalization;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How much of a feed was read, by its cursor. Complete means: read to the end, with nothing missing.</summary>
internal static class FeedCoverage
{
    /// <param name="oldest">Of the page just read, for a feed without a backfill.</param>
    /// <returns>Null if nothing new is known, because an earlier version of the program ended the backfill.</returns>
    public static Coverage? Of(FeedCursor cursor, DateTimeOffset? oldest = null)
    {
        var history = cursor.Backfill;
        if (cursor.TruncatedSince is not null)
            return new(history?.Oldest ?? oldest, false, "The feed ends before it is complete; it is read again next time.");
        if (history is null)
            return new(null, false, "The feed shows no entries yet.");
        if (cursor.Gap is { } gap)
            return new(gap.Oldest, false, Missing(gap) ?? "Posts published while the feed was not read are still being read.");
        if (history.IsComplete)
            return new(null, true, null);
        return history is { Next: null, End: null } ? null : new(history.Oldest, false, Missing(history) ?? LeftOut(history));
    }

    /// <summary>Why the next page was not read yet; null if nothing prevents it.</summary>
    private static string? Missing(Backfill backfill)
    {
        if (backfill.Next is null)
            return null;
        if (backfill.EndsSeen > 0)
            return "The older pages seem to end here; this is checked next time.";
        var next = backfill.Failures > FeedBackfill.Retries ? "once a week" : "next time";
        return backfill.Failures > 0 ? $"An older page of the feed cannot be read: {backfill.Problem} It is tried again {next}."
            : backfill.Until is null ? "Older posts are still being read."
            : null;
    }

    private static string LeftOut(Backfill backfill) => backfill switch
    {
        { HasMoved: true } => "Posts were added or removed while older pages were read; the pages are read once more.",
        { Truncated: > 0 } => "Pages of the feed end before they are complete; they are read again once a week.",
        { Overfull: > 0 } =>
            string.Create(CultureInfo.InvariantCulture, $"The feed holds more than {FeedReader.MaxEntries:N0} entries in one document; the rest of it was not read."),
        { End: BackfillEnd.NoPages } => $"The feed shows {(backfill.EntriesRead == 1 ? "one entry" : $"{backfill.EntriesRead} entries")} and no older pages; if there is more, log it by hand.",
        { End: BackfillEnd.MaxPages } => $"{backfill.PagesRead} pages of the feed were read, which is the most; if there are more, log older posts by hand.",
        { End: BackfillEnd.NotFollowed } => "The feed's older pages are not followed, because they are at another site or at no usable address; log older posts by hand.",
        _ => backfill.Skipped == 1 ? "An entry of the feed could not be read." : $"{backfill.Skipped} entries of the feed could not be read.",
    };
}
