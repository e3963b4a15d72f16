using System.Globalization;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>How much of a channel is known, by what its cursor knows.</summary>
internal static class ChannelCoverage
{
    /// <summary>Null where nothing new is known of it.</summary>
    public static Coverage? Of(YouTubeCursor cursor) => cursor switch
    {
        { Walk: { Kind: Walk.History, Tries: null } walk } => new(walk.Oldest, false, "Older videos are still being read."),
        { Walk: { Tries: not null, IsFull: true } walk } => Broken(walk),
        { Stuck: { } walk } => Broken(walk),
        { Extent: { Tries: not null } extent } => Short(extent),
        { Missing.Count: > 0 } => new(null, false, cursor.Missing.Count == 1
            ? "YouTube lists a video of this channel and does not tell what it is; it is asked for again by itself."
            : string.Create(CultureInfo.InvariantCulture, $"YouTube lists {cursor.Missing.Count} videos of this channel and does not tell what they are; they are asked for again by itself.")),
        { Extent: null } => null,
        { Walk.Kind: Walk.Gap } or { GapSince: not null } => new(null, false, "Newer videos are still being read."),
        { Extent: { IsCapped: true } extent } => new(extent.Oldest, false, "YouTube lists only the newest 20,000 uploads of a channel; log older ones by hand."),
        _ => new(null, true, null),
    };

    /// <param name="looks">In a row that showed nothing, this one included.</param>
    /// <param name="isSaid">YouTube says itself that there is none.</param>
    public static Coverage WithoutUploads(YouTubeCursor cursor, int looks, bool isSaid) => (cursor.HasShown, isSaid) switch
    {
        (true, _) => new(null, false, "YouTube shows none of the channel's uploads now, though it did before. What was read stays, and it is looked at again."),
        (_, false) => new(null, false, "YouTube did not show what the channel has uploaded; it is looked at again."),
        _ when looks < 2 => new(null, false, "YouTube says that the channel has no uploads; it is looked at once more before that is believed."),
        _ => new(null, true, null),
    };

    private static Coverage Broken(Walk walk) => new(
        walk.Oldest, false, $"YouTube broke off its list of older videos ({walk.Why}); the rest is asked for again by itself{(walk.Tries?.NextAt is null ? "" : ", once a week")}.");

    private static Coverage Short(Extent extent) => new(extent.Oldest, false, string.Create(CultureInfo.InvariantCulture, $"{Lacking(extent)} It is walked over again by itself{(extent.Tries!.NextAt is null ? "" : ", once a week")}."));

    private static string Lacking(Extent extent) => extent.IsHoled
        ? "Something in YouTube's list of this channel's uploads could not be read."
        : string.Create(CultureInfo.InvariantCulture, $"YouTube counts {extent.Listed} uploads of this channel and shows {extent.Shown}; it may be that private and deleted ones are counted too.");
}
