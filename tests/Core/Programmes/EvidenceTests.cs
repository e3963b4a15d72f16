using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Evidence;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Programmes;

/// <summary><c>POST /programmes/{id}/evidence</c>, and what readiness makes of it. Today is 15 June 2026.</summary>
public sealed class EvidenceTests : IDisposable
{
    private const string Name = "Zoë Ångström";
    private const string Programme = "/programmes/docker-captain";

    private readonly ConcurrentDictionary<string, Func<HttpResponseMessage>> pages = new(StringComparer.Ordinal);
    private readonly TestClock clock = new(LedgerFixture.Now);
    private readonly ScriptedWeb web;

    public EvidenceTests() => web = new ScriptedWeb(request => pages[request.RequestUri!.AbsoluteUri]());

    public void Dispose() => web.Dispose();

    [Fact]
    public async Task Every_answer_of_a_link_is_told_apart()
    {
        await using var app = await StartAsync();
        Page("https://alive.example/", "<p>Hello");
        pages["https://file.example/"] = () => ScriptedWeb.Answer(HttpStatusCode.OK, "%PDF zoe angstrom 20 May 2026", "application/pdf");
        pages["https://moved.example/"] = () => ScriptedWeb.Redirect(301, "https://new.example/");
        Page("https://new.example/", "<p>By Zoe Angstrom");
        pages["https://inside.example/"] = () => ScriptedWeb.Redirect(302, "http://169.254.169.254/");
        pages["https://large.example/"] = () => ScriptedWeb.Answer(200, new byte[(10 * 1024 * 1024) + 1], "text/html");
        pages["https://broken.example/"] = () => throw new HttpRequestException(HttpRequestError.SecureConnectionError);
        foreach (var status in new[] { 401, 402, 403, 404, 410, 418, 429, 500, 503 })
            pages[$"https://s{status}.example/"] = () => ScriptedWeb.Answer(status, [], "text/html");
        var links = pages.Keys.Where(key => !key.Contains("new", StringComparison.Ordinal)).Append("http://127.0.0.1/").ToDictionary(key => key, _ => "", StringComparer.Ordinal);
        foreach (var link in links.Keys)
            links[link] = await LogAsync(app, link);

        var answer = await LookAsync(app);

        Assert.Equal((links.Count, 0), (answer.GetProperty("checked").GetInt32(), answer.GetProperty("left").GetInt32()));
        string Seen(string link) => string.Join(' ', new[] { "status", "name", "date" }.Select(part => answer.GetProperty("items").GetProperty(links[link]).GetProperty(part).GetString()));
        Assert.Equal("alive notFound notFound", Seen("https://alive.example/"));
        Assert.Equal("alive notChecked notChecked", Seen("https://file.example/"));
        Assert.Equal("alive found notFound", Seen("https://moved.example/"));
        Assert.Equal("alive notChecked notChecked", Seen("https://large.example/"));
        Assert.All(new[] { "https://inside.example/", "http://127.0.0.1/" }, link => Assert.Equal("notCheckable notChecked notChecked", Seen(link)));
        Assert.All([401, 402, 403, 429], status => Assert.Equal("refused notChecked notChecked", Seen($"https://s{status}.example/")));
        Assert.All([404, 410], status => Assert.Equal("gone notChecked notChecked", Seen($"https://s{status}.example/")));
        Assert.All([418, 500, 503], status => Assert.Equal("failing notChecked notChecked", Seen($"https://s{status}.example/")));
        Assert.Equal("failing notChecked notChecked", Seen("https://broken.example/"));
        Assert.DoesNotContain(web.Addresses, address => address.Contains("127.0.0.1", StringComparison.Ordinal) || address.Contains("169.254", StringComparison.Ordinal));

        clock.Advance(TimeSpan.FromDays(12));
        var readiness = await app.GetAsync(Programme + "/readiness");
        Assert.Equal("Of 16 links, 2 have vanished, 4 did not let us in, 4 could not be read, 2 are not on the public web; 4 answered, the oldest look was 12 days ago.", Text(readiness, "link"));
        Assert.Equal((12, 12), (Check(readiness, "link").GetProperty("count").GetInt32(), Check(readiness, "link").GetProperty("entries").GetArrayLength()));
        Assert.Equal(links["https://s404.example/"], Check(readiness, "link").GetProperty("entries").EnumerateArray().Select(id => id.GetString()).First(id => id == links["https://s404.example/"] || id == links["https://s401.example/"]));
        Assert.Equal("Your name and the date stand on none of 2 pages; the name was not found on 1; the date was not found on 2; 14 links were not looked at for them.", Text(readiness, "page"));
        Assert.Equal([links["https://alive.example/"], links["https://moved.example/"]], Check(readiness, "page").GetProperty("entries").EnumerateArray().Select(id => id.GetString()!).OrderBy(id => id == links["https://moved.example/"]));
    }

