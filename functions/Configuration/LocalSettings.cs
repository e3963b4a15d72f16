using System.Text.Json;
using ContributionIngest.Core;
using Microsoft.Extensions.Configuration.Memory;

namespace ContributionIngest.Functions.Configuration;

/// <summary>
/// <c>local.settings.json</c> in the current folder, in the format of the Functions tools: the entries of "Values" act like environment variables,
/// which override them.
/// </summary>
internal static class LocalSettings
{
    private const string File = "local.settings.json";

    /// <exception cref="StartupException">The file exists but cannot be read.</exception>
    public static void Add(IConfigurationBuilder configuration, string folder)
    {
        var path = Path.Combine(folder, File);
        if (System.IO.File.Exists(path))
            configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Read(Bytes(path)) });
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException([$"'{path}' cannot be read: {FileErrors.Reason(e)}."]);
        }
    }

    private static Dictionary<string, string?> Read(byte[] json)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach (var value in document.RootElement.GetProperty("Values").EnumerateObject())
                values[value.Name.Replace("__", ":", StringComparison.Ordinal)] = value.Value.ToString();
            return values;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new StartupException([$"{File} cannot be read, allowed is a JSON object with an object \"Values\" of names and texts."]);
        }
    }
}
