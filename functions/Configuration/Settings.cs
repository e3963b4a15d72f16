using System.Net;
using ContributionIngest.Core;
using ContributionIngest.Core.People;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Configuration;

/// <summary>
/// All settings, read from the command line, the environment and <c>local.settings.json</c>, in this order of precedence.
/// <c>local.settings.sample.json</c> lists the same names.
/// </summary>
public sealed record Settings
{
    /// <summary>The folder of the embedded store and the mail outbox.</summary>
    public required string Data { get; init; }

    /// <summary>The address the standalone server listens on.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>The public address, without a trailing slash, for mail and callbacks. If null, the address of the request is used.</summary>
    public required Uri? PublicUrl { get; init; }

    /// <summary>Private networks that sources may be read from.</summary>
    public required IReadOnlyList<IPNetwork> AllowNetworks { get; init; }

    /// <summary>An email address or URL for the owners of harvested sites; part of the User-Agent if set.</summary>
    public required string? Contact { get; init; }

    /// <summary>The email address of the first operator.</summary>
    public required string? OwnerEmail { get; init; }

    /// <summary>The owner's time zone, an IANA name.</summary>
    public required string OwnerZone { get; init; }

    /// <summary>Anybody may open an account; otherwise operators invite people.</summary>
    public required bool IsRegistrationOpen { get; init; }

    /// <summary>Requests a minute of one key, session or address; null for no limit.</summary>
    public required int? RequestsPerMinute { get; init; }

    /// <summary>The one-time secret that the owner of a new deployment signs in with; null if there is none.</summary>
    public required string? SetupSecret { get; init; }

    /// <summary>When the set-up secret stops working; null if it does not.</summary>
    public required DateTimeOffset? SetupExpires { get; init; }

    /// <summary>Azure storage instead of the embedded store; null for the embedded one.</summary>
    public required StorageSettings? Storage { get; init; }

    public required SourceSettings Sources { get; init; }

    public required MailSettings Mail { get; init; }

    /// <summary>The base address of links in mails; null if it is unknown.</summary>
    public Uri? Site => PublicUrl ?? (Storage is null && Listen.Port > 0 ? new Uri($"http://{(Listen.Host == "*" ? "localhost" : Listen.Host)}:{Listen.Port}") : null);

    /// <summary>Keys that encrypt stored secrets, newest first. If empty, the program creates one and keeps it in the store.</summary>
    public required SecretKeys SecretKeys { get; init; }

    /// <summary>How many days raw responses of sources are kept.</summary>
    public required int RawDays { get; init; }

    /// <summary>Whether Azure storage is copied into itself every week.</summary>
    public required bool IsBackedUpWeekly { get; init; }

    /// <summary>How many days a weekly backup is kept.</summary>
    public required int BackupDays { get; init; }

    /// <summary>The folder of programme files beside those that come with the product; null if there is none.</summary>
    public string? Programmes { get; init; }

    /// <summary>How long one slice of a harvest may take before it queues its continuation.</summary>
    public required TimeSpan HarvestBudget { get; init; }

    /// <summary>
    /// The base address of WebSub callbacks; null if hubs cannot call back. It must be https, or in one of <see cref="AllowNetworks"/>.
    /// </summary>
    public Uri? Callbacks => PublicUrl is { } url
        && (url.Scheme == Uri.UriSchemeHttps || (IPAddress.TryParse(url.Host, out var address) && AllowNetworks.Any(n => n.Contains(address))))
            ? url
            : null;

    /// <summary>Names that look like misspelt settings, one sentence each, for the log.</summary>
    public required Lazy<IReadOnlyList<string>> Hints { get; init; }

    /// <param name="isWorker">Started by the Functions host, whose machines keep no files: Azure storage is required.</param>
    /// <exception cref="StartupException">Lists all errors, one sentence each: the name, the value, and what is allowed.</exception>
    public static Settings Read(IConfiguration configuration, bool isWorker = false)
    {
        var reader = new SettingReader(configuration);
        var settings = Read(reader, isWorker);
        settings = settings with { PublicUrl = settings.PublicUrl ?? Hosted(configuration) };
        return reader.Faults.Count == 0 ? settings with { Hints = new(reader.Hints) } : throw new StartupException(reader.Faults);
    }

    /// <summary>The names of all settings, as spelt in the environment.</summary>
    public static IReadOnlyList<string> Names()
    {
        var reader = new SettingReader(new ConfigurationBuilder().Build());
        Read(reader, isWorker: false);
        return reader.Asked;
    }

