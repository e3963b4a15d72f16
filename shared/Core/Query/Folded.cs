using System.Globalization;
using System.Text;

namespace ContributionIngest.Core.Query;

/// <summary>Text without case and accents, so that "cafe" finds "Café".</summary>
public static class Folded
{
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToLowerInvariant();
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
                continue;
            _ = Letters(char.ToLowerInvariant(c)) is { } letters ? folded.Append(letters) : folded.Append(char.ToLowerInvariant(c));
        }

        return folded.ToString();
    }

    /// <summary>Letters that have no decomposition but are read as others.</summary>
    private static string? Letters(char c) => c switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' or 'ð' => "d",
        'ł' => "l",
        'ı' => "i",
        'þ' => "th",
        _ => null,
    };
}
