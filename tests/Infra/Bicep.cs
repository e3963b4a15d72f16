using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Infra;

/// <summary>The compiler of the templates, and what it makes of them.</summary>
[UnsupportedOSPlatform("windows")]
internal static class Bicep
{
    public static readonly string Folder = Path.Combine(Repository.Root, "infra");

    private static readonly string Compiler = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value!;

    /// <summary>What azd and whoever deploys without it set, so that nothing depends on the environment of the tests.</summary>
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal)
    {
        ["OWNER_EMAIL"] = "owner@example.org",
        ["LEDGER_OWNER_EMAIL"] = "owner@example.org",
        ["LEDGER_OWNER_ZONE"] = "Etc/UTC",
        ["LEDGER_ALERT_EMAIL"] = "owner@example.org",
        ["LEDGER_MAIL"] = "none",
        ["LEDGER_PUBLIC_URL"] = "",
        ["LEDGER_SECRETS"] = "",
        ["LEDGER_SETTINGS"] = "{}",
        ["AZURE_ENV_NAME"] = "ledger",
        ["AZURE_LOCATION"] = "northeurope",
        ["AZURE_PRINCIPAL_ID"] = "",
        ["AZURE_PRINCIPAL_TYPE"] = "",
    };

    public static Task<(int Exit, string Output)> RunAsync(string command, string file, params string[] arguments) => RunAsync(Folder, [], command, file, arguments);

    /// <param name="mode">Whether the snapshot is compared or written.</param>
    public static Task<(int Exit, string Output)> SnapshotAsync(string file, string mode) => SnapshotAsync(Folder, [], file, mode);

    /// <summary>The snapshot that is committed.</summary>
    public static JsonDocument Committed(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, Path.ChangeExtension(file, ".snapshot.json"))));

    /// <summary>What azd would deploy with these variables.</summary>
    public static async Task<JsonDocument> WithAsync(params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.bicep*"))
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        var (exit, output) = await SnapshotAsync(folder.FullName, variables, "main.bicepparam", "overwrite");
        return exit == 0
            ? JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "main.snapshot.json")))
            : throw new InvalidOperationException(output);
    }

    public static IEnumerable<JsonElement> Of(JsonDocument snapshot, string type) =>
        snapshot.RootElement.GetProperty("predictedResources").EnumerateArray().Where(resource => resource.GetProperty("type").GetString() == type);

    /// <summary>The settings of the app.</summary>
    public static Dictionary<string, string> Settings(JsonDocument snapshot) => Of(snapshot, "Microsoft.Web/sites").Single().GetProperty("properties").GetProperty("siteConfig").GetProperty("appSettings")
        .EnumerateArray().ToDictionary(setting => setting.GetProperty("name").GetString()!, setting => setting.GetProperty("value").GetString()!, StringComparer.Ordinal);

    private static Task<(int Exit, string Output)> SnapshotAsync(string folder, (string Name, string Value)[] variables, string file, string mode)
    {
        const string None = "00000000-0000-0000-0000-000000000000";
        return RunAsync(
            folder, variables, "snapshot", file, "--mode", mode, "--subscription-id", None, "--tenant-id", None, "--resource-group", "ledger", "--location", "northeurope", "--deployment-name", "ledger");
    }

    private static Task<(int Exit, string Output)> RunAsync(string folder, (string Name, string Value)[] variables, string command, string file, params string[] arguments)
    {
        var all = new Dictionary<string, string>(Variables, StringComparer.Ordinal);
        foreach (var (name, value) in variables)
            all[name] = value;
        return Published.RunAsync(Compiler, folder, all, [command, file, .. arguments]);
    }
}
