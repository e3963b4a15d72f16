using System.Text;

namespace ContributionIngest.Formats.Text;

/// <summary>
/// HTML character references: numeric ones, and names that end in a semicolon. The table is searched as it is, common names first, so that nothing
/// has to be built at start.
/// </summary>
internal static class HtmlEntities
{
    private const int Longest = 12;

    /// <summary>The character of a reference, and its length in bytes including the ampersand; 0 if it is not one.</summary>
    /// <param name="text">Begins with <c>&amp;</c>.</param>
    public static int Decode(ReadOnlySpan<byte> text, out Rune rune)
    {
        rune = default;
        if (text.Length < 3) return 0;
        if (text[1] == '#') return DecodeNumber(text, out rune);
        var end = text[..Math.Min(text.Length, Longest)].IndexOf((byte)';');
        if (end < 2) return 0;
        var name = text[1..end];
        rune = new Rune(name switch
        {
            _ when name.SequenceEqual("amp"u8) => '&',
            _ when name.SequenceEqual("lt"u8) => '<',
            _ when name.SequenceEqual("gt"u8) => '>',
            _ when name.SequenceEqual("quot"u8) => '"',
            _ when name.SequenceEqual("apos"u8) => '\'',
            _ => '\0',
        });
        return rune.Value != 0 || Find(name, out rune) ? end + 1 : 0;
    }

    /// <summary>
    /// Invalid numbers give U+FFFD; 128 to 159 mean windows-1252, as in HTML; the two halves of a surrogate pair are one character.
    /// </summary>
    private static int DecodeNumber(ReadOnlySpan<byte> text, out Rune rune)
    {
        rune = Rune.ReplacementChar;
        var length = ReadNumber(text, out var value);
        if (length == 0) return 0;
        if (value is >= 0xD800 and <= 0xDBFF && text[length..].StartsWith("&#"u8) && ReadNumber(text[length..], out var low) is > 0 and var more && low is >= 0xDC00 and <= 0xDFFF)
        {
            rune = new Rune((char)value, (char)low);
            return length + more;
        }

        if (value is >= 0x80 and <= 0x9F) value = Windows1252[value - 0x80];
        if (value is >= 0x20 or 9 or 10 or 13 && Rune.IsValid(value)) rune = new Rune(value);
        return length;
    }

    private static int ReadNumber(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        if (text.Length < 3) return 0;
        var hex = (text[2] | 0x20) == 'x';
        var i = hex ? 3 : 2;
        var first = i;
        for (; i < text.Length; i++)
        {
            var b = text[i];
            var digit = (uint)(b - '0') <= 9 ? b - '0' : hex && (uint)((b | 0x20) - 'a') <= 5 ? (b | 0x20) - 'a' + 10 : -1;
            if (digit < 0) break;
            if (value <= 0x10FFFF) value = value * (hex ? 16 : 10) + digit;
        }

        return i == first ? 0 : i < text.Length && text[i] == ';' ? i + 1 : i;
    }

    private static bool Find(ReadOnlySpan<byte> name, out Rune rune)
    {
        Span<byte> key = stackalloc byte[Longest + 2];
        key[0] = (byte)' ';
        name.CopyTo(key[1..]);
        key[name.Length + 1] = (byte)'=';
        var at = Table.IndexOf(key[..(name.Length + 2)]);
        rune = default;
        return at >= 0 && Rune.DecodeFromUtf8(Table[(at + name.Length + 2)..], out rune, out _) == System.Buffers.OperationStatus.Done;
    }

