using System.Buffers.Binary;
using System.Text;

namespace ContributionIngest.Drivers.Local;

/// <summary>
/// A row's values in one blob that tells its own types: per value a type, the name, the content; lengths and whole numbers in groups of
/// seven bits. Absent values are not written.
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

    public static Dictionary<string, object?> Read(ReadOnlySpan<byte> bytes, PropertyNames names)
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