    [Fact]
    public async Task Name_and_date_are_found_as_pages_write_them_and_nowhere_else()
    {
        await using var app = await StartAsync(zone: "Asia/Tokyo");
        string[] names =
        [
            "<p>by ZOE  ANGSTROM</p>", "<p>Zoë&nbsp;Ångström</p>", "<p><b>Zoë</b> Ångström, Oslo</p>", "<meta name=author content='zoë ångström'><p>Hi", """<script type="application/ld+json">{"@type":"Article","author":[{"name":"Ada"},{"name":"Zoë Ångström"}]}</script><p>Hi""",
        ];
        string[] noNames = ["<p>Zoë and Ångström</p>", "<p>Zoë Ångströmer</p>", "<p>Hi<script>'Zoë Ångström'</script>", "<p>Hi<!-- Zoë Ångström -->", "<p>Hi<a title='Zoë Ångström'>x</a>"];
        string[] dates =
        [
            "<p>2026-05-20</p>", "<p>20 May 2026</p>", "<p>May 20, 2026</p>", "<p>20.05.2026</p>", "<p>20.5.2026</p>", "<p>Wed, 20th of May 2026</p>", "<p>20. Mai 2026</p>", "<p>20 de mayo de 2026</p>", "<p>2026年5月20日</p>", "<p>20/05/2026</p>", "<p>05/20/2026</p>",
            "<p>Hi <time datetime='2026-05-20'>lately</time>", "<p>Hi <time datetime='2026-05-19T16:00:00Z'>lately</time>", """<script type="application/ld+json">{"@type":"Article","datePublished":"2026-05-20T08:00:00+09:00"}</script><p>Hi""",
        ];
        string[] noDates =
        [
            "<p>120 May 2026</p>", "<p>20 May 20267</p>", "<p>21 May 2026</p>", "<p>20 June 2026</p>", "<p>12026-05-20</p>", "<p>20 Maybe 2026</p>", "<p>Hi <time datetime='2026-05-20T16:00:00Z'>lately</time>", """<script type="application/ld+json">{"@type":"Article","datePublished":"2026-05-20T22:00:00Z"}</script><p>Hi""",
        ];
        var all = names.Select(page => (page, "found notFound")).Concat(noNames.Select(page => (page, "notFound notFound"))).Concat(dates.Select(page => (page, "notFound found"))).Concat(noDates.Select(page => (page, "notFound notFound"))).Append(("<div id=app></div>", "notChecked notChecked")).ToList();
        var expected = new Dictionary<string, (string Page, string Seen)>(StringComparer.Ordinal);
        foreach (var (index, (page, seen)) in all.Index())
        {
            Page($"https://blog.example/{index}", "<!doctype html><head><title>Post</title></head><body>" + page);
            expected[await LogAsync(app, $"https://blog.example/{index}")] = (page, seen);
        }

        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        while (found.Count < expected.Count)
        {
            foreach (var item in (await LookAsync(app)).GetProperty("items").EnumerateObject())
                found[item.Name] = $"{item.Value.GetProperty("name").GetString()} {item.Value.GetProperty("date").GetString()}";
        }

        Assert.Equal(expected.Values.Select(value => $"{value.Page}: {value.Seen}").Order(StringComparer.Ordinal), found.Select(pair => $"{expected[pair.Key].Page}: {pair.Value}").Order(StringComparer.Ordinal));
    }