    public const string Windows1252 = "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    private static ReadOnlySpan<byte> Table =>
        " nbsp=\u00A0 rsquo=’ lsquo=‘ rdquo=” ldquo=“ mdash=— ndash=– hellip=… raquo=» laquo=« copy=© reg=® trade=™ eacute=é "u8 +
        "egrave=è agrave=à uuml=ü ouml=ö auml=ä Uuml=Ü Ouml=Ö Auml=Ä szlig=ß ccedil=ç ecirc=ê oacute=ó aacute=á iacute=í "u8 +
        "ntilde=ñ bull=• middot=· euro=€ pound=£ deg=° times=× AElig=Æ Aacute=Á Acirc=Â Agrave=À Alpha=Α Aring=Å Atilde=Ã "u8 +
        "Beta=Β Ccedil=Ç Chi=Χ Dagger=‡ Delta=Δ ETH=Ð Eacute=É Ecirc=Ê Egrave=È Epsilon=Ε Eta=Η Euml=Ë Gamma=Γ Iacute=Í "u8 +
        "Icirc=Î Igrave=Ì Iota=Ι Iuml=Ï Kappa=Κ Lambda=Λ Mu=Μ Ntilde=Ñ Nu=Ν OElig=Œ Oacute=Ó Ocirc=Ô Ograve=Ò Omega=Ω "u8 +
        "Omicron=Ο Oslash=Ø Otilde=Õ Phi=Φ Pi=Π Prime=″ Psi=Ψ Rho=Ρ Scaron=Š Sigma=Σ THORN=Þ Tau=Τ Theta=Θ Uacute=Ú Ucirc=Û "u8 +
        "Ugrave=Ù Upsilon=Υ Xi=Ξ Yacute=Ý Yuml=Ÿ Zeta=Ζ acirc=â acute=´ aelig=æ alefsym=ℵ alpha=α and=∧ ang=∠ aring=å asymp=≈ "u8 +
        "atilde=ã bdquo=„ beta=β brvbar=¦ cap=∩ cedil=¸ cent=¢ chi=χ circ=ˆ clubs=♣ cong=≅ crarr=↵ cup=∪ curren=¤ dArr=⇓ "u8 +
        "dagger=† darr=↓ delta=δ diams=♦ divide=÷ empty=∅ emsp=\u2003 ensp=\u2002 epsilon=ε equiv=≡ eta=η eth=ð euml=ë exist=∃ "u8 +
        "fnof=ƒ forall=∀ frac12=½ frac14=¼ frac34=¾ frasl=⁄ gamma=γ ge=≥ hArr=⇔ harr=↔ hearts=♥ icirc=î iexcl=¡ igrave=ì "u8 +
        "image=ℑ infin=∞ int=∫ iota=ι iquest=¿ isin=∈ iuml=ï kappa=κ lArr=⇐ lambda=λ lang=〈 larr=← lceil=⌈ le=≤ lfloor=⌊ "u8 +
        "lowast=∗ loz=◊ lrm=\u200E lsaquo=‹ macr=¯ micro=µ minus=− mu=μ nabla=∇ ne=≠ ni=∋ not=¬ notin=∉ nsub=⊄ nu=ν ocirc=ô "u8 +
        "oelig=œ ograve=ò oline=‾ omega=ω omicron=ο oplus=⊕ or=∨ ordf=ª ordm=º oslash=ø otilde=õ otimes=⊗ para=¶ part=∂ "u8 +
        "permil=‰ perp=⊥ phi=φ pi=π piv=ϖ plusmn=± prime=′ prod=∏ prop=∝ psi=ψ rArr=⇒ radic=√ rang=〉 rarr=→ rceil=⌉ real=ℜ "u8 +
        "rfloor=⌋ rho=ρ rlm=\u200F rsaquo=› sbquo=‚ scaron=š sdot=⋅ sect=§ shy=\u00AD sigma=σ sigmaf=ς sim=∼ spades=♠ sub=⊂ "u8 +
        "sube=⊆ sum=∑ sup=⊃ sup1=¹ sup2=² sup3=³ supe=⊇ tau=τ there4=∴ theta=θ thetasym=ϑ thinsp=\u2009 thorn=þ tilde=˜ uArr=⇑ "u8 +
        "uacute=ú uarr=↑ ucirc=û ugrave=ù uml=¨ upsih=ϒ upsilon=υ weierp=℘ xi=ξ yacute=ý yen=¥ yuml=ÿ zeta=ζ zwj=\u200D "u8 +
        "zwnj=\u200C apos=' lpar=( rpar=) lbrack=[ rbrack=] lsqb=[ rsqb=] lcub={ rcub=} lbrace={ rbrace=} excl=! quest=? num=# "u8 +
        "dollar=$ percnt=% ast=* plus=+ comma=, period=. sol=/ bsol=\\ colon=: semi=; equals== commat=@ lowbar=_ grave=` "u8 +
        "verbar=| vert=| Tab=  NewLine=  hyphen=‐ dash=‐ horbar=― Hat=^ check=✓ checkmark=✓ cross=✗ star=☆ starf=★ phone=☎ "u8 +
        "inodot=ı imath=ı ccaron=č Ccaron=Č zcaron=ž Zcaron=Ž rcaron=ř Rcaron=Ř ecaron=ě Ecaron=Ě cacute=ć Cacute=Ć sacute=ś "u8 +
        "Sacute=Ś zacute=ź Zacute=Ź nacute=ń Nacute=Ń lstrok=ł Lstrok=Ł aogon=ą Aogon=Ą eogon=ę Eogon=Ę zdot=ż Zdot=Ż gbreve=ğ "u8 +
        "Gbreve=Ğ scedil=ş Scedil=Ş Idot=İ odblac=ő Odblac=Ő udblac=ű Udblac=Ű amacr=ā emacr=ē imacr=ī omacr=ō umacr=ū "u8 +
        "abreve=ă Abreve=Ă dcaron=ď ncaron=ň tcaron=ť uring=ů Uring=Ů dstrok=đ Dstrok=Đ QUOT=\" COPY=© REG=® TRADE=™ half=½ "u8 +
        "frac13=⅓ frac23=⅔ nbhy=‑ bullet=• centerdot=· rarrow=→ leq=≤ geq=≥ approx=≈ "u8;
}
