using System.Globalization;
using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json;
using ContributionIngest.Core;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using Xunit;

namespace ContributionIngest.Tests.Infra;

/// <summary>The compiler's word on the templates, and what the compiler does not look at, on what it makes of them. Nothing is deployed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BicepTests
{
    private const string Deployer = "11111111-1111-1111-1111-111111111111";
    private const string Operator = "22222222-2222-2222-2222-222222222222";

    public static TheoryData<string> Templates => [.. Directory.EnumerateFiles(Bicep.Folder, "*.bicep").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Parameters => [.. Directory.EnumerateFiles(Bicep.Folder, "*.bicepparam").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Templates))]
    [MemberData(nameof(Parameters))]
    public async Task Template_compiles_and_lints_without_warnings(string file)
    {
        var (_, output) = await Bicep.RunAsync("lint", file, "--diagnostics-format", "sarif");
        using var report = JsonDocument.Parse(output);
        var found = report.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("text").GetString());
        Assert.Empty(found);
    }

    /// <summary>What a change of the templates changes is seen in the change of the snapshot: .github/CONTRIBUTING.md says how it is written anew.</summary>
    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Resources_match_the_snapshot(string file)
    {
        var (exit, output) = await Bicep.SnapshotAsync(file, "validate");
        Assert.True(exit == 0, output);
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Values_the_compiler_does_not_check_are_known_to_the_platform(string file)
    {
        using var snapshot = Bicep.Committed(file);
        var app = Bicep.Of(snapshot, "Microsoft.Web/sites").Single().GetProperty("properties");
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
        using var snapshot = Bicep.Committed(file);
        var queues = Bicep.Of(snapshot, "Microsoft.Storage/storageAccounts/queueServices/queues").Select(queue => queue.GetProperty("name").GetString()!.Split('/')[^1]);
        Assert.Equal(TriggeredFunction.All.Select(function => function.Queue).OfType<string>().Order(StringComparer.Ordinal), queues.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Exactly_the_tables_and_containers_of_the_code_are_created(string file)
    {
        using var snapshot = Bicep.Committed(file);
        string[] Made(string type) => [.. Bicep.Of(snapshot, type).Select(resource => resource.GetProperty("name").GetString()!.Split('/')[^1]).Order(StringComparer.Ordinal)];
        Assert.Equal(Constants(null, typeof(TableNames)), Made("Microsoft.Storage/storageAccounts/tableServices/tables"));
        Assert.Equal(Constants("Container", typeof(TableNames).Assembly.GetTypes()), Made("Microsoft.Storage/storageAccounts/blobServices/containers").Except(["deploy"], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Identity_has_exactly_the_roles_it_needs(string file)
    {
        using var snapshot = Bicep.Committed(file);
        var roles = Bicep.Of(snapshot, "Microsoft.Authorization/roleAssignments").Select(grant => Role(grant.GetProperty("properties")));
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

    [Theory]
    [InlineData(Deployer, "User", "", Deployer)]
    [InlineData(Deployer, "", "", Deployer)]
    [InlineData(Deployer, "User", Operator + ", ," + Deployer, Deployer, Operator)]
    [InlineData(Deployer, "ServicePrincipal", "")]
    [InlineData(Deployer, "ServicePrincipal", Operator, Operator)]
    [InlineData("", "User", "")]
    public async Task Deployer_and_operators_get_what_commands_and_secrets_need_and_a_program_does_not(string id, string type, string operators, params string[] granted)
    {
        using var snapshot = await Bicep.WithAsync(("AZURE_PRINCIPAL_ID", id), ("AZURE_PRINCIPAL_TYPE", type), ("LEDGER_OPERATORS", operators));
        var grants = Bicep.Of(snapshot, "Microsoft.Authorization/roleAssignments").ToList();
        foreach (var person in (string[])[Deployer, Operator])
        {
            string[] needed = !granted.Contains(person)
                ? []
                :
                [
                    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor
                    "974c5e8b-45b9-4653-ba55-5f855dd0fb88", // Storage Queue Data Contributor
                    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", // Key Vault Secrets Officer
                    "ba92f5b4-2d11-453d-a403-e96b0029c9fe", // Storage Blob Data Contributor
                ];
            var theirs = grants.Select(grant => grant.GetProperty("properties")).Where(grant => grant.GetProperty("principalId").GetString() == person);
            Assert.Equal(needed, theirs.Select(Role).Order(StringComparer.Ordinal));
        }

        // Whoever deploys later gets the same assignments under the same names, which the service would refuse under others.
        Assert.Equal(grants.Count, grants.Select(grant => grant.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Mail_of_Azure_comes_with_one_parameter()
    {
        using var snapshot = await Bicep.WithAsync(("LEDGER_MAIL", "azure"));
        var settings = Bicep.Settings(snapshot);
        Assert.Subset(ContributionIngest.Functions.Configuration.Settings.Names().ToHashSet(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal) { "Mail__Endpoint", "Mail__From", "MailPerHour" });
        Assert.Equal("10", settings["MailPerHour"]);
        Assert.Contains("DoNotReply@", settings["Mail__From"], StringComparison.Ordinal);
        var service = Assert.Single(Bicep.Of(snapshot, "Microsoft.Communication/communicationServices")).GetProperty("properties");
        Assert.True(service.GetProperty("disableLocalAuth").GetBoolean());
        Assert.Equal(Assert.Single(Bicep.Of(snapshot, "Microsoft.Communication/emailServices/domains")).GetProperty("id").GetString(), Assert.Single(service.GetProperty("linkedDomains").EnumerateArray()).GetString());
        Assert.Contains("09976791-48a7-449e-bb21-39d1a415f350", Bicep.Of(snapshot, "Microsoft.Authorization/roleAssignments").Select(grant => Role(grant.GetProperty("properties"))));
        using var without = Bicep.Committed("main.bicepparam");
        Assert.Empty(Bicep.Of(without, "Microsoft.Communication/communicationServices"));
        Assert.DoesNotContain(Bicep.Settings(without).Keys, name => name.StartsWith("Mail", StringComparison.Ordinal));
    }

    /// <summary>The secret is in the vault and nowhere else, new at each deployment, and ends after a week.</summary>
    [Theory]
    [MemberData(nameof(Parameters))]
    public void Deployment_makes_a_set_up_secret_that_is_no_output(string file)
    {
        using var snapshot = Bicep.Committed(file);
        var secret = Assert.Single(Bicep.Of(snapshot, "Microsoft.KeyVault/vaults/secrets"));
        Assert.EndsWith("/SetupSecret", secret.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.Equal("[format('{0}-{1}', newGuid(), newGuid())]", secret.GetProperty("properties").GetProperty("value").GetString());
        var settings = Bicep.Settings(snapshot);
        Assert.Contains("@Microsoft.KeyVault(SecretUri=", settings["SetupSecret"], StringComparison.Ordinal);
        Assert.Contains("secretUriWithVersion", settings["SetupSecret"], StringComparison.Ordinal);
        Assert.Contains("dateTimeAdd(utcNow('yyyy-MM-ddTHH:mm:ssZ'), 'P7D', 'yyyy-MM-ddTHH:mm:ssZ')", settings["SetupExpires"], StringComparison.Ordinal);
        Assert.Single(File.ReadAllText(Path.Combine(Bicep.Folder, Path.ChangeExtension(file, ".snapshot.json"))).Split("newGuid(), newGuid()")[1..]);
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Every_setting_of_the_app_is_one_that_the_code_reads(string file)
    {
        using var snapshot = Bicep.Committed(file);
        string[] telemetry = ["APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"];
        Assert.Empty(Bicep.Settings(snapshot).Keys.Except([.. ContributionIngest.Functions.Configuration.Settings.Names(), .. telemetry], StringComparer.Ordinal));
    }

    /// <summary>What the app prunes by itself goes a week later at the latest.</summary>
    [Theory]
    [MemberData(nameof(Parameters))]
    public void Raw_answers_and_backups_are_deleted_a_week_after_their_time(string file)
    {
        using var snapshot = Bicep.Committed(file);
        var settings = Bicep.Settings(snapshot);
        var rules = Bicep.Of(snapshot, "Microsoft.Storage/storageAccounts/managementPolicies").Single().GetProperty("properties").GetProperty("policy").GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("definition"))
            .ToDictionary(
                rule => rule.GetProperty("filters").GetProperty("prefixMatch")[0].GetString()!,
                rule => rule.GetProperty("actions").GetProperty("baseBlob").GetProperty("delete").GetProperty("daysAfterModificationGreaterThan").GetInt32(),
                StringComparer.Ordinal);
        Assert.Equal(
            new Dictionary<string, int>(StringComparer.Ordinal) { ["raw/"] = Days("RawDays"), ["backups/"] = Days("BackupDays") }, rules);
        Assert.Equal("weekly", settings["Backup"]);

        int Days(string name) => int.Parse(settings[name], CultureInfo.InvariantCulture) + 7;
    }

    [Fact]
    public void App_gets_no_key_and_no_connection_string()
    {
        foreach (var file in Directory.GetFiles(Bicep.Folder, "*.bicep"))
            Assert.DoesNotMatch("listKeys|AccountKey|allowSharedKeyAccess: true", File.ReadAllText(file));
    }

    /// <param name="name">Null for all of them.</param>
    private static string[] Constants(string? name, params Type[] types) =>
    [
        .. types.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.IsLiteral && (name is null || field.Name == name))
            .Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal),
    ];

    private static string Role(JsonElement grant) => grant.GetProperty("roleDefinitionId").GetString()!.Split('/')[^1];
}
