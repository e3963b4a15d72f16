using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Evidence;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Accounts;

/// <summary>Something of a person.</summary>
/// <param name="Type">What it is; see <see cref="AccountExport"/>.</param>
/// <param name="Cursor">An export continues after it.</param>
/// <param name="Data">A JSON object.</param>
public sealed record ExportLine(string Type, string Cursor, byte[] Data);

/// <summary>
/// Everything of a person, read lazily: the person, keys, sessions, addresses, links, connections and their states, what happened to the account, digests,
/// exports, templates, programmes and answers for their forms, what was seen at links, harvest reports, hooks, topics, contributions with everything the person has set on them, their earlier revisions and metrics. No secret, no hash of
/// one, and nothing that only points to something else or counts it.
/// </summary>
public sealed class AccountExport(ITable table, DigestStore digests, WebhookStore hooks, ConnectionStore connections, TopicFolding topics, LedgerReader ledger)
{
    /// <summary>Continues after the line with that cursor; null begins. Every entry comes at least once, also if it moves meanwhile.</summary>
    public async IAsyncEnumerable<ExportLine> ReadAsync(string person, ExportCursor? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        Func<string?, IAsyncEnumerable<(string Key, string Type, byte[] Data)>>[] sections =
        [
            key => AccountAsync(person, key, cancel),
            key => ReportsAsync(person, key, cancel),
            key => HooksAsync(person, key, cancel),
            key => TopicsAsync(person, key, cancel),
            key => EntriesAsync(person, key, cancel),
            key => HistoryAsync(person, "r", key, cancel),
            key => HistoryAsync(person, "v", key, cancel),
        ];
        for (var section = after?.Section ?? 0; section < sections.Length; section++)
        {
            await foreach (var (key, type, data) in sections[section](section == after?.Section ? after.Key : null))
                yield return new ExportLine(type, new ExportCursor(section, key).ToString(), data);
        }
    }

