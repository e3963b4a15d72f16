using System.Globalization;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// The keys of table <c>ledger</c>, defined only here. The partition is the person.
/// <code>
/// e|(19-digit inverted ticks)|(id)   the entry, newest first
/// k|(id)                             pointer: the key of the entry, or the entry this id is an alias of
/// u|(hash of canonical URL)          the entries with that address, per connection
/// r|(id)|(6-digit revision)          an earlier revision
/// m|(yyyy-MM)                        counts of a month; m|0000-00 holds the zone and topic aliases the counts use
/// c|(connection)                     how many entries a connection sees, and whether it has ended
/// v|(id)|(yyyy-MM-dd)                metrics of an entry on that day
/// </code>
/// </summary>
public static class LedgerKeys
{
    public const string EntriesFrom = "e|";
    public const string EntriesTo = "e}";
    public const string Settings = "m|0000-00";
    public const string MonthsTo = "m}";

    private const int TicksLength = 19;

    // The characters of ids in the order of keys, and how many of an id are part of a position.
    private const string SortedIdCharacters = "234567abcdefghijklmnopqrstuvwxyz";
    private const int BitsPerCharacter = 5;
    private const int PositionIdLength = 12;

    public static string Entry(DateTimeOffset when, string id) => $"{At(when)}|{id}";

    /// <summary>Prefix of all entries at exactly that instant; keys of later instants sort before it.</summary>
    public static string At(DateTimeOffset when) =>
        string.Create(CultureInfo.InvariantCulture, $"e|{DateTimeOffset.MaxValue.UtcTicks - when.UtcTicks:D19}");

    /// <summary>Between the entries of that instant and those of earlier ones.</summary>
    public static string Boundary(DateTimeOffset when) => At(when) + "}";

    private static readonly long Earliest = DateTimeOffset.MaxValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
    private static readonly long Latest = DateTimeOffset.MaxValue.UtcTicks - new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    /// <summary>Whether the text is a well-formed entry key with a time that an entry can have.</summary>
    public static bool IsEntry(string key) =>
        key.Length == 22 + Identity.Length && key.StartsWith(EntriesFrom, StringComparison.Ordinal) && key[21] == '|'
        && long.TryParse(key.AsSpan(2, 19), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
        && ticks >= Latest && ticks <= Earliest && Identity.IsWellFormed(key[22..]);

    /// <summary>The time in the key of an entry.</summary>
    public static DateTimeOffset TimeOf(string key) =>
        new(DateTimeOffset.MaxValue.UtcTicks - long.Parse(key.AsSpan(2, TicksLength), CultureInfo.InvariantCulture), TimeSpan.Zero);

    /// <summary>What all entry keys of the same time begin with.</summary>
    public static string InstantOf(string key) => key[..(2 + TicksLength)];

    /// <summary>Where a key stands among all entry keys: its inverted ticks, then as much of its id as fits.</summary>
    public static UInt128 Position(string key)
    {
        UInt128 ticks = ulong.Parse(key.AsSpan(2, TicksLength), NumberStyles.None, CultureInfo.InvariantCulture);
        var rest = key.AsSpan(2 + TicksLength);
        if (rest is "}")
            return (ticks + 1) << (PositionIdLength * BitsPerCharacter);
        var position = ticks;
        for (var index = 1; index <= PositionIdLength; index++)
            position = (position << BitsPerCharacter) | (index < rest.Length ? (UInt128)Math.Max(0, SortedIdCharacters.IndexOf(rest[index], StringComparison.Ordinal)) : 0);
        return position;
    }

    /// <summary>A key at a position; no key with a smaller position sorts after it.</summary>
    public static string AtPosition(UInt128 position)
    {
        Span<char> id = stackalloc char[PositionIdLength];
        for (var index = PositionIdLength - 1; index >= 0; index--)
        {
            id[index] = SortedIdCharacters[(int)(position & ((1 << BitsPerCharacter) - 1))];
            position >>= BitsPerCharacter;
        }

        return string.Create(CultureInfo.InvariantCulture, $"e|{(ulong)position:D19}|{id}");
    }

    public static string Pointer(string id) => $"k|{id}";

    public static string Address(string canonicalUrl) => $"u|{Identity.Hash(canonicalUrl)}";

    public static string Revision(string id, int number) => string.Create(CultureInfo.InvariantCulture, $"r|{id}|{number:D6}");

    public static (string From, string To) Revisions(string id) => ($"r|{id}|", $"r|{id}}}");

    public static string Month(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"m|{day.Year:D4}-{day.Month:D2}");

    public static string Connection(string id) => $"c|{id}";

    public static (string From, string To) Connections => ("c|", "c}");

    public static string Snapshot(string id, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"v|{id}|{day:yyyy-MM-dd}");

    public static (string From, string To) Snapshots(string id) => ($"v|{id}|", $"v|{id}}}");
}

/// <summary>The documents in table <c>ledger</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Contribution))]
[JsonSerializable(typeof(Revision))]
[JsonSerializable(typeof(MonthRollup))]
[JsonSerializable(typeof(MonthSize))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(ConnectionCount))]
[JsonSerializable(typeof(List<AddressRef>))]
public sealed partial class LedgerJson : JsonSerializerContext;

/// <summary>An entry with an address: the connection that reported it, and its kind.</summary>
public sealed record AddressRef(string Connection, string Id, Kind Kind);
