using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Contributions.Charts;

/// <summary>An SVG chart with a title and description for screen readers, and colours for light and dark mode.</summary>
internal sealed class Svg
{
    private readonly StringBuilder svg = new();

    public Svg(int width, int height, string title, string description)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" ")
            .Append("role=\"img\" aria-labelledby=\"t d\">")
            .Append("<title id=\"t\">").Append(Escape(title)).Append("</title><desc id=\"d\">").Append(Escape(description)).Append("</desc>")
            .Append("<style>").Append(ChartStyle.Css).Append("</style>");
        Text(0, 14, title, "h");
    }

    public void Text(double x, double y, string value, string? style = null, string anchor = "start") =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"")
            .Append(style is null ? "" : $" class=\"{style}\"").Append('>').Append(Escape(value)).Append("</text>");

    /// <param name="tooltip">The tooltip.</param>
    public void Box(double x, double y, double width, double height, string style, string? tooltip = null)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" rx=\"2\" class=\"{style}\"");
        _ = tooltip is null ? svg.Append("/>") : svg.Append("><title>").Append(Escape(tooltip)).Append("</title></rect>");
    }

    public void Line(double x1, double y1, double x2, double y2) =>
        svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"l\"/>");

    public override string ToString() => svg + "</svg>";

    private static string Escape(string value) => value
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}

/// <summary>The style sheet that every chart contains.</summary>
public static class ChartStyle
{
    internal static readonly string Css = """
        text{font:11px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#57606a}.h{font-size:14px;font-weight:600;fill:#1f2328}
        .l{stroke:#d0d7de;stroke-width:1}.c0{fill:#e7ebef}.c1{fill:#a9d8f2}.c2{fill:#58aee0}.c3{fill:#1f7fc0}.c4{fill:#0b4f86}
        @media(prefers-color-scheme:dark){text{fill:#9198a1}.h{fill:#f0f6fc}.l{stroke:#3d444d}
        .c0{fill:#21262d}.c1{fill:#0f3d66}.c2{fill:#1565a3}.c3{fill:#3b9be0}.c4{fill:#a5d8ff}}
        """.ReplaceLineEndings("\n");

    /// <summary>By which a content security policy allows it.</summary>
    public static readonly string Hash = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Css)));
}

/// <summary>How charts format counts and dates.</summary>
internal static class ChartText
{
    private const int TitleCharacter = 9;

    public static string Number(int count) =>
        count == 1 ? "1 contribution" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} contributions");

    /// <summary>Width that a title needs, in pixels, also in a font that runs wide.</summary>
    public static int Width(string title) => title.Length * TitleCharacter;

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Month(DateOnly day) => day.ToString("MMM", CultureInfo.InvariantCulture);

    public static string Span(DateOnly from, DateOnly to) =>
        from is { Month: 1, Day: 1 } && to == from.AddYears(1).AddDays(-1)
            ? from.Year.ToString(CultureInfo.InvariantCulture)
            : $"{Day(from)} to {Day(to)}";
}
