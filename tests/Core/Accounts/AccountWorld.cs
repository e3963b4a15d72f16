using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.People;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Core.Push;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Accounts;

/// <summary>An operator and somebody who has used everything there is: each thing she left bears a word that begins with <c>zq0</c>.</summary>
internal sealed partial class AccountWorld : IAsyncDisposable
{
    public const string Address = "zq0invited@example.com";
    public const string Shared = "https://two.example/feed.xml";
    public const string Own = "https://one.example/zq0feed/feed.xml";

    private readonly TemporaryFolder folder = new();

    public AppFixture App { get; private set; } = null!;

    /// <summary>Her id.</summary>
    public string Person { get; private set; } = "";

    /// <summary>With her key.</summary>
    public HttpClient Hers { get; private set; } = null!;

    public HttpClient Operator { get; private set; } = null!;

    /// <summary>Signed in as her.</summary>
    public Browser Browser { get; private set; } = null!;

    public string Feed { get; private set; } = "";

    public Blogs Blogs { get; } = new();

    public ScriptedHub Hub { get; private set; } = null!;

    public static async Task<AccountWorld> StartAsync()
    {
        var world = new AccountWorld();
        world.Hub = new ScriptedHub(world.Blogs);
        world.Publish(1, 3);
        world.Blogs.Rss(Shared, [Blogs.Post(1, "two.example"), Blogs.Post(2, "two.example")], "Two");
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PublicUrl"] = "https://me.example", ["OwnerEmail"] = "owner@example.com" };
        world.App = await AppFixture.StartAsync(world.Blogs.Web, folder: world.folder, settings: settings, mail: new OutboxMail(world.folder.File("outbox")));
        world.Operator = world.App.Client;
        await world.JoinAsync();
        await world.UseAsync();
        return world;
    }

    /// <summary>Everything the store holds, decoded.</summary>
    public Task<IReadOnlyList<string>> ScanAsync() => StoreScan.OfAsync(App.Store, folder.FullName);

    /// <summary>Her words in a text.</summary>
    public static IEnumerable<string> Words(string text) => Word().Matches(text).Select(match => match.Value);

    /// <summary>What of hers the store holds.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync() =>
        [.. (await ScanAsync()).Where(text => text.Contains(Person, StringComparison.Ordinal) || Word().IsMatch(text)).Select(text => text[..Math.Min(text.Length, 300)])];

    public async Task<T> AsHerAsync<T>(Func<Task<T>> work)
    {
        App.Client = Hers;
        var result = await work();
        App.Client = Operator;
        return result;
    }