    private static Settings Read(SettingReader reader, bool isWorker)
    {
        var data = reader.Folder("Data", DefaultData());
        var storage = StorageSettings.Read(reader, data, isWorker);
        return new()
        {
            Data = data,
            Listen = reader.Listen("Listen"),
            PublicUrl = reader.Url("PublicUrl"),
            AllowNetworks = reader.Networks("AllowNetworks"),
            Contact = reader.Line("Contact"),
            OwnerEmail = reader.Email("OwnerEmail"),
            OwnerZone = reader.Zone("OwnerZone", "Etc/UTC"),
            IsRegistrationOpen = reader.Choice<Registration>("Registration") == Registration.Open,
            RequestsPerMinute = reader.Count("RequestsPerMinute", 1200, 0, 1_000_000) is > 0 and var limit ? limit : null,
            SetupSecret = reader.Secret("SetupSecret", 20),
            SetupExpires = reader.Instant("SetupExpires"),
            Storage = storage,
            Sources = SourceSettings.Read(reader),
            Mail = MailSettings.Read(reader),
            SecretKeys = reader.Keys("SecretKeys"),
            RawDays = reader.Count("RawDays", 90, 1, 3650),
            IsBackedUpWeekly = reader.Choice<BackupKind>("Backup") != BackupKind.Off && storage is not null,
            BackupDays = reader.Count("BackupDays", 35, 8, 3650),
            Programmes = reader.Line("Programmes"),
            HarvestBudget = reader.Span("HarvestBudget", TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(8)),
            Hints = new([]),
        };
    }

    /// <summary>The platform sets the app's public address here; the Functions tools set the developer's own machine, which others cannot reach.</summary>
    private static Uri? Hosted(IConfiguration configuration) =>
        configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } host && Uri.TryCreate($"https://{host}", UriKind.Absolute, out var url) && !url.IsLoopback ? url : null;

    private static string DefaultData() => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "ContributionIngest");
}

/// <summary>The setting <c>Registration</c>.</summary>
public enum Registration
{
    /// <summary>Operators invite people.</summary>
    Invited,

    /// <summary>Anybody may open an account.</summary>
    Open,
}

/// <summary>The setting <c>Backup</c>, which means nothing for the embedded store.</summary>
public enum BackupKind
{
    Off,

    /// <summary>The default on Azure storage.</summary>
    Weekly,
}

/// <summary>The setting <c>Storage</c>.</summary>
public enum StorageKind
{
    /// <summary>In the folder <c>Data</c>.</summary>
    Embedded,
    Azure,
}

/// <summary>
/// How to reach Azure storage: <c>AzureWebJobsStorage</c> is a connection string; for a managed identity, set
/// <c>AzureWebJobsStorage__accountName</c> or the three service addresses
/// (https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity).
/// </summary>
/// <param name="ClientId">The user-assigned identity; null for the system-assigned one.</param>
public sealed record StorageSettings(string? ConnectionString, Uri? Tables, Uri? Queues, Uri? Blobs, string? ClientId)
{
    internal const string Name = "AzureWebJobsStorage";

    /// <summary>
    /// <c>Storage</c> is <c>embedded</c> or <c>azure</c>. If it is not set, a configured connection selects Azure storage; where an
    /// embedded store exists, that is an error until <c>Storage</c> is set.
    /// </summary>
    internal static StorageSettings? Read(SettingReader reader, string data, bool isWorker)
    {
        var kind = reader.Choice<StorageKind>("Storage");
        var account = Account(reader);
        if (account is null && (isWorker || kind == StorageKind.Azure))
        {
            reader.Fault($"{Name} is not set, allowed are a connection string ('UseDevelopmentStorage=true' for the emulator), or {Name}__accountName.");
        }

        if (isWorker || kind == StorageKind.Azure)
            return account;
        if (kind is null && account is not null && SqliteStore.Exists(data))
        {
            reader.Fault($"{Name} is set, and {data} holds an embedded store: set Storage to 'embedded' to keep using it, or to 'azure' to stop using it.");
        }

        return kind is null ? account : null;
    }

    private static StorageSettings? Account(SettingReader reader)
    {
        var connection = reader.Line(Name);
        var account = reader.Account(Name + "__accountName");
        var tables = reader.Url(Name + "__tableServiceUri") ?? Service(account, "table");
        var queues = reader.Url(Name + "__queueServiceUri") ?? Service(account, "queue");
        var blobs = reader.Url(Name + "__blobServiceUri") ?? Service(account, "blob");
        reader.Line(Name + "__credential");
        var client = reader.Line(Name + "__clientId");
        Uri?[] services = [tables, queues, blobs];
        var known = services.Count(uri => uri is not null);
        if (connection is not null && known > 0)
        {
            reader.Fault($"{Name} and the account's name or addresses are both set: keep {Name} (a connection string), or take it away and keep the others.");
        }

        if (connection is not null)
            return new StorageSettings(connection, null, null, null, null);
        if (known == 0)
            return null;
        if (known < services.Length)
        {
            reader.Fault($"{Name} is incomplete: allowed are {Name} (a connection string), {Name}__accountName, or all of "
                + $"{Name}__tableServiceUri, {Name}__queueServiceUri and {Name}__blobServiceUri.");
        }

        return new StorageSettings(null, tables, queues, blobs, client);
    }

    private static Uri? Service(string? account, string service) =>
        account is null ? null : new Uri($"https://{account}.{service}.core.windows.net");
}
