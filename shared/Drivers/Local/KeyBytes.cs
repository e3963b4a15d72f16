namespace ContributionIngest.Drivers.Local;

/// <summary>
/// Keys as bytes whose order is that of the key's UTF-16 units, which is the order of the ports: each unit by itself in the form UTF-8 has
/// for it. (UTF-8 proper would put a surrogate pair behind U+FFFD.) ASCII stays what it is.
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
