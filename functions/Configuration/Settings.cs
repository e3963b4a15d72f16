using System.Net;
using ContributionIngest.Core;
using ContributionIngest.Core.People;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Configuration;

/// <summary>
/// Everything a person can set, read from the command line, the environment and <c>local.settings.json</c>, in this order.
/// <c>local.settings.sample.json</c> lists the same names.
/// </summary>
public sealed record Settings
{
    /// <summary>Folder of the embedded store and of dropped mail.</summary>
    public required string Data { get; init; }

    /// <summary>Where the web server listens when the program stands alone.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>The address people reach this at, without a trailing slash; used in mail and callbacks. Null: as the request came.</summary>
    public required Uri? PublicUrl { get; init; }

    /// <summary>Networks that sources may be read from although their addresses are private.</summary>
    public required IReadOnlyList<IPNetwork> AllowNetworks { get; init; }

    /// <summary>An address or URL that the owners of harvested sites can write to; part of the User-Agent if set.</summary>
    public required string? Contact { get; init; }

    /// <summary>Who is the first operator, by email.</summary>
    public required string? OwnerEmail { get; init; }

    /// <summary>The owner's time zone, an IANA name.</summary>
    public required string OwnerZone { get; init; }

    /// <summary>Azure storage instead of the embedded store; null for the embedded one.</summary>
    public required StorageSettings? Storage { get; init; }

    public required SourceSettings Sources { get; init; }

    public required MailSettings Mail { get; init; }

    /// <summary>What addresses in mails begin with; null where nobody can know.</summary>
    public Uri? Site => PublicUrl ?? (Storage is null && Listen.Port > 0 ? new Uri($"http://{(Listen.Host == "*" ? "localhost" : Listen.Host)}:{Listen.Port}") : null);

    /// <summary>What secrets are sealed with in the store, newest first; none: the program makes a key and keeps it there.</summary>
    public required SecretKeys SecretKeys { get; init; }

    /// <summary>Days that raw answers of sources are kept.</summary>
    public required int RawDays { get; init; }

    /// <summary>Time one slice of a harvest may take before it queues its own continuation.</summary>
    public required TimeSpan HarvestBudget { get; init; }

    /// <summary>
    /// What hubs call back begins with this; null where they cannot: it takes https, or an address in one of <see cref="AllowNetworks"/>.
    /// </summary>
    public Uri? Callbacks => PublicUrl is { } url
        && (url.Scheme == Uri.UriSchemeHttps || (IPAddress.TryParse(url.Host, out var address) && AllowNetworks.Any(n => n.Contains(address))))
            ? url
            : null;

    /// <summary>Names that look like misspelt settings, a sentence each, for the log.</summary>
    public required Lazy<IReadOnlyList<string>> Hints { get; init; }

    /// <param name="isWorker">Started by the Functions host, on whose machines nothing can be kept: then it is Azure storage that is used.</param>
    /// <exception cref="StartupException">All faults at once, a sentence each: the name, what came, what is allowed.</exception>
    public static Settings Read(IConfiguration configuration, bool isWorker = false)
    {
        var reader = new SettingReader(configuration);
        var settings = Read(reader, isWorker);
        settings = settings with { PublicUrl = settings.PublicUrl ?? Hosted(configuration) };
        return reader.Faults.Count == 0 ? settings with { Hints = new(reader.Hints) } : throw new StartupException(reader.Faults);
    }

    /// <summary>The names of all settings, as the environment spells them.</summary>
    public static IReadOnlyList<string> Names()
    {
        var reader = new SettingReader(new ConfigurationBuilder().Build());
        Read(reader, isWorker: false);
        return reader.Asked;
    }

    private static Settings Read(SettingReader reader, bool isWorker)
    {
        var data = reader.Folder("Data", DefaultData());
        return new()
        {
            Data = data,
            Listen = reader.Listen("Listen"),
            PublicUrl = reader.Url("PublicUrl"),
            AllowNetworks = reader.Networks("AllowNetworks"),
            Contact = reader.Line("Contact"),
            OwnerEmail = reader.Email("OwnerEmail"),
            OwnerZone = reader.Zone("OwnerZone", "Etc/UTC"),
            Storage = StorageSettings.Read(reader, data, isWorker),
            Sources = SourceSettings.Read(reader),
            Mail = MailSettings.Read(reader),
            SecretKeys = reader.Keys("SecretKeys"),
            RawDays = reader.Count("RawDays", 90, 1, 3650),
            HarvestBudget = reader.Span("HarvestBudget", TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(8)),
            Hints = new([]),
        };
    }

    /// <summary>The platform names the address it serves the app at; the Functions tools name the developer's own machine, which nobody else reaches.</summary>
    private static Uri? Hosted(IConfiguration configuration) =>
        configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } host && Uri.TryCreate($"https://{host}", UriKind.Absolute, out var url) && !url.IsLoopback ? url : null;

    private static string DefaultData() => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "ContributionIngest");
}

/// <summary>Setting <c>Storage</c>.</summary>
public enum StorageKind
{
    /// <summary>In the folder <c>Data</c>.</summary>
    Embedded,
    Azure,
}

/// <summary>
/// How Azure storage is reached: by <c>AzureWebJobsStorage</c>, a connection string, or with the identity of the machine, by
/// <c>AzureWebJobsStorage__accountName</c> or the three service addresses
/// (https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity).
/// </summary>
/// <param name="ClientId">The user-assigned identity; null for the system's own.</param>
public sealed record StorageSettings(string? ConnectionString, Uri? Tables, Uri? Queues, Uri? Blobs, string? ClientId)
{
    internal const string Name = "AzureWebJobsStorage";

    /// <summary>
    /// <c>Storage</c> is <c>embedded</c> or <c>azure</c>. Where it is not set, a connection means Azure storage, but never takes a store that is there
    /// already out of use.
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
            reader.Fault($"{Name} is set, and {data} holds an embedded store: set Storage to 'embedded' to go on with that, or to 'azure' to leave it.");
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
