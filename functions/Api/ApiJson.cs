using System.Text.Json.Serialization;

namespace ContributionIngest.Functions.Api;

/// <summary>Bodies that go in and out over HTTP.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Core.People.Problem), TypeInfoPropertyName = "ConnectionProblem")]
[JsonSerializable(typeof(ConnectionRequest))]
[JsonSerializable(typeof(ConnectionChange))]
[JsonSerializable(typeof(ConnectionItem))]
[JsonSerializable(typeof(ConnectionList))]
[JsonSerializable(typeof(HookItem))]
[JsonSerializable(typeof(HookResult))]
[JsonSerializable(typeof(HarvestList))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(MeItem))]
[JsonSerializable(typeof(MeChange))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(DigestList))]
[JsonSerializable(typeof(MailAnswer))]
[JsonSerializable(typeof(Core.Digest.WeekDigest))]
[JsonSerializable(typeof(TopicsBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
