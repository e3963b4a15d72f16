using ContributionIngest.Formats.Text;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>Fragments meant to get scripts past a sanitiser: none of their code may be left in the plain text as a live tag.</summary>
internal static class HtmlScore
{
    private static readonly string[] Live = ["script", "iframe", "object", "embed", "style", "base", "meta", "form"];

    public static Score Measure(Action<string> report)
    {
        var (right, of) = (0, 0);
        foreach (var test in Corpus.Expected("html-sanitise").EnumerateArray())
        {
            of++;
            var input = test.GetProperty("input").GetString()!;
            var text = PlainText.FromHtml(input) ?? "";
            // What was escaped in the input is text there too; only what was markup must be gone.
            var leaks = !input.Contains("&lt;", StringComparison.OrdinalIgnoreCase) && !input.Contains("&#", StringComparison.Ordinal)
                && Array.Exists(Live, name => text.Contains("<" + name, StringComparison.OrdinalIgnoreCase));
            if (leaks) report($"html-sanitise: {input} → {text}");
            else right++;
        }

        return Score.AtLeast(1, "html-sanitise", "no live tag left in the text", right, of);
    }
}