    /// <summary>The 5th of June, or the 6th of May.</summary>
    [Fact]
    public async Task Day_that_may_be_another_is_not_found()
    {
        await using var app = await StartAsync();
        Page("https://a.example/", "<p>05/06/2026");
        Page("https://b.example/", "<p>06/06/2026");
        var (vague, clear) = (await LogAsync(app, "https://a.example/", "2026-06-05"), await LogAsync(app, "https://b.example/", "2026-06-06"));
        var items = (await LookAsync(app)).GetProperty("items");
        Assert.Equal(("notFound", "found"), (items.GetProperty(vague).GetProperty("date").GetString(), items.GetProperty(clear).GetProperty("date").GetString()));
    }

    [Fact]
    public async Task Link_is_looked_at_again_when_it_or_its_day_or_the_name_has_changed_or_after_a_time()
    {
        await using var app = await StartAsync();
        Page("https://a.example/", "<p>Zoë Ångström, 20 May 2026");
        pages["https://b.example/"] = () => ScriptedWeb.Answer(500, []);
        var id = await LogAsync(app, "https://a.example/");
        var failing = await LogAsync(app, "https://b.example/");
        Assert.Equal("2 0", await CountsAsync());
        Assert.Equal("0 0", await CountsAsync());
        Assert.Equal("Your name and the date stand on 1 of 1 page; 1 link was not looked at for them.", Text(await app.GetAsync(Programme + "/readiness"), "page"));

        await app.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"when":"2026-05-21"}""");
        Assert.Equal("No page was looked at for your name and the date yet.", Text(await app.GetAsync(Programme + "/readiness"), "page"));
        Assert.Equal("1 0", await CountsAsync());
        Assert.Equal("Your name and the date stand on none of 1 page; the date was not found on 1; 1 link was not looked at for them.", Text(await app.GetAsync(Programme + "/readiness"), "page"));

        Page("https://c.example/", "<p>Zoë Ångström, 21 May 2026");
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"url":"https://c.example/"}""");
        Assert.Equal("Of 2 links, 1 could not be read; none answered, the oldest look was today; 1 was never looked at.", Text(await app.GetAsync(Programme + "/readiness"), "link"));
        Assert.Equal("1 0", await CountsAsync());
        await CallAsync(app, "Zoe");
        Assert.Equal("2 0", await CountsAsync());

        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(failing, Assert.Single((await LookAsync(app)).GetProperty("items").EnumerateObject()).Name);
        clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal("2 0", await CountsAsync());
        Assert.Equal("Of 2 links, 1 could not be read; 1 answered, the oldest look was today.", Text(await app.GetAsync(Programme + "/readiness"), "link"));

        async Task<string> CountsAsync() => Counts(await LookAsync(app));
    }

    [Fact]
    public async Task Twenty_five_are_looked_at_four_at_a_time_and_no_other_is_begun_with_after_twenty_seconds()
    {
        var (now, most, step) = (0, 0, TimeSpan.Zero);
        var four = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new ScriptedWeb(async (_, cancel) =>
        {
            var together = Interlocked.Increment(ref now);
            most = Math.Max(most, together);

            // The first four wait for each other, and a fifth would have time to come.
            for (var turn = 0; together == 4 && turn < 1_000; turn++)
                await Task.Yield();
            if (together == 4)
                four.TrySetResult();
            await four.Task.WaitAsync(cancel);
            clock.Advance(step);
            Interlocked.Decrement(ref now);
            return ScriptedWeb.Answer(HttpStatusCode.OK, "<p>Hi", "text/html");
        });
        await using var app = await StartAsync(slow);
        for (var i = 0; i < 45; i++)
            await LogAsync(app, $"https://host{i}.example/");
        Assert.Equal("25 20", Counts(await LookAsync(app)));
        Assert.Equal(25, slow.Asked.Count);
        Assert.Equal(4, most);
        Assert.Equal("Of 45 links, 25 answered, the oldest look was today; 20 were never looked at.", Text(await app.GetAsync(Programme + "/readiness"), "link"));

        step = TimeSpan.FromSeconds(6);
        var answer = await LookAsync(app);
        Assert.InRange(answer.GetProperty("checked").GetInt32(), 4, 8);
        Assert.Equal(20, answer.GetProperty("checked").GetInt32() + answer.GetProperty("left").GetInt32());
    }

    [Fact]
    public async Task Host_that_asks_for_a_pause_is_left_alone_and_keeps_no_other_from_being_looked_at()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 30; i++)
        {
            pages[$"https://busy.example/{i}"] = () => ScriptedWeb.Answer(HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "3600"));
            await LogAsync(app, $"https://busy.example/{i}", "2026-06-10");
        }

        Page("https://other.example/", "<p>Hi");
        var other = await LogAsync(app, "https://other.example/", "2026-05-01");
        var answer = await LookAsync(app);
        Assert.Equal("2 29", Counts(answer));
        Assert.Equal("alive", answer.GetProperty("items").GetProperty(other).GetProperty("status").GetString());
        Assert.Equal(2, web.Asked.Count);
    }

    [Fact]
    public async Task What_was_seen_before_the_caller_left_is_kept()
    {
        using var leave = new CancellationTokenSource();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (asked, answered) = (0, 0);
        var slow = new ScriptedWeb(async (_, cancel) =>
        {
            if (Interlocked.Increment(ref asked) > 6)
            {
                if (Volatile.Read(ref answered) == 6)
                    seen.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(cancel);
            }

            Interlocked.Increment(ref answered);
            return ScriptedWeb.Answer(HttpStatusCode.OK, "<p>Hi", "text/html");
        });
        await using var app = await StartAsync(slow);
        for (var i = 0; i < 12; i++)
            await LogAsync(app, $"https://host{i}.example/");
        var store = app.App.Services.GetRequiredService<EvidenceStore>();
        var me = (await app.App.Services.GetRequiredService<Owner>().FindAsync(default))!.Id;

        var call = app.Client.PostAsync(new Uri($"/api{Programme}/evidence", UriKind.Relative), null, leave.Token);
        await seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
        for (var round = 0; (await store.ListAsync(me, default)).Count < 6 && round < 100_000; round++)
            await Task.Yield();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await app.Requests.NoneAsync();

        Assert.Equal("Of 12 links, 6 answered, the oldest look was today; 6 were never looked at.", Text(await app.GetAsync(Programme + "/readiness"), "link"));
    }

    [Fact]
    public async Task Programmes_that_ask_for_evidence_say_that_nothing_was_looked_at_and_show_their_rules()
    {
        await using var app = await StartAsync();
        await app.PostAsync("/ledger", """{"kind":"talk","title":"No link","when":"2026-05-20"}""");
        Assert.DoesNotContain(Checks(await app.GetAsync("/programmes/elastic-contributor/readiness")), check => check.GetProperty("check").GetString() is "link" or "page");
        Page("https://a.example/", "<p>Zoë Ångström 20 May 2026");
        await LogAsync(app, "https://a.example/", title: "Elastic");
        var readiness = await app.GetAsync("/programmes/elastic-contributor/readiness");
        Assert.Equal(("The link was never looked at.", "No page was looked at for your name and the date yet."), (Text(readiness, "link"), Text(readiness, "page")));
        Assert.Equal("Your full name and the date stand on the page, and there is no paywall.", Assert.Single(Check(readiness, "page").GetProperty("rules").EnumerateArray()).GetProperty("text").GetString());
        readiness = await app.GetAsync("/programmes/java-champion/readiness");
        Assert.Equal("Contributions are open to the community, online or in print.", Assert.Single(Check(readiness, "link").GetProperty("rules").EnumerateArray()).GetProperty("text").GetString());
        Assert.DoesNotContain(Checks(await app.GetAsync(Programme + "/readiness")), check => check.GetProperty("check").GetString() is "link" or "page");
        Assert.Equal("1 0", Counts((await app.PostAsync("/programmes/elastic-contributor/evidence", "")).Body));
        Assert.Equal("Your name and the date stand on 1 of 1 page.", Text(await app.GetAsync("/programmes/elastic-contributor/readiness"), "page"));
        Assert.Equal(HttpStatusCode.NotFound, (await app.PostAsync("/programmes/nothing/evidence", "")).Status);
    }

    [Fact]
    public async Task Person_without_a_name_is_told_that_it_was_not_looked_for_and_the_export_has_what_was_seen()
    {
        await using var app = await StartAsync(name: null);
        Page("https://a.example/", "<p>20 May 2026");
        var id = await LogAsync(app, "https://a.example/");
        await LookAsync(app);
        Assert.Equal("Your name and the date stand on none of 1 page; the name was not looked for on 1.", Text(await app.GetAsync(Programme + "/readiness"), "page"));
        var lines = (await app.Client.GetStringAsync(new Uri("/api/me/export", UriKind.Relative))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var line = JsonDocument.Parse(Assert.Single(lines, text => text.Contains("\"type\":\"evidence\"", StringComparison.Ordinal)));
        var data = line.RootElement.GetProperty("data");
        Assert.Equal((id, "https://a.example/", "alive", "2026-05-20"), (data.GetProperty("contribution").GetString(), data.GetProperty("check").GetProperty("address").GetString(), data.GetProperty("check").GetProperty("status").GetString(), data.GetProperty("check").GetProperty("day").GetString()));
    }

    private async Task<AppFixture> StartAsync(ScriptedWeb? other = null, string zone = "UTC", string? name = Name)
    {
        var app = await AppFixture.StartAsync(other ?? web, clock);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(HttpMethod.Put, "/me", $$"""{"zone":"{{zone}}"}""")).Status);
        await CallAsync(app, name);
        return app;
    }

    private static async Task CallAsync(AppFixture app, string? name)
    {
        var me = (await app.App.Services.GetRequiredService<Owner>().FindAsync(default))!.Id;
        await app.App.Services.GetRequiredService<PeopleStore>().ChangeAsync(me, person => person with { Name = name }, default);
    }

    private void Page(string address, string html) => pages[address] = () => ScriptedWeb.Answer(HttpStatusCode.OK, html, "text/html; charset=utf-8");

    /// <summary>The entry's id.</summary>
    private static async Task<string> LogAsync(AppFixture app, string url, string day = "2026-05-20", string title = "A post")
    {
        var (status, body) = await app.PostAsync("/ledger", $$"""{"kind":"blogPost","title":"{{title}}","when":"{{day}}","url":"{{url}}"}""");
        Assert.True(status == HttpStatusCode.Created, body.ToString());
        return body.GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> LookAsync(AppFixture app)
    {
        var (status, body) = await app.PostAsync(Programme + "/evidence", "");
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    private static string Counts(JsonElement answer) => $"{answer.GetProperty("checked").GetInt32()} {answer.GetProperty("left").GetInt32()}";

    private static IEnumerable<JsonElement> Checks(JsonElement answer) => answer.GetProperty("checks").EnumerateArray();

    private static JsonElement Check(JsonElement answer, string name) => Checks(answer).Single(check => check.GetProperty("check").GetString() == name);

    private static string? Text(JsonElement answer, string name) => Check(answer, name).GetProperty("text").GetString();
}
