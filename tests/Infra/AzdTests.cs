using System.Reflection;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Xunit;
using YamlDotNet.Serialization;

namespace ContributionIngest.Tests.Infra;

/// <summary>What azd reads: the description of the project, its hooks and the project itself. azd is not run here.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class AzdTests : IDisposable
{
    private readonly TemporaryFolder tools = new();

    public void Dispose() => tools.Dispose();

    /// <summary>The keys are those of azd's schema (schemas/v1.0/azure.yaml.json of Azure/azure-dev).</summary>
    [Fact]
    public void Description_has_only_keys_that_azd_knows()
    {
        var project = Project();
        Known(project, "name", "metadata", "requiredVersions", "infra", "services", "hooks");
        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", (string)project["name"]);
        Known(Map(project, "metadata"), "template");
        Known(Map(project, "requiredVersions"), "azd");
        Known(Map(project, "infra"), "provider", "path", "module");
        var service = Map(Map(project, "services"), "app");
        Known(service, "project", "language", "host");
        Assert.Equal(("dotnet", "function"), ((string)service["language"], (string)service["host"]));
        Known(Map(project, "hooks"), "preprovision", "postprovision", "postdeploy");
        foreach (var hook in Map(project, "hooks").Values.Cast<Dictionary<object, object>>())
        {
            Known(hook, "posix", "windows");
            foreach (var (system, script) in hook)
            {
                Known((Dictionary<object, object>)script, "run", "interactive");
                Assert.EndsWith((string)system == "posix" ? ".sh" : ".ps1", (string)((Dictionary<object, object>)script)["run"], StringComparison.Ordinal);
            }
        }

        static void Known(Dictionary<object, object> map, params string[] keys) => Assert.Empty(map.Keys.Cast<string>().Except(keys, StringComparer.Ordinal));
    }

    [Fact]
    public void Everything_the_description_names_is_there()
    {
        var project = Project();
        var infra = Map(project, "infra");
        Assert.True(File.Exists(Repository.Path((string)infra["path"], infra["module"] + ".bicepparam")));
        var functions = Repository.Path(((string)Map(Map(project, "services"), "app")["project"])[2..]);
        Assert.Equal("functions.csproj", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(functions, "*.*proj"))));
        Assert.Contains("<UserSecretsId>", File.ReadAllText(Path.Combine(functions, "functions.csproj")), StringComparison.Ordinal);
        var named = Map(project, "hooks").Values.Cast<Dictionary<object, object>>().SelectMany(hook => hook.Values).Select(script => (string)((Dictionary<object, object>)script)["run"]);
        Assert.Equal(Hooks().Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));

        using var snapshot = Bicep.Committed("main.bicepparam");
        var tags = Bicep.Of(snapshot, "Microsoft.Web/sites").Single().GetProperty("tags");
        Assert.Equal(("app", "ledger"), (tags.GetProperty("azd-service-name").GetString(), tags.GetProperty("azd-env-name").GetString()));
    }

    /// <summary>An environment variable is an MSBuild property of the publish that azd runs: own ones have a prefix that nothing else has.</summary>
    [Fact]
    public void Values_are_azds_own_or_outputs_or_begin_with_LEDGER()
    {
        string[] ofAzd = ["AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE", "AZURE_SUBSCRIPTION_ID"];
        using var snapshot = Bicep.Committed("main.bicepparam");
        var outputs = snapshot.RootElement.GetProperty("outputs").EnumerateObject().Select(output => output.Name).ToList();
        Assert.All(outputs, output => Assert.Matches("^(AZURE|SERVICE)_[A-Z_]+$", output));

        var parameters = File.ReadAllText(Path.Combine(Bicep.Folder, "main.bicepparam"));
        var read = EnvironmentVariable().Matches(parameters).Select(match => match.Groups["name"].Value).ToList();
        Assert.NotEmpty(read);
        Assert.Empty(read.Where(name => !name.StartsWith("LEDGER_", StringComparison.Ordinal)).Except(ofAzd, StringComparer.Ordinal));
        var guide = File.ReadAllText(Path.Combine(Bicep.Folder, "README.md"));
        Assert.All(read.Where(name => name.StartsWith("LEDGER_", StringComparison.Ordinal)), name => Assert.Contains($"`{name}`", guide, StringComparison.Ordinal));
        foreach (var hook in Hooks())
            Assert.Empty(Variable().Matches(File.ReadAllText(hook)).Select(match => match.Value).Except([.. ofAzd, .. outputs, .. read], StringComparer.Ordinal));
    }

    [Fact]
    public void Functions_that_hooks_wait_for_exist_and_include_a_timer_and_the_last_of_HTTP()
    {
        var functions = typeof(TriggeredFunction).Assembly.GetExportedTypes().SelectMany(type => type.GetMethods()).Select(method => method.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>().ToList();
        foreach (var hook in Hooks().Where(file => Path.GetFileNameWithoutExtension(file) == "postdeploy"))
        {
            var names = FunctionNames().Match(File.ReadAllText(hook)).Groups["names"].Value.Split([' ', ',', '\''], StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(["Plan", "Website"], names);
            Assert.Subset(functions.ToHashSet(StringComparer.Ordinal), names.ToHashSet(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_setting_is_documented()
    {
        var text = File.ReadAllText(Repository.Path("README.md")) + File.ReadAllText(Path.Combine(Bicep.Folder, "README.md"));
        Assert.DoesNotContain(ContributionIngest.Functions.Configuration.Settings.Names(), name => !text.Contains($"`{name}`", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Functions_are_synchronised_until_they_are_listed()
    {
        Tool("azd", """[ "$*" = "auth token --output json" ] && echo '{"token": "zq-token", "expiresOn": "2026-06-01T12:00:00Z"}'""");

        // The list is complete after two requests for a synchronisation, of which the first fails.
        Tool("curl", """
            cat >> "$LOG/headers"
            echo "$*" >> "$LOG/requests"
            case "$*" in
              *sync*) echo x >> "$LOG/syncs"; [ "$(wc -l < "$LOG/syncs")" -gt 1 ] || exit 22 ;;
              *) if [ "$(cat "$LOG/syncs" 2>/dev/null | wc -l)" -gt 1 ]; then echo '{"value":[{"name":"site/Website"},{"name":"site/Plan"}]}'; else echo '{"value":[{"name":"site/WarmUp"}]}'; fi ;;
            esac
            """);
        Tool("sleep", "true");
        var (exit, output) = await HookAsync("postdeploy");

        Assert.True(exit == 0, output);
        var requests = await File.ReadAllLinesAsync(Path.Combine(tools.FullName, "requests"));
        Assert.Equal(5, requests.Length);
        Assert.EndsWith("https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/site/functions?api-version=2025-03-01", requests[0], StringComparison.Ordinal);
        Assert.Contains("--request POST", requests[1], StringComparison.Ordinal);
        Assert.EndsWith("/sites/site/host/default/sync?api-version=2025-03-01", requests[1], StringComparison.Ordinal);
        Assert.All(requests, request => Assert.DoesNotContain("zq-token", request, StringComparison.Ordinal));
        Assert.All(await File.ReadAllLinesAsync(Path.Combine(tools.FullName, "headers")), header => Assert.Equal("Authorization: Bearer zq-token", header));
        Assert.EndsWith("Running at https://site.example. The owner signs in first at https://site.example/auth/setup\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Functions_that_stay_unlisted_fail_the_deployment()
    {
        Tool("azd", "echo '{\"token\":\"zq-token\"}'");
        Tool("curl", "echo '{\"value\":[{\"name\":\"site/WarmUp\"},{\"name\":\"site/Planet\"},{\"name\":\"site/Website\"}]}'");
        Tool("sleep", "true");
        var (exit, output) = await HookAsync("postdeploy");
        Assert.Equal(1, exit);
        Assert.Contains("The functions of site are not listed", output, StringComparison.Ordinal);
        Assert.DoesNotContain("zq-token", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_is_asked_for_only_once_and_never_of_a_program()
    {
        Tool("azd", "echo \"$*\" >> \"$LOG/azd-log\"");
        Assert.Equal(0, (await HookAsync("preprovision", ("LEDGER_OWNER_EMAIL", "owner@example.org"))).Exit);
        Assert.False(File.Exists(Path.Combine(tools.FullName, "azd-log")));
        var (exit, output) = await HookAsync("preprovision", ("LEDGER_OWNER_EMAIL", ""));
        Assert.Equal(1, exit);
        Assert.Contains("azd env set LEDGER_OWNER_EMAIL you@example.org", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_is_told_where_it_lies_and_not_shown()
    {
        var (exit, output) = await HookAsync("postprovision");
        Assert.Equal(0, exit);
        Assert.Contains("az keyvault secret show --vault-name vault --name SetupSecret --query value --output tsv", output, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Output)> HookAsync(string name, params (string Name, string Value)[] variables)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{tools.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
            ["LOG"] = tools.FullName,
            ["AZURE_SUBSCRIPTION_ID"] = "s",
            ["AZURE_RESOURCE_GROUP"] = "g",
            ["AZURE_KEY_VAULT_NAME"] = "vault",
            ["SERVICE_APP_NAME"] = "site",
            ["SERVICE_APP_URI"] = "https://site.example",
        };
        foreach (var (variable, value) in variables)
            all[variable] = value;
        return Published.RunAsync("sh", tools.FullName, all, "-c", "exec sh \"$0\" < /dev/null", Path.Combine(Bicep.Folder, "hooks", name + ".sh"));
    }

    /// <summary>A program of the hooks that does as it is told.</summary>
    private void Tool(string name, string script)
    {
        var path = Path.Combine(tools.FullName, name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static IEnumerable<string> Hooks() => Directory.EnumerateFiles(Path.Combine(Bicep.Folder, "hooks"));

    private static Dictionary<object, object> Project() => new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(Repository.Path("azure.yaml")));

    private static Dictionary<object, object> Map(Dictionary<object, object> parent, string key) => (Dictionary<object, object>)parent[key];

    [GeneratedRegex(@"readEnvironmentVariable\('(?<name>\w+)'", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex EnvironmentVariable();

    [GeneratedRegex(@"\b(AZURE|SERVICE|LEDGER)_[A-Z_]+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Variable();

    [GeneratedRegex(@"(for name in (?<names>[\w ]+);|\('(?<names>[\w', ]+)' \| Where-Object)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex FunctionNames();
}
