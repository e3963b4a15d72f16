using System.Globalization;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>The ledger beside what GitHub has.</summary>
internal static class GitHubLedger
{
    /// <summary>Every public pull request of others once, as it stands, and nothing else.</summary>
    public static async Task AssertEqualsAsync(ScriptedGitHub hub, AppFixture app)
    {
        var expected = hub.Public.Where(pull => !pull.Repository.Name.StartsWith(hub.Login + "/", StringComparison.Ordinal))
            .Select(pull => $"{pull.Created.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)} {pull.State.ToLowerInvariant()} {pull.Title} {pull.Url}");
        var found = (await app.LedgerAsync()).Select(entry => $"{Text(entry, "when")} {Text(entry, "status")} {Text(entry, "title")} {Text(entry, "url")}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    public static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;

    public static Task<JsonElement> ConnectionAsync(AppFixture app, string id) => app.GetAsync($"/connections/{id}");
}
