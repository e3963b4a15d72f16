using System.Globalization;
using System.Text;

namespace ContributionIngest.Core.Sources;

/// <summary>The names of a person, as an option gives them, looked for as whole words without regard to case and accents.</summary>
internal sealed class PersonNames
{
    private const int MaxNames = 10;

    /// <summary>Of a text in which names are looked for.</summary>
    private const int MaxText = 4_000;

    private readonly List<Name> names;

    /// <param name="option">Names and handles separated by commas.</param>
    public PersonNames(string? option) => names =
    [
        .. (option ?? "").Split(',', StringSplitOptions.TrimEntries).Take(MaxNames).Select(name => new Name(Fold(name), name.Any(char.IsWhiteSpace))).Where(name => name.Words.Length > 0).Distinct(),
    ];

    public bool IsEmpty => names.Count == 0;

    /// <summary>Comparable: the same names, the same text.</summary>
    public string Text => string.Join(',', names.Select(name => name.Words));

    /// <summary>Whether a field that holds a name, or a few, holds one of the person's. A single word, such as a handle, has to be the whole field.</summary>
    public bool AreIn(string? field)
    {
        if (IsEmpty || field is null)
            return false;
        var folded = Fold(field);
        return names.Exists(name => folded == name.Words || (name.IsFull && Contains(folded, name)));
    }

    /// <summary>Whether a handle, bare or as the address of a profile, is one of the person's.</summary>
    public bool AreHandle(string? handle)
    {
        if (IsEmpty || handle is null)
            return false;
        var last = Fold(handle.TrimEnd('/').Split('/')[^1]);
        return names.Exists(name => name.Words == last);
    }

    /// <summary>Whether a text mentions the person by a name of two words or more: one word alone is somebody else's too.</summary>
    public bool AreMentioned(params ReadOnlySpan<string?> texts)
    {
        if (!names.Exists(name => name.IsFull))
            return false;
        foreach (var text in texts)
        {
            if (text is null)
                continue;
            var folded = Fold(text);
            if (names.Exists(name => name.IsFull && Contains(folded, name)))
                return true;
        }

        return false;
    }

    private static bool Contains(string folded, Name name) => $" {folded} ".Contains($" {name.Words} ", StringComparison.Ordinal);

    /// <summary>The words of a text in upper case, without accents, with a space between them.</summary>
    private static string Fold(string text)
    {
        var words = new StringBuilder(Math.Min(text.Length, MaxText));
        var isPending = false;
        foreach (var rune in Decomposed(text.Length > MaxText ? text[..MaxText] : text).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format)
                continue;
            if (!Rune.IsLetterOrDigit(rune) && rune.Value != '_')
            {
                isPending = words.Length > 0;
                continue;
            }

            if (isPending)
                words.Append(' ');
            isPending = false;
            words.Append(Letters(rune));
        }

        return words.ToString();
    }

    /// <summary>Text with half a surrogate pair cannot be normalised.</summary>
    private static string Decomposed(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKD);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    /// <summary>Letters that Unicode does not decompose, as people write them without a key for them.</summary>
    private static string Letters(Rune rune) => rune.Value switch
    {
        'ß' or 'ẞ' => "SS",
        'ø' or 'Ø' => "O",
        'ł' or 'Ł' => "L",
        'đ' or 'Đ' or 'ð' or 'Ð' => "D",
        'æ' or 'Æ' => "AE",
        'œ' or 'Œ' => "OE",
        'ı' => "I",
        'þ' or 'Þ' => "TH",
        _ => Rune.ToUpperInvariant(rune).ToString(),
    };

    /// <param name="Words">Folded.</param>
    /// <param name="IsFull">It has two words or more.</param>
    private sealed record Name(string Words, bool IsFull);
}
