using System.Globalization;

namespace ContributionIngest.Core.Ledger;

/// <summary>The connection through which drafts come, as far as the ledger has to know it.</summary>
/// <param name="Origin">Goes into identities.</param>
/// <param name="OwnAddresses">Addresses of the place itself (site, feed): an item that links there is not known by that link.</param>
public sealed record SightingContext(
    string Connection,
    string Source,
    string Origin,
    bool Verified,
    DateTimeOffset ConnectedAt,
    IReadOnlyList<string> OwnAddresses)
{
    /// <summary>When the place said so: when its answer was asked for, or when what it delivered came in. Null where it is typed by hand.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>It was delivered and waited in a queue, so that later word of the place may have come before it.</summary>
    public bool IsDelivered { get; init; }

    /// <summary>Own API before feed, verified before not, then the oldest connection.</summary>
    public string Rank { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{(string.Equals(Source, "feed", StringComparison.Ordinal) ? 1 : 0)}{(Verified ? 0 : 1)}{ConnectedAt.UtcTicks:D19}{Connection}");
}
