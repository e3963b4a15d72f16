using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Ledger;

/// <summary>What a draft says, as a hash: equal hashes mean that there is nothing to write.</summary>
public static class DraftHash
{
    /// <param name="draft">
    /// Normalised. Its version and an id that is not reliable are left out: a new one that says the same changes nothing.
    /// </param>
    public static string Of(Draft draft)
    {
        var text = new StringBuilder(512);
        Add(text, draft.IdIsReliable ? draft.NativeId : null, EnumText<Kind>.Of(draft.Kind), EnumText<Role>.Of(draft.Role), EnumText<Status>.Of(draft.Status));
        Add(text, draft.Title, draft.Url, draft.Summary, Time(draft.When), EnumText<DatePrecision>.Of(draft.DatePrecision));
        Add(text, Time(draft.EndsAt), draft.Container?.Name, draft.Container?.Url, draft.Author);
        foreach (var topic in draft.Topics)
            Add(text, topic);
        foreach (var (name, value) in draft.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
            Add(text, name, value.ToString("R", CultureInfo.InvariantCulture));
        return Identity.Hash(text.ToString());
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture);

    private static void Add(StringBuilder text, params ReadOnlySpan<string?> parts)
    {
        foreach (var part in parts)
            text.Append(part).Append('\0');
    }
}
