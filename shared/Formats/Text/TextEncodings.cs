using System.Text;

namespace ContributionIngest.Formats.Text;

internal static class TextEncodings
{
    /// <summary>By name, code pages included; null for an unknown one.</summary>
    public static Encoding? ByName(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
