using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>Texts of forms.</summary>
public static class FormText
{
    /// <summary>Between the values of a list, as it is typed and kept.</summary>
    public const char Separator = ';';

    /// <summary>What is kept of an answer at most, in UTF-16 code units; every form takes less.</summary>
    public const int MaxAnswer = 3500;

    public static string Join(IEnumerable<string> values) => string.Join("; ", values);

    /// <summary>The values of a text: several only for a list.</summary>
    public static IReadOnlyList<string> Split(FormField field, string text) => field.Type == FieldType.List
        ? text.Split(Separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [text];

    /// <summary>A text as it is kept: without control characters and halves of surrogate pairs; on one line unless it is prose. Null if nothing is left.</summary>
    public static string? Clean(FormField field, string? text) =>
        field.Type == FieldType.Prose ? CleanLines(text) : Normaliser.Text(text, int.MaxValue - 2);

    public static int Length(string text, TextUnit unit) => unit == TextUnit.Utf16 ? text.Length : text.EnumerateRunes().Count();

    /// <summary>Whether it has characters that turn the direction of the text around it, or are not to be seen at all.</summary>
    public static bool HasHiddenCharacters(string text) => text.Any(c => c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFEFF' or '\uFFFD' or '\u2028' or '\u2029'
        || (char.IsControl(c) && c is not '\n'));

    /// <summary>An address with nothing but what RFC 3986 has in one, also where a browser shows other letters; null if it is no web address.</summary>
    public static string? Address(string text)
    {
        if (Normaliser.Address(text) is not { } address)
            return null;
        var uri = new Uri(address);
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        var authority = uri.IsDefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{uri.Port}");
        var rest = new StringBuilder();
        foreach (var rune in (uri.PathAndQuery + uri.Fragment).EnumerateRunes())
            _ = IsUriCharacter(rune) ? rest.Append(rune) : rest.Append(Uri.EscapeDataString(rune.ToString()));

        // The first number sign begins the fragment, and another one has no place in it.
        var fragment = rest.ToString().IndexOf('#', StringComparison.Ordinal);
        if (fragment >= 0)
            rest.Replace("#", "%23", fragment + 1, rest.Length - fragment - 1);
        return $"{uri.Scheme}://{authority}{rest}";
    }

    private static bool IsUriCharacter(Rune rune) => rune.IsAscii && (Rune.IsLetterOrDigit(rune) || "-._~:/?#@!$&'()*+,;=%".Contains((char)rune.Value, StringComparison.Ordinal));

    private static string? CleanLines(string? text)
    {
        if (text is null)
            return null;
        var lines = text.ReplaceLineEndings("\n").Split('\n').Select(line => Normaliser.Text(line, int.MaxValue - 2) ?? "");
        return string.Join('\n', lines).Trim('\n') is { Length: > 0 } clean ? clean : null;
    }
}
