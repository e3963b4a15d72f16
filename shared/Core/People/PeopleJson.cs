using System.Text.Json.Serialization;

namespace ContributionIngest.Core.People;

/// <summary>Documents of tables <c>people</c> and <c>lookups</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(ConnectionState))]
[JsonSerializable(typeof(ApiKey))]
public sealed partial class PeopleJson : JsonSerializerContext;
