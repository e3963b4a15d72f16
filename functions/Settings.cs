using System.Net;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

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

    /// <exception cref="StartException">All faults at once, a sentence each: the name, what came, what is allowed.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var reader = new SettingReader(configuration);
        var settings = Read(reader);
        return reader.Faults.Count == 0 ? settings with { Hints = new(reader.Hints) } : throw new StartException(reader.Faults);
    }

    /// <summary>The names of all settings, as the environment spells them.</summary>
    public static IReadOnlyList<string> Names()
    {
        var reader = new SettingReader(new ConfigurationBuilder().Build());
        Read(reader);
        return reader.Asked;
    }

    private static Settings Read(SettingReader reader) => new()
    {
        Data = reader.Folder("Data", DefaultData()),
        Listen = reader.Listen("Listen"),
        PublicUrl = reader.Url("PublicUrl"),
        AllowNetworks = reader.Networks("AllowNetworks"),
        Contact = reader.Line("Contact"),
        OwnerEmail = reader.Email("OwnerEmail"),
        OwnerZone = reader.Zone("OwnerZone", "Etc/UTC"),
        Storage = StorageSettings.Read(reader),
        Sources = SourceSettings.Read(reader),
        Mail = MailSettings.Read(reader),
        SecretKeys = reader.Keys("SecretKeys"),
        RawDays = reader.Count("RawDays", 90, 1, 3650),
        HarvestBudget = reader.Span("HarvestBudget", TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(8)),
        Hints = new([]),
    };

    private static string DefaultData() => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "ContributionIngest");
}

/// <param name="Host">An IP address, <c>localhost</c>, or <c>*</c> for every address of the machine.</param>
/// <param name="Port">0 for any free one.</param>
public sealed record ListenAddress(string Host, int Port)
{
    /// <summary>Where the Functions tools listen too.</summary>
    public static ListenAddress Standard { get; } = new("127.0.0.1", 7071);

    public override string ToString() => $"http://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";
}

/// <summary>
/// How Azure storage is reached: by <c>AzureWebJobsStorage</c>, a connection string, or with the identity of the machine, by
/// <c>AzureWebJobsStorage__accountName</c> or the three service addresses
/// (https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity).
/// </summary>
/// <param name="ClientId">The user-assigned identity; null for the system's own.</param>
public sealed record StorageSettings(string? ConnectionString, Uri? Tables, Uri? Queues, Uri? Blobs, string? ClientId)
{
    internal static StorageSettings? Read(SettingReader reader)
    {
        const string Name = "AzureWebJobsStorage";
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
