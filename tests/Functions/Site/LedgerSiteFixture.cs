using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>A person who is signed in and looks at the ledger with a browser without scripts.</summary>
internal sealed partial class LedgerSiteFixture : IAsyncDisposable
{
    private const string Origin = "https://blog.example/feed";

    private readonly SignInFixture app;

    private LedgerSiteFixture(SignInFixture app, Person owner, Browser browser) => (this.app, Owner, Browser) = (app, owner, browser);

    public AppFixture App => app.App;

    public Person Owner { get; }

    public Browser Browser { get; }

    /// <summary>With tags, entities and invisible characters taken away, as it is read.</summary>
    public string Text => Isolate().Replace(WebUtility.HtmlDecode(Space().Replace(Tag().Replace(Inline().Replace(Hidden().Replace(Browser.Page, ""), ""), " "), " ")), "");

    /// <summary>The titles of the list, in its order.</summary>
    public IReadOnlyList<string> Titles => [.. Title().Matches(Browser.Page).Select(match => WebUtility.HtmlDecode(match.Groups["title"].Value))];

    public static async Task<LedgerSiteFixture> StartAsync(HttpMessageHandler? web = null)
    {
        var started = await SignInFixture.StartAsync(web ?? new ScriptedWeb());
        return new LedgerSiteFixture(started, await started.OwnerAsync(), await started.SignInAsync());
    }

    public Task<Browser> OpenAsync(string path) => Browser.OpenAsync(path);

    public T Get<T>()
        where T : notnull => app.Get<T>();

    /// <summary>Logs an entry as a program does. Its id.</summary>
    public async Task<string> LogAsync(string title, string kind = "talk", string when = "2026-05-20", string more = "")
    {
        var (status, body) = await App.PostAsync("/ledger", $$"""{"title":{{JsonSerializer.Serialize(title)}},"kind":"{{kind}}","when":"{{when}}"{{more}}}""");
        Assert.Equal(HttpStatusCode.Created, status);
        return body.GetProperty("id").GetString()!;
    }

    /// <summary>An entry that a place shows. Its id.</summary>
    /// <param name="person">Whose it is; null for the owner, who looks.</param>
    public async Task<string> HarvestAsync(Draft draft, string? person = null)
    {
        await HarvestAllAsync([draft], person);
        return Identity.Of("feed", Origin, draft.NativeId);
    }

    public async Task HarvestAllAsync(IReadOnlyList<Draft> drafts, string? person = null)
    {
        var context = new SightingContext(Identity.Hash(Origin), "feed", Origin, Verified: false, App.Clock.GetUtcNow().AddDays(-1), []);
        await Get<LedgerWriter>().UpsertAsync(person ?? Owner.Id, context, drafts, drafts, CancellationToken.None);
    }

    public static Draft Draft(string title = "Tables are enough") => new()
    {
        NativeId = "post-1",
        Kind = Kind.BlogPost,
        Title = title,
        Url = "https://blog.example/tables",
        When = new DateTimeOffset(2026, 5, 22, 12, 0, 0, TimeSpan.Zero),
        DatePrecision = DatePrecision.Day,
    };

    public Task<JsonElement> EntryAsync(string id) => App.GetAsync("/ledger/" + id);

    /// <summary>The value that a field of the page has.</summary>
    public string Value(string name) => WebUtility.HtmlDecode(Regex.Match(Browser.Page, $"name=\"{Regex.Escape(name)}\"[^>]* value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan).Groups["value"].Value);

    /// <summary>What a browser sends of a form as it is, without the page's token.</summary>
    public Dictionary<string, string> Form(string action)
    {
        var form = Regex.Match(Browser.Page, $"<form method=\"post\" action=\"{Regex.Escape(action)}\".*?</form>", RegexOptions.Singleline, Timeout.InfiniteTimeSpan).Value;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match field in Control().Matches(form))
        {
            var (name, type) = (field.Groups["name"].Value, field.Groups["type"].Value);
            if (name == "csrf" || (type is "checkbox" or "radio" && !field.Value.Contains(" checked", StringComparison.Ordinal)))
                continue;
            var value = field.Groups["value"].Value;
            if (field.Value.StartsWith("<select", StringComparison.Ordinal))
                value = SelectedOption().Match(field.Value) is { Success: true } option ? option.Groups["value"].Value : FirstOption().Match(field.Value).Groups["value"].Value;
            else if (field.Groups["text"].Success)
                value = field.Groups["text"].Value;
            fields[name] = WebUtility.HtmlDecode(value);
        }

        return fields;
    }

    /// <summary>Presses Undo.</summary>
    public async Task UndoAsync()
    {
        var form = UndoForm().Match(Browser.Page);
        Assert.True(form.Success, "The page offers no way back.");
        var fields = Field().Matches(form.Value).Select(match => (match.Groups["name"].Value, WebUtility.HtmlDecode(match.Groups["value"].Value))).Where(field => field.Item1 != "csrf");
        await Browser.SubmitAsync(form.Groups["action"].Value, [.. fields]);
    }

    /// <summary>The address that a link with that text leads to.</summary>
    public string Link(string text) => WebUtility.HtmlDecode(Anchor().Matches(Browser.Page).First(match => WebUtility.HtmlDecode(Tag().Replace(match.Groups["text"].Value, "")).Trim() == text).Groups["href"].Value);

    public ValueTask DisposeAsync()
    {
        Browser.Dispose();
        return app.DisposeAsync();
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Tag();

    [GeneratedRegex("</?(bdi|a|strong|time)\\b[^>]*>", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Inline();

    [GeneratedRegex("[\\u2068\\u2069]", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Isolate();

    [GeneratedRegex(@"\s+", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Space();

    [GeneratedRegex("<span class=\"hidden\">[^<]*</span>", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Hidden();

    [GeneratedRegex("<a class=\"title\"[^>]*><bdi>(?<title>[^<]*)</bdi>", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Title();

    [GeneratedRegex("<a [^>]*href=\"(?<href>[^\"]*)\"[^>]*>(?<text>.*?)</a>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex Anchor();

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]*)\">((?!</form>).)*>Undo</button>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex UndoForm();

    [GeneratedRegex("<input( id=\"[^\"]*\")?( type=\"(?<type>[^\"]*)\")? name=\"(?<name>[^\"]*)\"( type=\"[^\"]*\")?( maxlength=\"[^\"]*\")?( value=\"(?<value>[^\"]*)\")?[^>]*>|<select id=\"[^\"]*\" name=\"(?<name>[^\"]*)\".*?</select>|<textarea id=\"[^\"]*\" name=\"(?<name>[^\"]*)\"[^>]*>(?<text>[^<]*)</textarea>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex Control();

    [GeneratedRegex("<option value=\"(?<value>[^\"]*)\" selected", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex SelectedOption();

    [GeneratedRegex("<option value(=\"(?<value>[^\"]*)\")?", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex FirstOption();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Field();
}
