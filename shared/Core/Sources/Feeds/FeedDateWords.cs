namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Names of months and zones as dates of feeds write them. Words come in lower case and without a closing dot.</summary>
internal static class FeedDateWords
{
    /// <summary>How each month's name begins, in the languages publishing tools are seen to write dates in.</summary>
    private static readonly string[] Months =
    [
        "jän ene gen stycz led oca ιαν янв",
        "fév fev úno lut şub φεβ фев",
        "mär már mrt maa bře μάρ μαρ мар",
        "avr abr ápr dub kwi nis απρ апр",
        "mai maj mag mei máj květ mayıs μάι μαΐ μαι μάϊ мая май",
        "juin giu jún červ czerw haz ιούν ιουν июн",
        "juil lug júl lip tem ιούλ ιουλ июл",
        "aoû aou ago sier srp ağu αύγ αυγ авг",
        "set sze wrz zář eyl σεπ сен",
        "okt out ott paź říj eki οκτ окт",
        "list kas νοέ νοε ноя",
        "déc dez dic dek des gru pro ara δεκ дек",
    ];

    /// <summary>1 to 12, or 0 when the word is no month.</summary>
    public static int Month(ReadOnlySpan<char> word)
    {
        if (word.Length < 3) return 0;
        var english = (word[0], word[1], word[2]) switch
        {
            ('j', 'a', 'n') => 1,
            ('f', 'e', 'b') => 2,
            ('m', 'a', 'r') => 3,
            ('a', 'p', 'r') => 4,
            ('m', 'a', 'y') => 5,
            ('j', 'u', 'n') => 6,
            ('j', 'u', 'l') => 7,
            ('a', 'u', 'g') => 8,
            ('s', 'e', 'p') => 9,
            ('o', 'c', 't') => 10,
            ('n', 'o', 'v') => 11,
            ('d', 'e', 'c') => 12,
            _ => 0,
        };
        if (english > 0 || IsEnglishWeekday(word)) return english;
        for (var month = 0; month < Months.Length; month++)
        {
            foreach (var range in Months[month].AsSpan().Split(' '))
            {
                if (word.StartsWith(Months[month].AsSpan()[range])) return month + 1;
            }
        }

        return 0;
    }

    private static bool IsEnglishWeekday(ReadOnlySpan<char> word) =>
        word[..3] is "mon" or "tue" or "wed" or "thu" or "fri" or "sat" or "sun";

    /// <summary>
    /// Offset of a zone name in minutes; null when unknown or ambiguous. Military letters as RFC 822 gave them for A, M, N and Y.
    /// </summary>
    public static int? Zone(ReadOnlySpan<char> word) => word switch
    {
        "z" or "ut" or "utc" or "gmt" or "wet" => 0,
        "a" => -60,
        "m" => -12 * 60,
        "n" => 60,
        "y" => 12 * 60,
        "nst" => -210,
        "ndt" => -150,
        "adt" or "brt" or "art" => -3 * 60,
        "ast" or "at" or "edt" => -4 * 60,
        "est" or "et" or "cdt" => -5 * 60,
        "cst" or "ct" or "mdt" => -6 * 60,
        "mst" or "mt" or "pdt" => -7 * 60,
        "pst" or "pt" or "akdt" => -8 * 60,
        "akst" => -9 * 60,
        "hst" => -10 * 60,
        "cet" or "met" or "mez" or "west" or "bst" => 60,
        "cest" or "mest" or "mesz" or "eet" or "sast" => 2 * 60,
        "eest" or "msk" => 3 * 60,
        "awst" or "hkt" or "sgt" => 8 * 60,
        "jst" or "kst" => 9 * 60,
        "acst" => 570,
        "aest" => 10 * 60,
        "acdt" => 630,
        "aedt" => 11 * 60,
        "nzst" => 12 * 60,
        "nzdt" => 13 * 60,
        _ => null,
    };

    /// <summary>Words between the parts of a date that say nothing.</summary>
    public static bool IsFiller(ReadOnlySpan<char> word) =>
        word is "at" or "of" or "the" or "de" or "del" or "le" or "à" or "um" or "uhr" or "den" or "den" or "kl" or "г" or "ora";
}
