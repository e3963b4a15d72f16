using System.Buffers;
using System.Text;

namespace ContributionIngest.Core.Storage;

/// <summary>
/// What Azure Table storage rejects; every driver rejects it before sending anything
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

    // Request line, headers and boundaries of one operation in a transaction, including the longest ETag.
    private const int OperationOverheadBytes = 1024;

    private static readonly SearchValues<char> LettersAndDigits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> ForbiddenInKeys =
        SearchValues.Create([.. "/\\#?", .. Enumerable.Range(0, 32).Concat(Enumerable.Range(127, 33)).Select(c => (char)c)]);

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    // Sent unescaped, one byte each; all others except the backslash are sent as \u and four digits.
    private static readonly SearchValues<char> UnescapedCharacters =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Except("\"&'+<>\\`")]);

    private static readonly DateTimeOffset Earliest = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <exception cref="ArgumentException">The service would reject the transaction or one of its rows.</exception>
    public static void Check(string table, IReadOnlyList<TableWrite> writes)
    {
        if (writes.Count is 0 or > OperationsPerTransaction)
            throw new ArgumentException($"A transaction has 1 to {OperationsPerTransaction} writes, not {writes.Count}.", nameof(writes));
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0L;
        foreach (var write in writes)
        {
            if (!string.Equals(write.Row.Partition, writes[0].Row.Partition, StringComparison.Ordinal))
                throw new ArgumentException("All rows of a transaction must share one partition.", nameof(writes));
            if (!keys.Add(write.Row.Key))
                throw new ArgumentException($"Row '{write.Row.Key}' occurs twice in one transaction.", nameof(writes));
            Check(table, write);
            bytes += WireSize(write);
        }

        if (bytes > BytesPerTransaction)
            throw new ArgumentException($"A transaction has at most {BytesPerTransaction} bytes, not {bytes}.", nameof(writes));
    }

    /// <returns>The row's size in bytes, as the service counts it.</returns>
    /// <exception cref="ArgumentException">The service would reject the row.</exception>
    public static long Check(string table, TableWrite write)
    {
        CheckTable(table);
        CheckKey(write.Row.Partition, "partition");
        CheckKey(write.Row.Key, "row");
        return write.Kind == WriteKind.Delete ? 0 : CheckValues(write.Row);
    }

    /// <exception cref="ArgumentException">The service would reject one of the names.</exception>
    public static void CheckGet(string table, string partition, string key)
    {
        CheckTable(table);
        CheckKey(partition, "partition");
        CheckKey(key, "row");
    }

    /// <exception cref="ArgumentException">The service would reject a name or a bound, or the limit is less than 1.</exception>
    public static void CheckRange(string table, string partition, string from, string to, int? limit)
    {
        CheckScan(table, from, to);
        CheckKey(partition, "partition");
        if (limit < 1)
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "The limit must be at least 1.");
    }

    /// <exception cref="ArgumentException">The service would reject the table name or a bound.</exception>
    public static void CheckScan(string table, string from, string to)
    {
        CheckTable(table);
        if (!StorageNames.IsWellFormedText(from) || !StorageNames.IsWellFormedText(to))
            throw new ArgumentException("A bound must not contain a lone surrogate.", nameof(from));
    }

    /// <exception cref="ArgumentException">
    /// A table name is 3 to 63 letters and digits, starts with a letter and is not <c>tables</c>. Names are case-insensitive.
    /// </exception>
    public static void CheckTable(string table)
    {
        if (table.Length is < 3 or > 63 || !char.IsAsciiLetter(table[0]) || table.AsSpan().ContainsAnyExcept(LettersAndDigits)
            || table.Equals("tables", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{table}' is not a valid table name.", nameof(table));
    }

    /// <exception cref="ArgumentException">A key has at most 512 characters and contains no control character and none of / \ # ?.</exception>
    public static void CheckKey(string key, string which)
    {
        if (key.Length > CharactersPerKey)
            throw new ArgumentException($"A {which} key has at most {CharactersPerKey} characters, not {key.Length}.", nameof(key));
        var index = key.AsSpan().IndexOfAny(ForbiddenInKeys);
        if (index >= 0)
            throw new ArgumentException($"A {which} key must not contain U+{(int)key[index]:X4}.", nameof(key));
        if (!StorageNames.IsWellFormedText(key))
            throw new ArgumentException($"A {which} key must not contain a lone surrogate.", nameof(key));
    }

    // An upper bound for one write: text may be escaped (JSON in the body, percent-encoding in the URL) and binary values are base64.
    private static long WireSize(TableWrite write)
    {
        var bytes = OperationOverheadBytes + (8 * (TextSize(write.Row.Partition) + TextSize(write.Row.Key)));
        if (write.Kind == WriteKind.Delete)
            return bytes;
        foreach (var (name, value) in write.Row.Values)
        {
            // The name occurs twice when its type is sent as well, with punctuation and the type's name.
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
        for (var index = text.IndexOfAnyExcept(UnescapedCharacters); index >= 0; index = text.IndexOfAnyExcept(UnescapedCharacters))
        {
            bytes += index + (text[index] == '\\' ? 2 : 6);
            text = text[(index + 1)..];
        }

        return bytes + text.Length;
    }

    private static long CheckValues(Row row)
    {
        var count = 0;
        var bytes = 4L + ((row.Partition.Length + row.Key.Length) * 2);
        foreach (var (name, value) in row.Values)
        {
            CheckName(name);
            if (value is null)
                continue;
            bytes += 8 + (name.Length * 2) + Size(name, value);
            if (++count > PropertiesPerRow)
                throw new ArgumentException($"A row has at most {PropertiesPerRow} properties.", nameof(row));
        }

        return bytes <= BytesPerRow ? bytes : throw new ArgumentException($"A row has at most {BytesPerRow} bytes, not {bytes}.", nameof(row));
    }

    private static void CheckName(string name)
    {
        var isAllowed = !name.AsSpan().ContainsAnyExcept(NameCharacters)
            || (StorageNames.IsWellFormedText(name) && name.EnumerateRunes().All(r => r.Value == '_' || Rune.IsLetterOrDigit(r)));
        if (name.Length is 0 or > 255 || char.IsAsciiDigit(name[0]) || !isAllowed || name is "PartitionKey" or "RowKey" or "Timestamp")
            throw new ArgumentException($"'{name}' is not a valid property name.", nameof(name));
    }

    private static long Size(string name, object value) => value switch
    {
        string s when !StorageNames.IsWellFormedText(s) => throw new ArgumentException($"'{name}' contains a lone surrogate.", nameof(value)),
        string s when s.Length <= CharactersPerString => 4 + (s.Length * 2L),
        string s => throw new ArgumentException($"'{name}' holds at most {CharactersPerString} characters, not {s.Length}.", nameof(value)),
        byte[] b when b.Length <= BytesPerBinary => 4 + b.Length,
        byte[] b => throw new ArgumentException($"'{name}' holds at most {BytesPerBinary} bytes, not {b.Length}.", nameof(value)),
        int => 4,
        long or double => 8,
        bool => 1,
        DateTimeOffset d when d >= Earliest => 8,
        DateTimeOffset d => throw new ArgumentException($"'{name}' is {d:O}, before 1601.", nameof(value)),
        _ => throw new ArgumentException($"'{name}' has a type that tables cannot store: {value.GetType().Name}.", nameof(value)),
    };
}
