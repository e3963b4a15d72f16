using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>
/// Contributions as a document (Markdown, RFC 7763; the variant is CommonMark), in English: a heading for each month in the person's zone, and below it an
/// item for each entry. A derived date is called "about", and one that is unknown is replaced by when the entry was first seen. Text from outside is
/// escaped, so that it stays text.
/// </summary>
public static class LedgerMarkdown
{
    /// <summary>Of the numbers of an entry, the first of these is shown, and any other only if there is none of them.</summary>
    private static readonly OrderedDictionary<string, string> MetricWords = new(StringComparer.Ordinal)
    {
        ["attendees"] = "attendees",
        ["views"] = "views",
        ["rsvps"] = "RSVPs",
        ["stars"] = "stars of the repository",
        ["likes"] = "likes",
        ["comments"] = "comments",
        ["additions"] = "lines added",
        ["minutes"] = "minutes",
    };

    /// <param name="output">The stream is left open.</param>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<Contribution> entries, LedgerOwner owner, CancellationToken cancel)
    {
        await using var stream = new DeferredStream(output, cancel);
        var text = new StringBuilder();

        // Number signs at the end of a heading are not part of it.
        text.Append("# ").Append(Escape(owner.Title).Replace("#", "\\#", StringComparison.Ordinal)).Append('\n');
        string? month = null;
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            var values = entry.Effective();
            var day = owner.Day(values.When, values.DatePrecision);
            var name = day.ToString("MMMM yyyy", CultureInfo.InvariantCulture);
            if (name != month)
                text.Append("\n## ").Append(month = name).Append("\n\n");
            text.Append("- ").AppendJoin(" · ", Parts(entry, values, day).OfType<string>()).Append('\n');
            await stream.SendAsync(text);
        }

        if (month is null)
            text.Append("\nNo contributions.\n");
        await stream.SendAsync(text);
        await stream.FlushAsync(cancel);
    }

    private static IEnumerable<string?> Parts(Contribution entry, ContributionValues values, DateOnly day)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        yield return values.DatePrecision switch
        {
            DatePrecision.Derived => "about " + date,
            DatePrecision.FirstSeen => "first seen " + date,
            _ => date,
        };
        var kind = CamelCase.ToWords(EnumText<Kind>.Of(values.Kind));
        yield return values.Status == Status.Published ? kind : $"{kind}, {EnumText<Status>.Of(values.Status)}";
        yield return Link(values.Title, values.Url);
        yield return values.Container is { } container ? Link(container.Name, container.Url) : null;
        yield return Number(entry.EffectiveMetrics());
        yield return entry.Private ? "private" : null;
    }

    private static string? Number(IReadOnlyDictionary<string, Metric> metrics)
    {
        var name = MetricWords.Keys.FirstOrDefault(metrics.ContainsKey) ?? metrics.Keys.Order(StringComparer.Ordinal).FirstOrDefault();
        if (name is null)
            return null;
        var number = metrics[name].Value.ToString("#,0.##", CultureInfo.InvariantCulture);
        var words = MetricWords.GetValueOrDefault(name) ?? CamelCase.ToWords(name);
        return metrics[name].How == MetricOrigin.Estimated ? $"{words}: {number} (estimated)" : $"{words}: {number}";
    }

    internal static string Link(string text, string? url) => url is null ? Escape(text) : $"[{Escape(text)}]({Destination(url)})";

    /// <summary>
    /// On one line, and without what begins emphasis, code, a link, an HTML tag or a character reference (CommonMark 0.31.2 sections 2.4 to 6.6), nor an
    /// address that GFM would link, which could end the link it stands in.
    /// </summary>
    internal static string Escape(string text)
    {
        var line = Normaliser.Line(text, text.Length) ?? "untitled";
        var builder = new StringBuilder(line.Length);
        foreach (var (at, c) in line.Index())
        {
            if (c == '<')
                builder.Append("&lt;");
            else if (c == '&')
                builder.Append(Ampersand(line, at));
            else if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '~' or '@' || IsInAddress(line, at))
                builder.Append('\\').Append(c);
            else
                builder.Append(c);
        }

        return builder.ToString();
    }

    /// <summary>The full stop of "www." and the colon of "://".</summary>
    private static bool IsInAddress(string line, int at) =>
        (line[at] == ':' && line.AsSpan(at + 1).StartsWith("//")) || (line[at] == '.' && line.AsSpan(0, at).EndsWith("www", StringComparison.OrdinalIgnoreCase));

    /// <summary>An address as the destination of a link (section 6.3). It is percent-encoded, so it has neither spaces nor angle brackets.</summary>
    private static string Destination(string url)
    {
        var builder = new StringBuilder(url.Length);
        foreach (var (at, c) in url.Index())
        {
            if (c is '(' or ')' or '\\')
                builder.Append('\\').Append(c);
            else if (c == '&')
                builder.Append(Ampersand(url, at));
            else
                builder.Append(c);
        }

        return builder.ToString();
    }

    /// <summary>A character reference ends with a semicolon (section 2.5). Without one, the sign stays readable where Markdown is shown as text.</summary>
    private static string Ampersand(string text, int at) => text.IndexOf(';', at) < 0 ? "&" : "&amp;";
}
