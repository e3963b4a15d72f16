using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Contributions.Charts;

/// <summary>A year as a small picture with a ground of its own, which fits any page.</summary>
public static class ProfileCard
{
    private const int Width = 516;
    private const int Height = 170;
    private const int Step = 9;

    private const string Light = "rect.g{fill:#fff;stroke:#c6cfd1}.t{fill:#14191b}.s{fill:#4a5558}.c0{fill:#e8ecec}.c1{fill:#639aa1}.c2{fill:#387c83}.c3{fill:#185e66}.c4{fill:#063c44}";
    private const string Dark = "rect.g{fill:#101415;stroke:#3a4346}.t{fill:#eaeeee}.s{fill:#b3bdbf}.c0{fill:#1f2628}.c1{fill:#3e7a81}.c2{fill:#56a0a8}.c3{fill:#83c5cb}.c4{fill:#c5eef1}";
    private const string Type = "text{font:12px system-ui,-apple-system,\"Segoe UI\",sans-serif}.t{font-size:15px;font-weight:600}";

    /// <summary>The style sheet of a card.</summary>
    /// <param name="theme"><c>light</c> or <c>dark</c>; anything else follows the reader.</param>
    public static string Style(string? theme) => theme switch
    {
        "light" => Type + Light,
        "dark" => Type + Dark,
        _ => Type + Light + "@media(prefers-color-scheme:dark){" + Dark + "}",
    };

    /// <summary>By which a content security policy allows that style sheet.</summary>
    public static string StyleHash(string? theme) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style(theme))));

    /// <param name="title">The sentence on top.</param>
    /// <param name="below">Who, and what of each kind.</param>
    /// <param name="foot">At the left and at the right.</param>
    /// <param name="step">0 to 4: how dark a day is.</param>
    public static string Draw(string title, string below, (string Left, string Right) foot, DateOnly from, DateOnly to, Func<DateOnly, int> step, string? theme)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-labelledby=\"t d\">")
            .Append(CultureInfo.InvariantCulture, $"<title id=\"t\">{Escape(title)}</title><desc id=\"d\">{Escape(below)}</desc><style>{Style(theme)}</style>")
            .Append(CultureInfo.InvariantCulture, $"<rect class=\"g\" x=\"0.5\" y=\"0.5\" width=\"{Width - 1}\" height=\"{Height - 1}\" rx=\"6\"/>");
        Text(20, 31, "t", title);
        Text(20, 50, "s", below);
        var monday = from.AddDays(-(((int)from.DayOfWeek + 6) % 7));
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            var (week, row) = ((day.DayNumber - monday.DayNumber) / 7, ((int)day.DayOfWeek + 6) % 7);
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"c{step(day)}\" x=\"{20 + (week * Step)}\" y=\"{63 + (row * Step)}\" width=\"7\" height=\"7\" rx=\"1.5\"/>");
        }

        Text(20, 152, "s", foot.Left);
        Text(Width - 20, 152, "s", foot.Right, "end");
        return svg.Append("</svg>").ToString();

        void Text(int x, int y, string style, string text, string anchor = "start") =>
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" class=\"{style}\" text-anchor=\"{anchor}\">{Escape(Short(text))}</text>");
    }

    /// <summary>What fits into a line.</summary>
    private static string Short(string text) => new StringInfo(text) is { LengthInTextElements: > 72 } whole ? whole.SubstringByTextElements(0, 71) + "…" : text;

    private static string Escape(string value) => value
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
