using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions;

/// <summary>What the person said of the entry that a suggestion continues spares them the question.</summary>
internal static class Precedents
{
    /// <summary>The review that a new entry begins with.</summary>
    public static async Task<Review> ReviewAsync(LedgerTransaction transaction, SightingContext context, Draft draft)
    {
        if (!draft.IsSuggestion)
            return Review.New;
        var precedent = draft.Precedent is { Length: > 0 } native ? await transaction.EntryAsync(Identity.Of(context.Source, context.Origin, native)) : null;
        return precedent?.Review switch
        {
            Review.New or Review.Accepted => Review.New,
            Review.Rejected => Review.Rejected,
            _ => Review.Suggested,
        };
    }
}
