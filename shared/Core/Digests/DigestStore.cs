using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>
/// Stores digests in table <c>people</c>: the partition is the person, the row <c>w|(inverted year and week)</c>, so the newest comes first. Their
/// content is in container <c>digests</c> under <c>(person)/(week)-(hash)</c>.
/// </summary>
public sealed class DigestStore(ITable table, IBlobs blobs)
{
    public const string Container = "digests";

    private const int MaxDeletions = 1000;

    public async Task<(DigestRecord Record, string Tag)?> GetAsync(string person, Week week, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, person, Key(week), cancel) is { } row ? (Read(row), row.ETag!) : null;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<DigestRecord>> NewestAsync(string person, int limit, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "w|", "w}", limit, cancel).Select(Read).ToListAsync(cancel);

    /// <summary>Writes the content first, then the row that makes it valid. False if the week already has a digest.</summary>
    public async Task<bool> AddAsync(string person, WeekDigest digest, Func<string, DigestRecord> record, CancellationToken cancel)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(digest, DigestJson.Default.WeekDigest);
        var name = $"{person}/{digest.Week}-{Identity.Hash(content)}";
        await blobs.PutAsync(Container, name, content, cancel);
        var row = RowDocument.Write(person, Key(Week.Parse(digest.Week)!.Value), record(name), DigestJson.Default.DigestRecord);
        return (await table.WriteAsync(TableNames.People, TableWrite.Insert(row), cancel)).Outcome == WriteOutcome.Done;
    }

    public async Task<WeekDigest?> ContentAsync(DigestRecord record, CancellationToken cancel) =>
        await blobs.GetAsync(Container, record.Blob, cancel) is { } bytes ? JsonSerializer.Deserialize(bytes, DigestJson.Default.WeekDigest) : null;

    /// <summary>Returns the new tag, or null if the record was changed concurrently.</summary>
    public async Task<string?> SaveAsync(string person, DigestRecord record, string tag, CancellationToken cancel)
    {
        var row = RowDocument.Write(person, Key(Week.Parse(record.Week)!.Value), record, DigestJson.Default.DigestRecord, tag);
        var write = await table.WriteAsync(TableNames.People, TableWrite.Replace(row), cancel);
        return write.Outcome == WriteOutcome.Done ? write.ETag : null;
    }

    /// <summary>Deletes the content of some of a person's digests, at most 1,000. Their number.</summary>
    public async Task<int> DeleteContentAsync(string person, CancellationToken cancel)
    {
        var deleted = 0;
        await foreach (var name in blobs.ListAsync(Container, $"{person}/", cancel).Take(MaxDeletions))
            deleted += await blobs.DeleteAsync(Container, name, cancel) ? 1 : 0;
        return deleted;
    }

    private static string Key(Week week) => string.Create(CultureInfo.InvariantCulture, $"w|{999_999 - (week.Year * 100) - week.Number:D6}");

    private static DigestRecord Read(Row row) => RowDocument.Read(row, DigestJson.Default.DigestRecord);
}

/// <summary>The state of a digest's mail; claimed means that sending began and was not confirmed.</summary>
[JsonConverter(typeof(EnumTextConverter<MailState>))]
public enum MailState
{
    /// <summary>No mail is sent: the week was quiet, there is no address, or no mail server is set up.</summary>
    None,

    /// <summary>Waiting for its turn.</summary>
    Waiting,

    /// <summary>Being sent. A process that finds this later cannot know whether it was sent, and does not send it again.</summary>
    Claimed,
    Sent,

    /// <summary>The mail server refused it for good.</summary>
    Refused,
}

/// <summary>The record of a digest; its content is in container <c>digests</c>.</summary>
/// <param name="Reason">Why there is no mail, or the mail server's message.</param>
/// <param name="At">When the mail's state was last changed.</param>
public sealed record DigestRecord(string Week, DateTimeOffset MadeAt, int Total, bool IsQuiet, string Blob, MailState Mail, DateTimeOffset At, string? Reason = null, int Attempts = 0)
{
    /// <summary>The person's address at the time; null if there was none.</summary>
    public string? To { get; init; }

    /// <summary>The attempt that holds the mail while it is <see cref="MailState.Claimed"/>; otherwise null.</summary>
    public string? Claim { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DigestRecord))]
[JsonSerializable(typeof(WeekDigest))]
[JsonSerializable(typeof(DigestMessage))]
public sealed partial class DigestJson : JsonSerializerContext;

/// <summary>A message of queue <c>digest</c>.</summary>
/// <param name="DueKey">The row of the due index it was planned from.</param>
public sealed record DigestMessage(string Person, string? DueKey = null)
{
    public const string Queue = "digest";
}
