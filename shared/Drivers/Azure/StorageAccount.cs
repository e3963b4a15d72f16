using System.Globalization;
using Azure.Core;
using Azure.Identity;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Where an Azure storage account answers, and how to prove who asks: by the account's key, or by an identity. Exactly one of
/// <paramref name="Key"/> and <paramref name="Credential"/> is there.
/// </summary>
public sealed record StorageAccount(string Name, Uri Blob, Uri Queue, Uri Table, byte[]? Key, TokenCredential? Credential)
{
    private const string EmulatorName = "devstoreaccount1";

    // The emulator's, printed in its manual: everybody has it, and nothing real is opened by it.
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>Reads a connection string with an account key, or <c>UseDevelopmentStorage=true</c> for the emulator on its usual ports.</summary>
    /// <exception cref="FormatException">It is no such string; the message names what is wrong and never repeats a value.</exception>
    public static StorageAccount FromConnectionString(string text)
    {
        var parts = Parts(text);
        if (parts.GetValueOrDefault("UseDevelopmentStorage") is "true")
        {
            return new StorageAccount(
                EmulatorName, Emulator(10000), Emulator(10001), Emulator(10002), Convert.FromBase64String(EmulatorKey), null);
        }

        var name = parts.GetValueOrDefault("AccountName") ?? throw new FormatException("The connection string has no AccountName.");
        var key = parts.GetValueOrDefault("AccountKey")
            ?? throw new FormatException("The connection string has no AccountKey. For an identity give the account's name or service addresses instead.");
        return new StorageAccount(name, Service("blob"), Service("queue"), Service("table"), Bytes(key), null);

        Uri Service(string service)
        {
            var property = char.ToUpperInvariant(service[0]) + service[1..] + "Endpoint";
            var protocol = parts.GetValueOrDefault("DefaultEndpointsProtocol") ?? "https";
            var suffix = parts.GetValueOrDefault("EndpointSuffix") ?? "core.windows.net";
            return Address(parts.GetValueOrDefault(property) ?? $"{protocol}://{name}.{service}.{suffix}", property);
        }
    }

    /// <param name="name">The account's name; its services answer under <c>core.windows.net</c>.</param>
    /// <param name="clientId">Of a user-assigned identity; null for the one that is there.</param>
    public static StorageAccount FromIdentity(string name, string? clientId = null)
    {
        Uri Service(string service) => Address($"https://{name}.{service}.core.windows.net", "accountName");
        return FromIdentity(Service("blob"), Service("queue"), Service("table"), clientId);
    }

    public static StorageAccount FromIdentity(Uri blob, Uri queue, Uri table, string? clientId = null) =>
        new(
            table.Host.Split('.')[0],
            blob,
            queue,
            table,
            null,
            new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId, ExcludeInteractiveBrowserCredential = true }));

    private static Dictionary<string, string> Parts(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Values may hold equals signs: base64 does.
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new FormatException("The connection string has a part without 'Name='.");
            parts[part[..at].Trim()] = part[(at + 1)..].Trim();
        }

        return parts;
    }

    private static byte[] Bytes(string key)
    {
        var bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out var length)
            ? bytes[..length]
            : throw new FormatException("The connection string's AccountKey is no base64.");
    }

    private static Uri Address(string text, string property) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new FormatException($"{property} is no http address.");

    private static Uri Emulator(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{EmulatorName}"));
}
