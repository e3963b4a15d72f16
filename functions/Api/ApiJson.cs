using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Api.Connections;
using ContributionIngest.Functions.Api.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Operations;
using ContributionIngest.Functions.Api.Webhooks;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary>Bodies that go in and out over HTTP.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
[JsonSerializable(typeof(ConnectionRequest))]
[JsonSerializable(typeof(ConnectionChange))]
[JsonSerializable(typeof(ConnectionItem))]
[JsonSerializable(typeof(ItemList<ConnectionItem>))]
[JsonSerializable(typeof(HookItem))]
[JsonSerializable(typeof(HookResult))]
[JsonSerializable(typeof(ItemList<HarvestReport>))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(MeItem))]
[JsonSerializable(typeof(MeChange))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(ItemList<ApiKey>))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(ItemList<DigestItemAnswer>))]
[JsonSerializable(typeof(MailAnswer))]
[JsonSerializable(typeof(ContributionIngest.Core.Digests.WeekDigest))]
[JsonSerializable(typeof(TopicsBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
