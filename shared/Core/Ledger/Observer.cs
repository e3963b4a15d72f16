using System.Globalization;

namespace ContributionIngest.Core.Ledger;

/// <summary>The connection through which drafts come, as far as the ledger has to know it.</summary>
/// <param name="Origin">Goes into identities.</param>
/// <param name="OwnAddresses">Addresses of the place itself (site, feed): an item that links there is not known by that link.</param>
public sealed record Observer(
    string Connection,
    string Source,
    string Origin,
    bool Verified,
    DateTimeOffset ConnectedAt,
    IReadOnlyList<string> OwnAddresses)
{
    /// <summary>Own API before feed, verified before not, then the oldest connection.</summary>
    public string Rank { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{(string.Equals(Source, "feed", StringComparison.Ordinal) ? 1 : 0)}{(Verified ? 0 : 1)}{ConnectedAt.UtcTicks:D19}{Connection}");
}
