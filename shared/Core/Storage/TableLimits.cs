using System.Buffers;
using System.Text;

namespace ContributionIngest.Core.Storage;

/// <summary>
/// What Azure Table storage refuses, refused by every driver before anything is sent
/// (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
/// </summary>
public static class TableLimits
{
    public const int OperationsPerTransaction = 100;
    public const int BytesPerTransaction = 4 * 1024 * 1024;
    public const int PropertiesPerRow = 252;
    public const int BytesPerRow = 1024 * 1024;
    public const int CharactersPerString = 32 * 1024;
    public const int BytesPerBinary = 64 * 1024;
    public const int CharactersPerKey = 512;
    public const int RowsPerPage = 1000;

    // Request line, headers and boundaries of one operation in a transaction, the longest etag included.
    private const int BytesAroundOperation = 1024;

    private static readonly SearchValues<char> LettersAndDigits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> Forbidden =
        SearchValues.Create([.. "/\\#?", .. Enumerable.Range(0, 32).Concat(Enumerable.Range(127, 33)).Select(c => (char)c)]);

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    // They travel as they are, one byte each; the others as \u and four digits, but for the backslash.
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Except("\"&'+<>\\`")]);

    private static readonly DateTimeOffset Earliest = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <exception cref="ArgumentException">The transaction as a whole, or one of its rows, is one the service would refuse.</exception>
    public static void Check(string table, IReadOnlyList<TableWrite> writes)
    {
        if (writes.Count is 0 or > OperationsPerTransaction)
            throw new ArgumentException($"A transaction has 1 to {OperationsPerTransaction} writes, not {writes.Count}.", nameof(writes));
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0L;
        foreach (var write in writes)
        {
            if (!string.Equals(write.Row.Partition, writes[0].Row.Partition, StringComparison.Ordinal))
                throw new ArgumentException("All rows of a transaction share one partition.", nameof(writes));
            if (!keys.Add(write.Row.Key))
                throw new ArgumentException($"Row '{write.Row.Key}' occurs twice in one transaction.", nameof(writes));
            Check(table, write);
            bytes += WireSize(write);
        }

        if (bytes > BytesPerTransaction)
            throw new ArgumentException($"A transaction holds at most {BytesPerTransaction} bytes, not {bytes}.", nameof(writes));
    }

    /// <returns>The row's size in bytes as the service counts it.</returns>
    /// <exception cref="ArgumentException">The row is one the service would refuse.</exception>
    public static long Check(string table, TableWrite write)
    {
        CheckTable(table);
        CheckKey(write.Row.Partition, "partition");
        CheckKey(write.Row.Key, "row");
        return write.Kind == WriteKind.Delete ? 0 : CheckValues(write.Row);
    }

    /// <exception cref="ArgumentException">One of the names is none the service takes.</exception>
    public static void CheckGet(string table, string partition, string key)
    {
        CheckTable(table);
        CheckKey(partition, "partition");
        CheckKey(key, "row");
    }

    /// <exception cref="ArgumentException">The names or bounds are none the service takes, or no row is asked for.</exception>
    public static void CheckRange(string table, string partition, string from, string to, int? most)
    {
        CheckTable(table);
        CheckKey(partition, "partition");
        if (!StorageNames.IsWholeText(from) || !StorageNames.IsWholeText(to))
            throw new ArgumentException("A bound must not contain half a surrogate pair.", nameof(from));
        if (most < 1)
            throw new ArgumentOutOfRangeException(nameof(most), most, "At least one row is asked for.");
    }

    /// <exception cref="ArgumentException">
    /// A table's name is 3 to 63 letters and digits, starts with a letter and is not <c>tables</c>. Its case does not tell two apart.
    /// </exception>
    public static void CheckTable(string table)
    {
        if (table.Length is < 3 or > 63 || !char.IsAsciiLetter(table[0]) || table.AsSpan().ContainsAnyExcept(LettersAndDigits)
            || table.Equals("tables", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{table}' is no table name.", nameof(table));
    }

    /// <exception cref="ArgumentException">A key is at most 512 characters, none of them a control character or one of / \ # ?.</exception>
    public static void CheckKey(string key, string which)
    {
        if (key.Length > CharactersPerKey)
            throw new ArgumentException($"A {which} key has at most {CharactersPerKey} characters, not {key.Length}.", nameof(key));
        var bad = key.AsSpan().IndexOfAny(Forbidden);
        if (bad >= 0)
            throw new ArgumentException($"A {which} key must not contain U+{(int)key[bad]:X4}.", nameof(key));
        if (!StorageNames.IsWholeText(key))
            throw new ArgumentException($"A {which} key must not contain half a surrogate pair.", nameof(key));
    }

    // At most so many bytes travel for one write: text may be escaped (JSON in the body, percent signs in the address) and bytes are base64.
    private static long WireSize(TableWrite write)
    {
        var bytes = BytesAroundOperation + (8 * (TextSize(write.Row.Partition) + TextSize(write.Row.Key)));
        if (write.Kind == WriteKind.Delete)
            return bytes;
        foreach (var (name, value) in write.Row.Values)
        {
            // The name occurs twice where a type is told, with punctuation and the type's name.
            bytes += (2 * TextSize(name)) + 40 + value switch
            {
                string s => TextSize(s),
                byte[] b => (b.Length * 4L / 3) + 4,
                _ => 40,
            };
        }

        return bytes;
    }

    private static long TextSize(ReadOnlySpan<char> text)
    {
        var bytes = 0L;
        for (var at = text.IndexOfAnyExcept(PlainCharacters); at >= 0; at = text.IndexOfAnyExcept(PlainCharacters))
        {
            bytes += at + (text[at] == '\\' ? 2 : 6);
            text = text[(at + 1)..];
        }

        return bytes + text.Length;
    }

    private static long CheckValues(Row row)
    {
        var present = 0;
        var bytes = 4L + ((row.Partition.Length + row.Key.Length) * 2);
        foreach (var (name, value) in row.Values)
        {
            CheckName(name);
            if (value is null)
                continue;
            bytes += 8 + (name.Length * 2) + Size(name, value);
            if (++present > PropertiesPerRow)
                throw new ArgumentException($"A row has at most {PropertiesPerRow} properties.", nameof(row));
        }

        return bytes <= BytesPerRow ? bytes : throw new ArgumentException($"A row holds at most {BytesPerRow} bytes, not {bytes}.", nameof(row));
    }

    private static void CheckName(string name)
    {
        var rest = !name.AsSpan().ContainsAnyExcept(NameCharacters)
            || (StorageNames.IsWholeText(name) && name.EnumerateRunes().All(r => r.Value == '_' || Rune.IsLetterOrDigit(r)));
        if (name.Length is 0 or > 255 || char.IsAsciiDigit(name[0]) || !rest || name is "PartitionKey" or "RowKey" or "Timestamp")
            throw new ArgumentException($"'{name}' is no property name.", nameof(name));
    }

    private static long Size(string name, object value) => value switch
    {
        string s when !StorageNames.IsWholeText(s) => throw new ArgumentException($"'{name}' contains half a surrogate pair.", nameof(value)),
        string s when s.Length <= CharactersPerString => 4 + (s.Length * 2L),
        string s => throw new ArgumentException($"'{name}' holds at most {CharactersPerString} characters, not {s.Length}.", nameof(value)),
        byte[] b when b.Length <= BytesPerBinary => 4 + b.Length,
        byte[] b => throw new ArgumentException($"'{name}' holds at most {BytesPerBinary} bytes, not {b.Length}.", nameof(value)),
        int => 4,
        long or double => 8,
        bool => 1,
        DateTimeOffset d when d >= Earliest => 8,
        DateTimeOffset d => throw new ArgumentException($"'{name}' is {d:O}, before 1601.", nameof(value)),
        _ => throw new ArgumentException($"'{name}' has a type no table stores: {value.GetType().Name}.", nameof(value)),
    };
}
