using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json;
using ContributionIngest.Core;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Infra;

/// <summary>The compiler's word on the templates, and what the compiler does not look at, on what it makes of them. Nothing is deployed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BicepTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "infra");

    private static readonly string Compiler = typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value!;

    public static TheoryData<string> Templates => [.. Directory.EnumerateFiles(Folder, "*.bicep").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Parameters => [.. Directory.EnumerateFiles(Folder, "*.bicepparam").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Templates))]
    [MemberData(nameof(Parameters))]
    public async Task Template_compiles_and_lints_without_warnings(string file)
    {
        var (_, output) = await BicepAsync("lint", file, "--diagnostics-format", "sarif");
        using var report = JsonDocument.Parse(output);
        var found = report.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("text").GetString());
        Assert.Empty(found);
    }

    /// <summary>What a change of the templates changes is seen in the change of the snapshot: <c>bicep snapshot FILE --mode overwrite</c>, with the rest as here.</summary>
    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Resources_match_the_snapshot(string file)
    {
        const string None = "00000000-0000-0000-0000-000000000000";
        var (exit, output) = await BicepAsync(
            "snapshot", file, "--mode", "validate", "--subscription-id", None, "--tenant-id", None,
            "--resource-group", "ledger", "--location", "northeurope", "--deployment-name", "ledger");
        Assert.True(exit == 0, output);
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Values_the_compiler_does_not_check_are_known_to_the_platform(string file)
    {
        using var snapshot = Snapshot(file);
        var app = Of(snapshot, "Microsoft.Web/sites").Single().GetProperty("properties");
        var config = app.GetProperty("functionAppConfig");
        Assert.Equal(("dotnet-isolated", "10.0"), (config.GetProperty("runtime").GetProperty("name").GetString(), config.GetProperty("runtime").GetProperty("version").GetString()));
        Assert.Contains(config.GetProperty("scaleAndConcurrency").GetProperty("instanceMemoryMB").GetInt32(), (int[])[512, 2048, 4096]);
        Assert.InRange(config.GetProperty("scaleAndConcurrency").GetProperty("maximumInstanceCount").GetInt32(), 40, 1000);
        Assert.Equal("blobContainer", config.GetProperty("deployment").GetProperty("storage").GetProperty("type").GetString());

        // What Flex Consumption sets itself or does not know, and what makes the host fail beside the account's name.
        string[] never =
        [
            "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTSHARE",
            "SCM_DO_BUILD_DURING_DEPLOYMENT", "ENABLE_ORYX_BUILD", "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED", "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT", "WEBSITE_TIME_ZONE",
            "TZ", "AzureWebJobsStorage", "AzureWebJobsStorage__blobServiceUri",
        ];
        var names = app.GetProperty("siteConfig").GetProperty("appSettings").EnumerateArray().Select(setting => setting.GetProperty("name").GetString()!).ToList();
        Assert.Empty(names.Intersect(never, StringComparer.OrdinalIgnoreCase));
        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING" }, names.ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Exactly_the_queues_of_the_code_are_created(string file)
    {
        using var snapshot = Snapshot(file);
        var queues = Of(snapshot, "Microsoft.Storage/storageAccounts/queueServices/queues").Select(queue => queue.GetProperty("name").GetString()!.Split('/')[^1]);
        Assert.Equal(TriggeredFunction.All.Select(function => function.Queue).OfType<string>().Order(StringComparer.Ordinal), queues.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Exactly_the_tables_and_containers_of_the_code_are_created(string file)
    {
        using var snapshot = Snapshot(file);
        string[] Made(string type) => [.. Of(snapshot, type).Select(resource => resource.GetProperty("name").GetString()!.Split('/')[^1]).Order(StringComparer.Ordinal)];
        Assert.Equal(Constants(null, typeof(TableNames)), Made("Microsoft.Storage/storageAccounts/tableServices/tables"));
        Assert.Equal(Constants("Container", typeof(TableNames).Assembly.GetTypes()), Made("Microsoft.Storage/storageAccounts/blobServices/containers").Except(["deploy"], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Identity_has_exactly_the_roles_it_needs(string file)
    {
        using var snapshot = Snapshot(file);
        var roles = Of(snapshot, "Microsoft.Authorization/roleAssignments").Select(grant => grant.GetProperty("properties").GetProperty("roleDefinitionId").GetString()!.Split('/')[^1]);
        string[] needed =
        [
            "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor
            "3913510d-42f4-4e42-8a64-420c390055eb", // Monitoring Metrics Publisher
            "4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User
            "974c5e8b-45b9-4653-ba55-5f855dd0fb88", // Storage Queue Data Contributor
            "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", // Storage Blob Data Owner
        ];
        Assert.Equal(needed, roles.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void App_gets_no_key_and_no_connection_string()
    {
        foreach (var file in Directory.GetFiles(Folder, "*.bicep"))
            Assert.DoesNotMatch("listKeys|AccountKey|allowSharedKeyAccess: true", File.ReadAllText(file));
    }

    /// <param name="name">Null for all of them.</param>
    private static string[] Constants(string? name, params Type[] types) =>
    [
        .. types.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.IsLiteral && (name is null || field.Name == name))
            .Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal),
    ];

    private static JsonDocument Snapshot(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, Path.ChangeExtension(file, ".snapshot.json"))));

    private static IEnumerable<JsonElement> Of(JsonDocument snapshot, string type) =>
        snapshot.RootElement.GetProperty("predictedResources").EnumerateArray().Where(resource => resource.GetProperty("type").GetString() == type);

    private static Task<(int Exit, string Output)> BicepAsync(string command, string file, params string[] arguments) => Published.RunAsync(
        Compiler, Folder, new Dictionary<string, string>(StringComparer.Ordinal) { ["OWNER_EMAIL"] = "owner@example.org" }, [command, file, .. arguments]);
}
