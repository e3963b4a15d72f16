using System.Globalization;
using System.Net;
using System.Text;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>A small page that a mail links to, with short texts and forms. No scripts, no external resources.</summary>
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
        body.Insert(0, $"<p class=\"fault\" role=\"alert\">{Text(text)}</p>\n");
        return this;
    }

    /// <summary>A form that posts to this address.</summary>
    public MailPage Form(string submit, string fields = "", string value = "yes", bool isSecond = false)
    {
        body.Append(CultureInfo.InvariantCulture, $"<form method=\"post\">{fields}<button{(isSecond ? " class=\"second\"" : "")} name=\"do\" value=\"{value}\">{Text(submit)}</button></form>\n");
        return this;
    }

    public static string Field(string name, string label, string? value) =>
        $"<label>{Text(label)}<input type=\"text\" name=\"{name}\" value=\"{Text(value ?? "")}\"></label>\n";

    public static string Hidden(string name, string value) => $"<input type=\"hidden\" name=\"{name}\" value=\"{Text(value)}\">";

    public static string Check(string name, string label, bool isOn) =>
        $"<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"yes\"{(isOn ? " checked" : "")}>{Text(label)}</label>\n";

    public static string Choice(string name, string label, IEnumerable<(string Value, string Text)> options, string chosen) =>
        $"<label>{Text(label)}<select name=\"{name}\">{string.Concat(options.Select(o => $"<option value=\"{o.Value}\"{(o.Value == chosen ? " selected" : "")}>{Text(o.Text)}</option>"))}</select></label>\n";

    public IResult Show(HttpContext context, int? code = null)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers["X-Robots-Tag"] = "noindex";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        return Results.Content(Page(), "text/html; charset=utf-8", statusCode: code ?? status);
    }

    private string Page() => $$"""
        <!DOCTYPE html>
        <html lang="{{language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{{Text(title)}} · ContributionIngest</title>
        <style>
        :root { color-scheme: light dark; --back: #fff; --text: #1d2126; --quiet: #5b636e; --line: #c9cfd6; --do: #1f5f3a; }
        @media (prefers-color-scheme: dark) { :root { --back: #16191d; --text: #e8eaed; --quiet: #a6adb7; --line: #4a515a; --do: #2f7d4f; } }
        body { font: 17px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 34rem; padding: 2rem 1rem; background: var(--back); color: var(--text); }
        h1 { font-size: 1.4rem; line-height: 1.3; } .quote { border-left: 3px solid var(--line); padding-left: .8rem; font-weight: 600; overflow-wrap: anywhere; }
        .fault { border-left: 3px solid #c5221f; padding-left: .8rem; } form { margin: 1rem 0; }
        label { display: block; margin: 0 0 1rem; color: var(--quiet); } label.check { color: var(--text); }
        input:not([type=checkbox]), select { display: block; box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; margin-top: .2rem; border: 1px solid var(--line); border-radius: 6px; background: var(--back); color: var(--text); }
        input[type=checkbox] { margin-right: .5rem; width: 1.1rem; height: 1.1rem; vertical-align: -.15rem; }
        button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: 6px; background: var(--do); color: #fff; cursor: pointer; }
        button.second { background: none; color: var(--text); border: 1px solid var(--line); }
        :focus-visible { outline: 3px solid #1a73e8; outline-offset: 2px; }
        </style></head><body><main><h1>{{Text(title)}}</h1>
        {{body}}</main></body></html>

        """;

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
