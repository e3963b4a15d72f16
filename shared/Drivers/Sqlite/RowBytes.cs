using System.Buffers.Binary;
using System.Text;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// A row's values as a self-describing blob: per value a type, a name and the content; lengths and integers in 7-bit encoding. Absent values are omitted.
/// </summary>
internal static class RowBytes
{
    private const byte Text = 1, Int = 2, Long = 3, Double = 4, False = 5, True = 6, Time = 7, Binary = 8;

    public static byte[] From(IReadOnlyDictionary<string, object?> values)
    {
        using var stream = new MemoryStream(512);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        foreach (var (name, value) in values)
        {
            if (value is not null)
                Write(writer, name, value);
        }

        return stream.ToArray();
    }

    public static Dictionary<string, object?> Read(ReadOnlySpan<byte> bytes, PropertyNameCache names)
    {
        var values = new Dictionary<string, object?>(16, StringComparer.Ordinal);
        while (bytes.Length > 0)
        {
            var type = bytes[0];
            bytes = bytes[1..];
            var name = names[Take(ref bytes, (int)Number(ref bytes))];
            values[name] = Value(type, ref bytes);
        }

        return values;
    }

    private static void Write(BinaryWriter writer, string name, object value)
    {
        writer.Write(value switch
        {
            string => Text,
            int => Int,
            long => Long,
            double => Double,
            bool b => b ? True : False,
            DateTimeOffset => Time,
            _ => Binary,
        });
        writer.Write(name);
        switch (value)
        {
            case string s:
                writer.Write(s);
                break;
            case int i:
                writer.Write7BitEncodedInt64(ZigZag(i));
                break;
            case long l:
                writer.Write7BitEncodedInt64(ZigZag(l));
                break;
            case double d:
                writer.Write(d);
                break;
            case DateTimeOffset t:
                writer.Write(t.UtcTicks);
                break;
            case byte[] b:
                writer.Write7BitEncodedInt(b.Length);
                writer.Write(b);
                break;
        }
    }

    private static object Value(byte type, ref ReadOnlySpan<byte> bytes) => type switch
    {
        Text => Encoding.UTF8.GetString(Take(ref bytes, (int)Number(ref bytes))),
        Int => (int)UnZigZag(Number(ref bytes)),
        Long => UnZigZag(Number(ref bytes)),
        Double => BinaryPrimitives.ReadDoubleLittleEndian(Take(ref bytes, sizeof(double))),
        False => false,
        True => true,
        Time => new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(Take(ref bytes, sizeof(long))), TimeSpan.Zero),
        Binary => Take(ref bytes, (int)Number(ref bytes)).ToArray(),
        _ => throw new InvalidDataException($"A row holds a value of unknown type {type}."),
    };

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int length)
    {
        var taken = bytes[..length];
        bytes = bytes[length..];
        return taken;
    }

    private static ulong Number(ref ReadOnlySpan<byte> bytes)
    {
        var number = 0UL;
        var at = 0;
        byte part;
        do
        {
            part = bytes[at];
            number |= (ulong)(part & 0x7F) << (7 * at++);
        }
        while (part >= 0x80);
        bytes = bytes[at..];
        return number;
    }

    private static long ZigZag(long number) => (number << 1) ^ (number >> 63);

    private static long UnZigZag(ulong number) => (long)(number >> 1) ^ -(long)(number & 1);
}

/// <summary>
/// Keys as bytes in the order of their UTF-16 units, which the stores define: each unit is encoded separately as in UTF-8 (which itself would sort
/// surrogate pairs after U+FFFD). ASCII stays the same.
/// </summary>
internal static class KeyBytes
{
    public static byte[] From(string key)
    {
        var length = 0;
        foreach (var c in key)
            length += Size(c);
        var bytes = new byte[length];
        var at = 0;
        foreach (var c in key)
        {
            if (c < 0x80)
            {
                bytes[at++] = (byte)c;
                continue;
            }

            if (c < 0x800)
            {
                bytes[at++] = (byte)(0xC0 | (c >> 6));
            }
            else
            {
                bytes[at++] = (byte)(0xE0 | (c >> 12));
                bytes[at++] = (byte)(0x80 | ((c >> 6) & 0x3F));
            }

            bytes[at++] = (byte)(0x80 | (c & 0x3F));
        }

        return bytes;
    }

    public static string Read(ReadOnlySpan<byte> bytes)
    {
        var units = bytes.Length <= 512 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        var length = 0;
        for (var at = 0; at < bytes.Length;)
        {
            int first = bytes[at++];
            units[length++] = (char)(first switch
            {
                < 0x80 => first,
                < 0xE0 => ((first & 0x1F) << 6) | (bytes[at++] & 0x3F),
                _ => ((first & 0x0F) << 12) | ((bytes[at++] & 0x3F) << 6) | (bytes[at++] & 0x3F),
            });
        }

        return new string(units[..length]);
    }

    private static int Size(char c) => c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
}
