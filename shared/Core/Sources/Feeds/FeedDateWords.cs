namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Names of months and zones as dates of feeds write them. Words come in lower case and without a closing dot.</summary>
internal static class FeedDateWords
{
    /// <summary>How each month's name begins, in the languages publishing tools are seen to write dates in.</summary>
    private static readonly string[] Months =
    [
        "jan jän ene gen stycz led oca ιαν янв",
        "feb fév fev úno lut şub φεβ фев",
        "mar mär már mrt maa bře μάρ μαρ мар",
        "apr avr abr ápr dub kwi nis απρ апр",
        "may mai maj mag mei máj květ mayıs μάι μαΐ μαι μάϊ мая май",
        "jun juin giu jún červ czerw haz ιούν ιουν июн",
        "jul juil lug júl lip tem ιούλ ιουλ июл",
        "aug aoû aou ago sier srp ağu αύγ αυγ авг",
        "sep set sze wrz zář eyl σεπ сен",
        "oct okt out ott paź říj eki οκτ окт",
        "nov list kas νοέ νοε ноя",
        "dec déc dez dic dek des gru pro ara δεκ дек",
    ];

    /// <summary>1 to 12, or 0 when the word is no month.</summary>
    public static int Month(ReadOnlySpan<char> word)
    {
        if (word.Length < 3) return 0;
        for (var month = 0; month < Months.Length; month++)
        {
            foreach (var range in Months[month].AsSpan().Split(' '))
            {
                if (word.StartsWith(Months[month].AsSpan()[range])) return month + 1;
            }
        }

        return 0;
    }

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