    /// <summary>The rows of the person's own partition.</summary>
    private async IAsyncEnumerable<(string Key, string Type, byte[] Data)> AccountAsync(string person, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.People, person, From(after, " "), "~", null, cancel))
        {
            if (await LineAsync(row, cancel) is var (type, data))
                yield return (row.Key, type, data);
        }
    }

    private async Task<(string Type, byte[] Data)?> LineAsync(Row row, CancellationToken cancel) => row.Key.Split('|') switch
    {
        ["p"] => ("person", Json(RowDocument.Read(row, PeopleJson.Default.Person), ExportJson.Web.Person)),
        ["a", _] => ("key", Json(RowDocument.Read(row, PeopleJson.Default.ApiKey), ExportJson.Web.ApiKey)),
        ["s", _] => ("session", Json(ExportedSession.Of(RowDocument.Read(row, PeopleJson.Default.Session)), ExportJson.Web.ExportedSession)),
        ["e", _] => ("address", Json(RowDocument.Read(row, PeopleJson.Default.SignInAddress), ExportJson.Web.SignInAddress)),
        ["l", _] => ("signInLink", Json(RowDocument.Read(row, PeopleJson.Default.SignInLink) with { Browser = null }, ExportJson.Web.SignInLink)),
        ["c", _] => ("connection", Json(RowDocument.Read(row, ConnectionJson.Default.Connection), ExportJson.Web.Connection)),
        ["c", var id, _] => ("connectionState", Json(new ExportedState(id, RowDocument.Read(row, ConnectionJson.Default.ConnectionState)), ExportJson.Web.ExportedState)),
        ["g", _] => ("account", Json(ExportedAccount.Of(RowDocument.Read(row, GrantJson.Default.Grant)), ExportJson.Web.ExportedAccount)),
        ["t", ..] => ("audit", Json(RowDocument.Read(row, PeopleJson.Default.AuditEntry), ExportJson.Web.AuditEntry)),
        ["w", _] => ("digest", Json(await DigestAsync(RowDocument.Read(row, DigestJson.Default.DigestRecord), cancel), ExportJson.Web.ExportedDigest)),
        ["k", _] => ("template", Json(RowDocument.Read(row, PeopleJson.Default.ContributionTemplate), ExportJson.Web.ContributionTemplate)),
        ["m", var programme] => ("programme", Json(new ExportedMembership(programme, RowDocument.Read(row, MembershipJson.Default.Membership)), ExportJson.Web.ExportedMembership)),
        ["q", .. var about] => ("answers", Json(new ExportedAnswers(about.FirstOrDefault(), about.ElementAtOrDefault(1), RowDocument.Read(row, MembershipJson.Default.Answers).Values), ExportJson.Web.ExportedAnswers)),
        ["y", var entry] => ("evidence", Json(new ExportedEvidence(entry, RowDocument.Read(row, EvidenceJson.Default.EvidenceCheck)), ExportJson.Web.ExportedEvidence)),
        ["x", ..] => ("export", Json(RowDocument.Read(row, PeopleJson.Default.Export), ExportJson.Web.Export)),
        _ => null,
    };

    private async Task<ExportedDigest> DigestAsync(DigestRecord record, CancellationToken cancel) => new(record, await digests.ContentAsync(record, cancel));

    /// <summary>The partitions of reports begin with the person, also those of connections that are gone.</summary>
    private async IAsyncEnumerable<(string Key, string Type, byte[] Data)> ReportsAsync(string person, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var start = after?.Split('|')[0];
        await foreach (var row in table.ScanAsync(TableNames.Harvests, $"{person}|{start}", person + "}", cancel))
        {
            var connection = row.Partition[(person.Length + 1)..];
            var key = $"{connection}|{row.Key}";
            if (after is null || string.CompareOrdinal(key, after) > 0)
                yield return (key, "report", Json(new ExportedReport(connection, RowDocument.Read(row, HarvestJson.Default.HarvestReport)), ExportJson.Web.ExportedReport));
        }
    }

    private async IAsyncEnumerable<(string Key, string Type, byte[] Data)> HooksAsync(string person, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var id in (await connections.ListAsync(person, cancel)).Select(c => c.Connection.Id).Where(id => after is null || string.CompareOrdinal(id, after) > 0).Order(StringComparer.Ordinal))
        {
            if (await hooks.OfAsync(id, cancel) is { Hook: { } hook } endpoint && hook.Person == person)
                yield return (id, "hook", Json(new ExportedHook(hook.Id, hook.Connection, hook.Origin, hook.Since, endpoint.Last, endpoint.RefusedAt), ExportJson.Web.ExportedHook));
        }
    }

    private async IAsyncEnumerable<(string Key, string Type, byte[] Data)> TopicsAsync(string person, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (after is null)
            yield return ("topics", "topics", Json(new ExportedTopics((await topics.GetAsync(person, cancel)).Topics), ExportJson.Web.ExportedTopics));
    }

    private async IAsyncEnumerable<(string Key, string Type, byte[] Data)> EntriesAsync(string person, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var query = new LedgerQuery { All = true, Limit = LedgerQuery.MaxItems, Reviews = Enum.GetValues<Review>().ToHashSet(), After = after };
        await foreach (var entry in new LedgerPages(ledger).AllAsync(person, query, DateTimeZone.Utc, cancel))
            yield return (LedgerKeys.Entry(entry.Effective().When, entry.Id), "contribution", Json(entry, ExportJson.Web.Contribution));
    }

    /// <param name="kind">Of earlier revisions, or of metrics.</param>
    private async IAsyncEnumerable<(string Key, string Type, byte[] Data)> HistoryAsync(string person, string kind, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.Ledger, person, From(after, kind + "|"), kind + "}", null, cancel))
        {
            var id = row.Key.Split('|')[1];
            yield return kind == "r"
                ? (row.Key, "revision", Json(new ExportedRevision(id, RowDocument.Read(row, LedgerJson.Default.Revision)), ExportJson.Web.ExportedRevision))
                : (row.Key, "metrics", Json(new ExportedMetrics(id, RowDocument.Read(row, LedgerJson.Default.Snapshot)), ExportJson.Web.ExportedMetrics));
        }
    }

    private static string From(string? after, string start) => after is null ? start : after + "!";

    private static byte[] Json<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(document, type);
}

