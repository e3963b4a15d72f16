using System.Text;
using System.Text.Unicode;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Formats.Pages;

/// <summary>The metadata in the tags of a page.</summary>
internal sealed class PageTags
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxOfAKind = 200;

    private readonly Dictionary<string, List<string>> metas = new(StringComparer.OrdinalIgnoreCase);

    private PageTags(Uri address) => Base = address;

    public string? Title { get; private set; }

    /// <summary>Base of relative addresses.</summary>
    public Uri Base { get; private set; }

    public string? Canonical { get; private set; }

    /// <summary>What the <c>time</c> tags say; marked if the page says that it is its publication date.</summary>
    public List<(string Time, bool IsMarked)> Times { get; } = [];

    /// <summary>Scripts of type <c>application/ld+json</c>.</summary>
    public List<string> LinkedData { get; } = [];

    /// <summary>Addresses of calendars to subscribe to.</summary>
    public List<string> Calendars { get; } = [];

    /// <param name="contentType">The HTTP header, if there was one.</param>
    public static PageTags Read(byte[] body, string? contentType, Uri address)
    {
        var tags = new PageTags(address);
        HtmlTags.Read(Decode(body, contentType), tags.Add);
        return tags;
    }

    /// <summary>The characters of a page, of its first 4 MB.</summary>
    public static string Decode(byte[] body, string? contentType)
    {
        var page = body.AsSpan(0, Math.Min(body.Length, MaxBytes));
        return EncodingOf(page, contentType).GetString(page);
    }

    /// <summary>Contents of the <c>meta</c> tags with these names, in the order of the names.</summary>
    public IEnumerable<string> Metas(params IEnumerable<string> names) => names.SelectMany(name => metas.TryGetValue(name, out var values) ? values : []);

    public string? Meta(params IEnumerable<string> names) => Metas(names).FirstOrDefault();

    public string? Absolute(string? address) =>
        address?.Length > 0 && Uri.TryCreate(Base, address, out var absolute) && HttpAddress.IsHttp(absolute) ? absolute.AbsoluteUri : null;

    /// <summary>Bytes that are valid UTF-8 are UTF-8, whatever is declared.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> page, string? contentType)
    {
        if (Utf8.IsValid(page))
            return Encoding.UTF8;
        var charset = ContentType.Charset(contentType);
        return charset?.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase) == false ? TextEncodings.ByName(charset) ?? Encoding.Latin1 : Encoding.Latin1;
    }

    private void Add(HtmlTagToken tag, HtmlTokenizer tokens)
    {
        switch (tag.Name)
        {
            case "title":
                Title ??= tokens.Text();
                break;
            case "script":
                if (tag.Value("type")?.StartsWith("application/ld+json", StringComparison.OrdinalIgnoreCase) == true
                    && LinkedData.Count < MaxOfAKind && tokens.Text() is { } script)
                    LinkedData.Add(script);
                break;
            case "base" when tag.Value("href") is { } href && Uri.TryCreate(Base, href, out var moved) && moved.Scheme.StartsWith("http", StringComparison.Ordinal):
                Base = moved;
                break;
            case "meta" when tag.Value("content") is { } content:
                foreach (var name in (ReadOnlySpan<string>)["property", "name", "itemprop"])
                    Note(tag.Value(name), content);
                break;
            case "link":
                AddLink(tag);
                break;
            case "a" when tag.Value("href") is { } href && href.StartsWith("webcal", StringComparison.OrdinalIgnoreCase) && Calendars.Count < MaxOfAKind:
                Calendars.Add(href);
                break;
            case "time" when Times.Count < MaxOfAKind && (tag.Value("datetime") ?? Dated(tokens.Text())) is { } time:
                Times.Add((time, tag.Attributes.Any(attribute => attribute.Name == "pubdate")
                    || tag.Value("itemprop")?.Contains("datePublished", StringComparison.OrdinalIgnoreCase) == true
                    || tag.Value("class") is { } style && style.Contains("published", StringComparison.OrdinalIgnoreCase)));
                break;
        }
    }

    /// <summary>Without the attribute the text is the date (HTML, 4.5.14), unless it is written for people alone.</summary>
    private static string? Dated(string? text) => PageMetadata.DateOf(text) is null ? null : text;

    private void AddLink(HtmlTagToken tag)
    {
        if (tag.Value("href") is not { } href)
            return;
        var relations = (tag.Value("rel") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (relations.Contains("canonical", StringComparer.OrdinalIgnoreCase))
            Canonical ??= href;
        if (tag.Value("type")?.StartsWith("text/calendar", StringComparison.OrdinalIgnoreCase) == true && Calendars.Count < MaxOfAKind)
            Calendars.Add(href);
    }

    private void Note(string? name, string content)
    {
        if (name is null || (metas.Count >= MaxOfAKind && !metas.ContainsKey(name)))
            return;
        if (!metas.TryGetValue(name, out var values))
            metas[name] = values = [];
        if (values.Count < MaxOfAKind)
            values.Add(content);
    }
}

/// <summary>Reads a page tag by tag, without building a tree: a hostile page can make the tree's cost grow with the square of its depth.</summary>
internal static class HtmlTags
{
    /// <summary>Passes each start tag on, with the tokenizer after it.</summary>
    public static void Read(string html, Action<HtmlTagToken, HtmlTokenizer> read)
    {
        using var source = new TextSource(html);
        using var tokens = new HtmlTokenizer(source, HtmlEntityProvider.Resolver);
        while (tokens.Get() is { Type: not HtmlTokenType.EndOfFile } token)
        {
            if (token is not HtmlTagToken { Type: HtmlTokenType.StartTag } tag)
                continue;

            // The content of some elements is text whatever it looks like; the tree builder would set this.
            tokens.State = tag.Name switch
            {
                "title" or "textarea" => HtmlParseMode.RCData,
                "script" => HtmlParseMode.Script,
                "style" or "iframe" or "xmp" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
                _ => tokens.State,
            };
            read(tag, tokens);
        }
    }

    /// <summary>The text that follows the current tag; null if there is none.</summary>
    public static string? Text(this HtmlTokenizer tokens) => tokens.Get() is { Type: HtmlTokenType.Character } text ? text.Data : null;

    /// <summary>An attribute, trimmed; null if absent or empty.</summary>
    public static string? Value(this HtmlTagToken tag, string name) => tag.GetAttribute(name)?.Trim() is { Length: > 0 } value ? value : null;
}
