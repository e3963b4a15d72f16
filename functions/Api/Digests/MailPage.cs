using System.Globalization;
using System.Net;
using System.Text;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Web.Layout;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>A small page that a mail links to, with short texts and forms.</summary>
internal sealed class MailPage(string language, string title)
{
    private readonly StringBuilder body = new();
    private int status = StatusCodes.Status200OK;

    public MailPage Paragraph(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<p>{Text(text)}</p>\n");
        return this;
    }

    public MailPage Quote(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<p class=\"quote\" dir=\"auto\">{Text(text)}</p>\n");
        return this;
    }

    /// <summary>Inserted at the top, above the form to correct.</summary>
    public MailPage Fault(string text)
    {
        status = StatusCodes.Status400BadRequest;
        body.Insert(0, $"<p class=\"note bad\" role=\"alert\">{Text(text)}</p>\n");
        return this;
    }

    /// <summary>A form that posts to this address.</summary>
    public MailPage Form(string submit, string fields = "", string value = "yes", bool isSecond = false)
    {
        body.Append(CultureInfo.InvariantCulture, $"<form method=\"post\">{fields}<button class=\"button{(isSecond ? "" : " main")}\" name=\"do\" value=\"{value}\">{Text(submit)}</button></form>\n");
        return this;
    }

    public static string Field(string name, string label, string? value) =>
        $"<label class=\"field\"><span class=\"name\">{Text(label)}</span><input type=\"text\" name=\"{name}\" value=\"{Text(value ?? "")}\"></label>\n";

    public static string Hidden(string name, string value) => $"<input type=\"hidden\" name=\"{name}\" value=\"{Text(value)}\">";

    public static string Check(string name, string label, bool isOn) =>
        $"<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"yes\"{(isOn ? " checked" : "")}><span>{Text(label)}</span></label>\n";

    public static string Choice(string name, string label, IEnumerable<(string Value, string Text)> options, string chosen) =>
        $"<label class=\"field\"><span class=\"name\">{Text(label)}</span><select name=\"{name}\">{string.Concat(options.Select(o => $"<option value=\"{o.Value}\"{(o.Value == chosen ? " selected" : "")}>{Text(o.Text)}</option>"))}</select></label>\n";

    public IResult Show(HttpContext context, int? code = null) => Show(context, language, title, $"<h1>{Text(title)}</h1>\n{body}", code ?? status);

    /// <summary>A page that only its address leads to, for whoever opens it. What it posts is authorised by its address.</summary>
    public static IResult Show(HttpContext context, string language, string title, string html, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers["X-Robots-Tag"] = "noindex";
        return new PageResult<HtmlPage>(title, (nameof(HtmlPage.Html), html)) { Language = language, IsAlone = true, IsNarrow = true, HasNoForms = true, Status = status };
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
