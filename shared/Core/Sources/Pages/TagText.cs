using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;

namespace ContributionIngest.Core.Sources.Pages;

/// <summary>What whoever reads a page by its tags alone has to see to.</summary>
internal static class TagText
{
    /// <summary>What follows some tags is text up to their end, whatever it looks like; the tree builder, which is not used, would say so.</summary>
    public static void Follow(this HtmlTokenizer tokens, HtmlTagToken tag) => tokens.State = tag.Name switch
    {
        "title" or "textarea" => HtmlParseMode.RCData,
        "script" => HtmlParseMode.Script,
        "style" or "iframe" or "xmp" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
        _ => tokens.State,
    };

    /// <summary>Without spaces around it; null where there is none or nothing in it.</summary>
    public static string? Value(this HtmlTagToken tag, string name) => tag.GetAttribute(name)?.Trim() is { Length: > 0 } value ? value : null;
}
