using System.Runtime.Intrinsics;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The characters XML forbids below 32, and 127. Looked for by hand because SearchValues are compiled only when first used, which is most
/// of the time a short-lived process has.
/// </summary>
internal static class ControlCharacters
{
    public static int IndexIn(ReadOnlySpan<byte> text)
    {
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var (space, tab, line, carriage, delete) = (
                Vector128.Create((byte)' '), Vector128.Create((byte)'\t'), Vector128.Create((byte)'\n'), Vector128.Create((byte)'\r'), Vector128.Create((byte)127));
            for (; i + Vector128<byte>.Count <= text.Length; i += Vector128<byte>.Count)
            {
                var bytes = Vector128.Create(text[i..]);
                var allowed = Vector128.Equals(bytes, tab) | Vector128.Equals(bytes, line) | Vector128.Equals(bytes, carriage);
                var controls = Vector128.AndNot(Vector128.LessThan(bytes, space), allowed) | Vector128.Equals(bytes, delete);
                if (controls != Vector128<byte>.Zero) break;
            }
        }

        for (; i < text.Length; i++)
        {
            if (text[i] is < (byte)' ' and not ((byte)'\t' or (byte)'\n' or (byte)'\r') or 127) return i;
        }

        return -1;
    }
}
