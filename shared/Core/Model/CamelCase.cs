using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>Names in camel case.</summary>
public static class CamelCase
{
    /// <summary>A name as lower-case words: <c>pullRequest</c> becomes "pull request".</summary>
    public static string ToWords(string name)
    {
        var words = new StringBuilder(name.Length + 2);
        foreach (var c in name)
            _ = char.IsAsciiLetterUpper(c) ? words.Append(' ').Append(char.ToLowerInvariant(c)) : words.Append(c);
        return words.ToString();
    }
}
