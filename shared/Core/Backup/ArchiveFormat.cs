using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Backup;

/// <summary>
/// An archive of a store: a POSIX tar that ordinary tools read. <c>manifest.json</c> comes first, then <c>secrets.json</c> if a passphrase was given, then one
/// part for what is about nobody, <c>shared/</c>, and one for each person, <c>people/ID/</c>. A part has blobs, <c>blobs/CONTAINER/NAME</c>, then rows,
/// <c>rows-0001.ndjson.gz</c> and so on (<see cref="RowLine"/>), in the order in which they are restored, then its <c>end.json</c>. The archive's own
/// <c>end.json</c> comes last. Parts follow one another and do not refer to each other, so an archive that was cut off goes on behind its last whole part.
/// </summary>
internal static class ArchiveFormat
{
    public const int Current = 1;

    public const string Manifest = "manifest.json";
    public const string Secrets = "secrets.json";
    public const string Shared = "shared";
    public const string People = "people/";
    public const string Blobs = "blobs/";
    public const string End = "end.json";
    public const string UnfinishedSuffix = ".unfinished";

    /// <summary>After how many bytes of rows, before compression, a file of rows ends.</summary>
    public const int RowBytesPerFile = 1024 * 1024;

    /// <summary>What one file of an archive may hold; more is refused before it is read.</summary>
    public const int MaxDocumentBytes = 4 * 1024 * 1024;
    public const int MaxRowFileBytes = 6 * 1024 * 1024;
    public const int MaxBlobBytes = 64 * 1024 * 1024;

    public static string FolderOf(string person) => People + person;
}

/// <param name="Id">Distinguishes archives.</param>
/// <param name="Product">The version of the program that wrote it.</param>
/// <param name="Store">Which store it is of.</param>
/// <param name="WithRaw">With the raw answers of sources.</param>
/// <param name="HasSecrets">With what is needed to read the secrets of the store.</param>
public sealed record ArchiveManifest(int Format, string Id, string Product, DateTimeOffset At, string Store, bool WithRaw, bool HasSecrets);

/// <summary>The end of a part.</summary>
/// <param name="Sha256">Over name, length and content of its files.</param>
public sealed record PartEnd(long Rows, long Blobs, string Sha256);

/// <summary>The end of an archive.</summary>
/// <param name="Changing">People who are missing because they kept changing.</param>
/// <param name="Sha256">Over the hashes of its parts.</param>
public sealed record ArchiveEnd(int People, long Rows, long Blobs, IReadOnlyList<string> Changing, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(PartEnd))]
[JsonSerializable(typeof(ArchiveEnd))]
[JsonSerializable(typeof(SealedSecrets))]
[JsonSerializable(typeof(StoreSecrets))]
[JsonSerializable(typeof(WeeklyState))]
internal sealed partial class ArchiveJson : JsonSerializerContext;

/// <summary>An archive or its restoration was refused; the message says why, and what to do.</summary>
public sealed class ArchiveException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>How far a backup or its restoration is.</summary>
/// <param name="Of">All people.</param>
public sealed record ArchiveProgress(int People, int Of, long Rows, long Bytes);