/// <summary>Where an export goes on: the section, and a key within what the person has there.</summary>
public sealed record ExportCursor(int Section, string Key)
{
    private const int MaxLength = 1000;
    private const int Sections = 7;
    private const int Entries = 4;

    public override string ToString() => CheckedText.Write(string.Create(CultureInfo.InvariantCulture, $"{Section}.{Key}"));

    /// <summary>Null if it is not one of ours.</summary>
    public static ExportCursor? Parse(string text)
    {
        if (CheckedText.Read(text, MaxLength)?.Split('.', 2) is not [var number, var key] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var section) || section >= Sections)
            return null;
        var cursor = new ExportCursor(section, key);
        var isKey = cursor.Key.Length > 0 && cursor.Key.All(c => c is > ' ' and < '~' and not ('/' or '\\' or '#' or '?'));
        return isKey && (section != Entries || LedgerKeys.IsEntry(cursor.Key)) ? cursor : null;
    }
}

/// <summary>Without the hash of its secret.</summary>
internal sealed record ExportedSession(string Id, string How, string? Browser, DateTimeOffset Since, DateTimeOffset Renewed, DateTimeOffset Until, DateOnly LastUsed)
{
    public static ExportedSession Of(Session session) => new(session.Id, session.How, session.Browser, session.Since, session.Renewed, session.Until, session.LastUsed);
}

/// <summary>An account that gave access, without its tokens.</summary>
internal sealed record ExportedAccount(string Id, string Source, string Account, string? Name, DateTimeOffset Since, DateTimeOffset? ExpiresAt, DateTimeOffset? RefusedAt)
{
    public static ExportedAccount Of(Grant grant) => new(grant.Id, grant.Source, grant.Account, grant.Name, grant.Since, grant.ExpiresAt, grant.RefusedAt);
}

internal sealed record ExportedState(string Connection, ConnectionState State);

/// <param name="Content">Null if it is gone.</param>
internal sealed record ExportedDigest(DigestRecord Record, WeekDigest? Content);

internal sealed record ExportedReport(string Connection, HarvestReport Report);

/// <summary>Without its secrets.</summary>
internal sealed record ExportedHook(string Id, string Connection, string Origin, DateTimeOffset Since, LastDelivery? Last, DateTimeOffset? RefusedAt);

internal sealed record ExportedTopics(IReadOnlyDictionary<string, IReadOnlyList<string>> Topics);

internal sealed record ExportedMembership(string Programme, Membership Membership);

/// <param name="Programme">Whose form asks; null for answers about the person.</param>
/// <param name="Contribution">What they are about.</param>
internal sealed record ExportedAnswers(string? Programme, string? Contribution, IReadOnlyDictionary<string, string> Answers);

internal sealed record ExportedEvidence(string Contribution, EvidenceCheck Check);

internal sealed record ExportedRevision(string Contribution, Revision Revision);

internal sealed record ExportedMetrics(string Contribution, Snapshot Snapshot);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(SignInAddress))]
[JsonSerializable(typeof(SignInLink))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(Export))]
[JsonSerializable(typeof(ContributionTemplate))]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(Contribution))]
[JsonSerializable(typeof(ExportedSession))]
[JsonSerializable(typeof(ExportedAccount))]
[JsonSerializable(typeof(ExportedState))]
[JsonSerializable(typeof(ExportedDigest))]
[JsonSerializable(typeof(ExportedReport))]
[JsonSerializable(typeof(ExportedHook))]
[JsonSerializable(typeof(ExportedTopics))]
[JsonSerializable(typeof(ExportedMembership))]
[JsonSerializable(typeof(ExportedAnswers))]
[JsonSerializable(typeof(ExportedEvidence))]
[JsonSerializable(typeof(ExportedRevision))]
[JsonSerializable(typeof(ExportedMetrics))]
internal sealed partial class ExportJson : JsonSerializerContext
{
    /// <summary>Leaves letters of all scripts unescaped.</summary>
    public static ExportJson Web => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });
}
