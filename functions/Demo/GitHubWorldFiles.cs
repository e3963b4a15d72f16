using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Functions.Demo;

/// <summary>The person on GitHub (<c>World/github.json</c>).</summary>
/// <param name="Site">Its invented host; on loopback it is the first part of the path.</param>
internal sealed record WorldGitHub(
    string Site, string Login, long Id, string About, IReadOnlyList<WorldRepository> Repositories, IReadOnlyList<WorldPullRequest> PullRequests);

/// <param name="Name">As <c>owner/name</c>.</param>
internal sealed record WorldRepository(long Id, string Name, int Stars, string? Language = null, IReadOnlyList<string>? Topics = null);

/// <param name="In">The repository's name.</param>
/// <param name="Ago">Days before today.</param>
/// <param name="At">Time of day, <c>HH:mm</c>.</param>
/// <param name="State"><c>open</c>, <c>merged</c> or <c>closed</c>.</param>
/// <param name="Days">From opening to the end of it.</param>
internal sealed record WorldPullRequest(
    string In, int Number, int Ago, string At, string Title, string State, int Additions, int Deletions, int Files, int Days = 0, IReadOnlyList<string>? Labels = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WorldGitHub))]
internal sealed partial class GitHubWorldJson : JsonSerializerContext;
