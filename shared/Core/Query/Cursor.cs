using System.Buffers.Text;
using System.Text;
using ContributionIngest.Core.Ledger;

namespace ContributionIngest.Core.Query;

/// <summary>
/// Where a walk through the ledger stands: the key of the last entry looked at, in base64url. What comes back is taken only in exactly the
/// form of such a key, so that no forged one reads anything but entries.
/// </summary>
public static class Cursor
{
    private const int Longest = 100;

    public static string Write(string key) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(key));

    public static bool TryRead(string text, out string key)
    {
        key = "";
        if (text.Length > Longest || !Base64Url.IsValid(text))
            return false;
        key = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text));
        return LedgerKeys.IsEntry(key) && string.Equals(Write(key), text, StringComparison.Ordinal);
    }
}
