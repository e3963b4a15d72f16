using System.Globalization;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// What a cursor says about how much of a feed was read. Complete is only said of a walk that reached the end, left nothing out and has nothing
/// missing before it.
/// </summary>
internal static class FeedCoverage
{
    /// <param name="oldest">Of the page just read, for a feed that is not walked yet.</param>
    /// <returns>Null when nothing new is known: an earlier version of the program ended the walk.</returns>
    public static Coverage? Of(FeedCursor cursor, DateTimeOffset? oldest = null)
    {
        var history = cursor.Backfill;
        if (cursor.TruncatedSince is not null)
            return new(history?.Oldest ?? oldest, false, "The feed breaks off before its end; it is read again with the next reading.");
        if (history is null)
            return new(null, false, "The feed shows no entries yet.");
        if (cursor.Gap is { } gap)
            return new(gap.Oldest, false, Missing(gap) ?? "What came while the feed was not read is still being read.");
        if (history.IsComplete)
            return new(null, true, null);
        return history is { Next: null, End: null } ? null : new(history.Oldest, false, Missing(history) ?? LeftOut(history));
    }

    /// <summary>Why the next page is not read yet; null when nothing keeps it.</summary>
    private static string? Missing(Backfill walk)
    {
        if (walk.Next is null)
            return null;
        if (walk.EndsSeen > 0)
            return "The older pages seem to end here, which is being checked with the next reading.";
        var next = walk.Failures > FeedBackfill.Retries ? "once a week" : "with the next reading";
        return walk.Failures > 0 ? $"An older page of the feed cannot be read: {walk.Problem} It is tried again {next}."
            : walk.Until is null ? "Older posts are still being read."
            : null;
    }

    private static string LeftOut(Backfill walk) => walk switch
    {
        { HasMoved: true } => "Posts came or went while older pages were read; the pages are read once more.",
        { Truncated: > 0 } => "Pages of the feed break off before their end; they are read again once a week.",
        { End: BackfillEnd.NoPages } => $"The feed shows its newest {walk.EntriesRead} entries and offers no way to older ones; log those by hand.",
        { Overfull: > 0 } =>
            string.Create(CultureInfo.InvariantCulture, $"The feed holds more than {FeedReader.MostEntries:N0} entries in one document; the rest of it was not read."),
        { End: BackfillEnd.MostPages } => $"The newest {walk.PagesRead} pages of the feed were read; there are more.",
        { End: BackfillEnd.NotFollowed } => "The feed names older pages at an address that is not followed; log older posts by hand.",
        _ => walk.Skipped == 1 ? "An entry of the feed could not be read." : $"{walk.Skipped} entries of the feed could not be read.",
    };
}
