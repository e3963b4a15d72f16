using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Ledger;

/// <summary>Documents of table <c>ledger</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Contribution))]
[JsonSerializable(typeof(Revision))]
[JsonSerializable(typeof(MonthRollup))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(ConnectionCount))]
[JsonSerializable(typeof(List<AddressRef>))]
public sealed partial class LedgerJson : JsonSerializerContext;

/// <summary>An entry known by an address: through which connection, as which kind.</summary>
public sealed record AddressRef(string Connection, string Id, Kind Kind);
