using System.Text;
using System.Text.Unicode;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Formats.Pages;

/// <summary>
/// The tags of a page that say something about it. They are read one by one and no tree is built: a tree of a hostile page costs time that
/// grows with the square of its depth.
/// </summary>
internal sealed class PageTags
{
    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostOfAKind = 200;

    private readonly Dictionary<string, List<string>> metas = new(StringComparer.OrdinalIgnoreCase);

    private PageTags(Uri address) => Base = address;

    public string? Title { get; private set; }

    /// <summary>What relative addresses are relative to.</summary>
    public Uri Base { get; private set; }

    public string? Canonical { get; private set; }

    /// <summary><c>datetime</c> of the <c>time</c> tags; marked are those the page says are its publication.</summary>
    public List<(string Time, bool IsMarked)> Times { get; } = [];

    /// <summary>The scripts of type <c>application/ld+json</c>.</summary>
    public List<string> LinkedData { get; } = [];

    /// <summary>Addresses of calendars the page offers to subscribe to.</summary>
    public List<string> Calendars { get; } = [];

    /// <param name="contentType">The HTTP header, if there was one.</param>
    public static PageTags Read(byte[] body, string? contentType, Uri address)
    {
        var tags = new PageTags(address);
        var page = body.AsSpan(0, Math.Min(body.Length, MostBytes));
        using var source = new TextSource(EncodingOf(page, contentType).GetString(page));
        using var tokens = new HtmlTokenizer(source, HtmlEntityProvider.Resolver);
        while (tokens.Get() is { Type: not HtmlTokenType.EndOfFile } token)
        {
            if (token is HtmlTagToken { Type: HtmlTokenType.StartTag } tag)
                tags.Add(tag, tokens);
        }

        return tags;
    }

    /// <summary>What <c>meta</c> tags of these names say, the first name's first.</summary>
    public IEnumerable<string> Metas(params IEnumerable<string> names) =>
        names.SelectMany(name => metas.TryGetValue(name, out var said) ? said : []);

    public string? Meta(params IEnumerable<string> names) => Metas(names).FirstOrDefault();

    public string? Absolute(string? address) =>
        Uri.TryCreate(Base, address, out var absolute) && (absolute.Scheme == Uri.UriSchemeHttp || absolute.Scheme == Uri.UriSchemeHttps) && address?.Length > 0
            ? absolute.AbsoluteUri
            : null;

    /// <summary>Bytes that are valid UTF-8 are UTF-8, whatever anybody says.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> page, string? contentType)
    {
        if (Utf8.IsValid(page) || ContentType.Charset(contentType) is not { } charset || charset.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase))
            return Utf8.IsValid(page) ? Encoding.UTF8 : Encoding.Latin1;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            return Encoding.Latin1;
        }
    }

    private void Add(HtmlTagToken tag, HtmlTokenizer tokens)
    {
        tokens.SetStateFor(tag);
        switch (tag.Name)
        {
            case "title":
                Title ??= tokens.Get() is { Type: HtmlTokenType.Character } text ? text.Data : null;
                break;
            case "script":
                if (tag.Value("type")?.StartsWith("application/ld+json", StringComparison.OrdinalIgnoreCase) == true
                    && LinkedData.Count < MostOfAKind
                    && tokens.Get() is { Type: HtmlTokenType.Character } script)
                    LinkedData.Add(script.Data);
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
            case "a" when tag.Value("href") is { } href && href.StartsWith("webcal", StringComparison.OrdinalIgnoreCase) && Calendars.Count < MostOfAKind:
                Calendars.Add(href);
                break;
            case "time" when tag.Value("datetime") is { } time && Times.Count < MostOfAKind:
                Times.Add((time, tag.Attributes.Any(attribute => attribute.Name == "pubdate")
                    || tag.Value("itemprop")?.Contains("datePublished", StringComparison.OrdinalIgnoreCase) == true
                    || tag.Value("class") is { } style && style.Contains("published", StringComparison.OrdinalIgnoreCase)));
                break;
        }
    }

    private void AddLink(HtmlTagToken tag)
    {
        if (tag.Value("href") is not { } href)
            return;
        var relations = (tag.Value("rel") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (relations.Contains("canonical", StringComparer.OrdinalIgnoreCase))
            Canonical ??= href;
        if (tag.Value("type")?.StartsWith("text/calendar", StringComparison.OrdinalIgnoreCase) == true && Calendars.Count < MostOfAKind)
            Calendars.Add(href);
    }

    private void Note(string? name, string content)
    {
        if (name is null || (metas.Count >= MostOfAKind && !metas.ContainsKey(name)))
            return;
        if (!metas.TryGetValue(name, out var said))
            metas[name] = said = [];
        if (said.Count < MostOfAKind)
            said.Add(content);
    }
}

/// <summary>What whoever reads a page by its tags alone has to see to.</summary>
internal static class HtmlTags
{
    /// <summary>What follows some tags is text up to their end, whatever it looks like; the tree builder, which is not used, would say so.</summary>
    public static void SetStateFor(this HtmlTokenizer tokens, HtmlTagToken tag) => tokens.State = tag.Name switch
    {
        "title" or "textarea" => HtmlParseMode.RCData,
        "script" => HtmlParseMode.Script,
        "style" or "iframe" or "xmp" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
        _ => tokens.State,
    };

    /// <summary>Without spaces around it; null where there is none or nothing in it.</summary>
    public static string? Value(this HtmlTagToken tag, string name) => tag.GetAttribute(name)?.Trim() is { Length: > 0 } value ? value : null;
}
