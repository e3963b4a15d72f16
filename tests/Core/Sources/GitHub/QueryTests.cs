using System.Diagnostics;
using System.Reflection;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Every query text, held against GitHub's own schema by the reference implementation of GraphQL, which <c>tests/run</c> installs.</summary>
public sealed class QueryTests
{
    [CorporaFact]
    public async Task Every_query_is_valid_by_GitHubs_schema()
    {
        var queries = typeof(GitHubQueries).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field.FieldType == typeof(string)).ToDictionary(field => field.Name, field => (string)field.GetValue(null)!, StringComparer.Ordinal);
        Assert.NotEmpty(queries);
        foreach (var (name, query) in queries)
        {
            var (code, said) = await ValidateAsync(query);
            Assert.True(code == 0, $"{name}: {said}");
        }
    }

    [CorporaFact]
    public async Task Validator_finds_an_unknown_field_and_a_wrong_variable_type()
    {
        Assert.NotEqual(0, (await ValidateAsync(GitHubQueries.PullRequests.Replace("changedFiles", "filesChanged", StringComparison.Ordinal))).Code);
        Assert.NotEqual(0, (await ValidateAsync(GitHubQueries.PullRequests.Replace("$first: Int!", "$first: String!", StringComparison.Ordinal))).Code);
    }

    private static async Task<(int Code, string Said)> ValidateAsync(string query)
    {
        string[] arguments = [Repository.Path("tests", "Core", "Sources", "GitHub", "validate-query.mjs"), Repository.Path("artifacts", "graphql"), Corpora.Path("github", "schema.graphql")];
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(query);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