    public void Publish(int from, int to)
    {
        var posts = Enumerable.Range(from, to - from + 1).Select(n => Blogs.Post(n) with { Title = $"zq0post {n}", Summary = "zq0about", Category = "zq0category" });
        var body = Blogs.Rss(Own, "zq0blog", posts);
        body = body.Insert(body.IndexOf("<link>", StringComparison.Ordinal), $"""<atom:link rel="hub" href="{ScriptedHub.Address}"/><atom:link rel="self" href="{Own}"/>""")
            .Replace("<rss ", "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\" ", StringComparison.Ordinal);
        Blogs.On(Own, HttpStatusCode.OK, body, "application/rss+xml");
    }

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        Hers.Dispose();
        App.Client = Operator;
        await App.DisposeAsync();
        folder.Dispose();
    }

    public T Get<T>()
        where T : notnull => App.App.Services.GetRequiredService<T>();

    private async Task JoinAsync()
    {
        var (_, invited) = await App.PostAsync("/people", $$"""{"email":"{{Address}}","name":"zq0name"}""");
        await App.DrainAsync();
        Person = invited.GetProperty("person").GetString()!;
        var link = new SignInLink(Person, Address, null, null, invited.GetProperty("until").GetDateTimeOffset());
        var path = "/auth/link/" + Get<SignInLinks>().Token(Person, link);
        Browser = new Browser(App);
        await Browser.OpenAsync(path);
        await Browser.SubmitAsync(path);
        var (secret, _) = await Get<ApiKeys>().CreateAsync(Person, "zq0key", Scope.Read | Scope.Write, default);
        Hers = App.App.GetTestClient();
        Hers.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    private async Task UseAsync()
    {
        await App.ConnectAsync(Shared);
        await AsHerAsync(async () =>
        {
            await App.SendAsync(HttpMethod.Put, "/me", """{"name":"zq0herself","email":"zq0mail@example.com"}""");
            await App.SendAsync(HttpMethod.Put, "/me/topics", """{"topics":{"zq0topic":["zq0alias"]}}""");
            var (_, key) = await App.PostAsync("/me/keys", """{"name":"zq0revoked"}""");
            await App.SendAsync(HttpMethod.Delete, $"/me/keys/{key.GetProperty("details").GetProperty("id").GetString()}");
            await ConnectAsync();
            await LogAsync();
            return true;
        });
        await OperateAsync();

        // Her week ends, and the digest is mailed.
        await App.PassAsync(TimeSpan.FromDays(7));
        await App.PassAsync(TimeSpan.FromMinutes(10));
        await LeaveInQueuesAsync();
        Assert.Empty(App.Failures);
    }

    private async Task ConnectAsync()
    {
        Feed = await App.ConnectAsync(Own);
        await App.ConnectAsync(Shared);
        await App.SendAsync(HttpMethod.Patch, $"/connections/{Feed}", """{"title":"zq0connection"}""");
        await ScriptedHub.VerifyAsync(App, Hub.Last);
        var large = Blogs.Rss(Own, "zq0blog", [Blogs.Post(4) with { Title = "zq0pushed", Summary = new string('x', 40_000) }]);
        await ScriptedHub.DeliverAsync(App, Hub.Last, large);
        var github = new WebhookFixture(App);
        var (path, secret) = await github.MakeAsync(await github.ConnectAsync(42, Person));
        await github.DeliverAsync(path, secret, new PullRequestPayload(42) { Title = "zq0pull", Text = new string('y', 60_000) });
        await App.DrainAsync();
    }

    private async Task LogAsync()
    {
        var (_, logged) = await App.PostAsync(
            "/ledger",
            """{"title":"zq0talk","kind":"talk","when":"2026-05-20","url":"https://talks.example/zq0url","summary":"zq0summary","note":"zq0note","topics":["zq0alias","zq0other"],"private":true,"metrics":{"zq0heads":40}}""");
        await App.PostAsync("/templates", """{"title":"zq0template","kind":"organising","topics":["zq0again"],"metrics":{"zq0guests":12},"note":"zq0kept"}""");
        App.Clock.Advance(TimeSpan.FromDays(1));
        await App.SendAsync(HttpMethod.Patch, $"/ledger/{logged.GetProperty("id").GetString()}", """{"title":"zq0edited","metrics":{"zq0heads":41}}""");
    }

    /// <summary>She has been an operator for a while.</summary>
    private async Task OperateAsync()
    {
        var other = await Get<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Name = "Else", Since = now }, default);
        await App.SendAsync(HttpMethod.Patch, $"/people/{Person}", """{"operator":true}""");
        var (secret, key) = await Get<ApiKeys>().CreateAsync(Person, "zq0operating", Scope.Read | Scope.Write | Scope.Operate, default);
        using var client = App.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/people/{other.Id}") { Content = new StringContent("""{"operator":true}""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Get<ApiKeys>().RevokeAsync(Person, key.Id, default);
    }

    /// <summary>What the queues hold when she leaves: a message that failed, one that waits, and a mail that has not left.</summary>
    private async Task LeaveInQueuesAsync()
    {
        await App.Store.Queue.PutAsync("mail-poison", $$"""{"person":"{{Person}}","week":"2026-W23"}""", TimeSpan.Zero, default);
        await App.Store.Queue.PutAsync("mail-poison", $$$"""{"signIn":{"id":"{{{Person}}}","address":"ZQ0invited@example.com","at":"2026-06-01T00:00:00Z"}}""", TimeSpan.Zero, default);
        await App.DrainAsync();
        await App.Store.Queue.PutAsync("harvest", $$"""{"person":"{{Person}}","connection":"{{Feed}}"}""", TimeSpan.FromMinutes(20), default);
        await Browser.OpenAsync("/settings");
        await Browser.SubmitAsync("/settings/addresses", ("address", "zq0second@example.com"));
        await Browser.OpenAsync("/settings");
        await Browser.SubmitAsync("/settings/public", ("page", "zq0page"), ("about", "zq0herselfabout"), ("on", "yes"));
        using var stranger = new Browser(App);
        await stranger.OpenAsync("/auth/sign-in");
        await stranger.SubmitAsync("/auth/sign-in", ("email", Address));
    }

    [GeneratedRegex("zq0[a-z]+", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout.Infinite)]
    private static partial Regex Word();
}
