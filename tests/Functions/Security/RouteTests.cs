using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>Every route, for every role: who gets what.</summary>
public sealed class RouteTests
{
    /// <summary>In the order of the columns of <see cref="Table"/>.</summary>
    private static readonly string[] Roles = ["anonymous", "expired session", "read key", "write key", "session", "operator", "other person"];

    /// <summary>
    /// Method and route, body, and the status for each role; <c>signIn</c> is a redirect to the sign-in page. Ids in routes are of the person whose keys and sessions these are; operators
    /// and other people get what unknown ids get. Tokens of links, hooks and weeks are unknown ones, so 404 means that the caller got that far.
    /// </summary>
    private const string Table = """
        * /{*path:nonfile} |  | 404 404 404 404 404 404 404
        DELETE /api/connections/{id} |  | 401 401 403 204 204 404 404
        DELETE /api/connections/{id}/hook |  | 401 401 403 404 404 404 404
        DELETE /api/ledger/{id} |  | 401 401 403 204 204 404 404
        DELETE /api/me |  | 401 401 403 400 400 400 400
        DELETE /api/people/{id} |  | 401 401 403 403 403 404 403
        GET /api/deletions/{id} |  | 404 404 404 404 404 404 404
        GET /api/me/export |  | 401 401 200 200 200 200 200
        GET /api/me/exports |  | 401 401 200 200 200 200 200
        GET /api/people/{id}/export |  | 401 401 403 403 403 404 403
        POST /account/delete |  | signIn signIn 403 302 302 302 302
        DELETE /api/templates/{id} |  | 401 401 403 204 204 404 404
        DELETE /mcp |  | 401 401 405 405 405 405 405
        DELETE /api/me/keys/{id} |  | 401 401 403 204 204 404 404
        GET / |  | 200 200 200 200 200 302 302
        GET /act/connection/{token} |  | 404 404 404 404 404 404 404
        GET /act/edit/{token} |  | 404 404 404 404 404 404 404
        GET /act/log/{token} |  | 404 404 404 404 404 404 404
        GET /act/not-mine/{token} |  | 404 404 404 404 404 404 404
        GET /act/private/{token} |  | 404 404 404 404 404 404 404
        GET /act/settings/{token} |  | 404 404 404 404 404 404 404
        GET /api/charts/heatmap.svg |  | 401 401 200 200 200 200 200
        GET /api/charts/weekly.svg |  | 401 401 200 200 200 200 200
        GET /api/connections |  | 401 401 200 200 200 200 200
        GET /api/connections/{id} |  | 401 401 200 200 200 404 404
        GET /api/connections/{id}/harvests |  | 401 401 200 200 200 404 404
        GET /api/connections/{id}/hook |  | 401 401 404 404 404 404 404
        GET /api/digests |  | 401 401 200 200 200 200 200
        GET /api/digests/{week} |  | 401 401 404 404 404 404 404
        GET /api/health |  | 200 200 200 200 200 200 200
        GET /api/ledger |  | 401 401 200 200 200 200 200
        GET /api/ledger/summary |  | 401 401 200 200 200 200 200
        GET /api/ledger/{id} |  | 401 401 200 200 200 404 404
        GET /api/ledger/{id}/history |  | 401 401 200 200 200 404 404
        GET /api/ledger/{id}/metrics |  | 401 401 200 200 200 404 404
        GET /api/me |  | 401 401 200 200 200 200 200
        DELETE /api/me/sessions/{id} |  | 401 401 403 204 204 404 404
        GET /api/me/sessions |  | 401 401 200 200 200 200 200
        GET /api/me/audit |  | 401 401 200 200 200 200 200
        GET /api/people |  | 401 401 403 403 403 200 403
        POST /api/people | {"email":"new@quayside.example"} | 401 401 403 403 403 201 403
        PATCH /api/people/{id} | {"operator":false} | 401 401 403 403 403 404 403
        GET /api/me/keys |  | 401 401 200 200 200 200 200
        GET /api/me/topics |  | 401 401 200 200 200 200 200
        GET /api/openapi.json |  | 200 200 200 200 200 200 200
        GET /api/programmes |  | 401 401 200 200 200 200 200
        GET /api/programmes/{name} |  | 401 401 404 404 404 404 404
        GET /api/programmes/{name}/export |  | 401 401 404 404 404 404 404
        GET /api/programmes/{name}/form |  | 401 401 404 404 404 404 404
        GET /api/programmes/{name}/readiness |  | 401 401 404 404 404 404 404
        POST /api/programmes/{name}/evidence |  | 401 401 403 404 404 404 404
        GET /api/programmes/{name}/areas |  | 401 401 404 404 404 404 404
        PATCH /api/programmes/{name}/areas | {} | 401 401 403 404 404 404 404
        PUT /api/programmes/{name}/membership | {} | 401 401 403 404 404 404 404
        DELETE /api/programmes/{name}/membership |  | 401 401 403 404 404 404 404
        GET /api/status |  | 401 401 403 403 403 200 403
        GET /api/templates |  | 401 401 200 200 200 200 200
        GET /api/webhooks/websub/{id} |  | 404 404 404 404 404 404 404
        GET /assets/{name} |  | 404 404 404 404 404 404 404
        GET /auth/link/{token} |  | 404 404 404 404 404 404 404
        GET /auth/sent |  | signIn 200 signIn signIn signIn signIn signIn
        GET /auth/setup |  | 200 200 200 200 200 200 200
        GET /auth/sign-in |  | 200 200 302 302 302 302 302
        GET /connections |  | signIn signIn 200 200 200 200 200
        GET /connections/add |  | signIn signIn 403 200 200 200 200
        GET /connections/live |  | signIn signIn 200 200 200 200 200
        GET /connections/{id} |  | signIn signIn 200 200 200 404 404
        GET /digest/{token} |  | 404 404 404 404 404 404 404
        GET /digests |  | signIn signIn 200 200 200 200 200
        GET /digests/now |  | signIn signIn 200 200 200 200 200
        GET /digests/{week} |  | signIn signIn 404 404 404 404 404
        POST /digests/settings |  | signIn signIn 403 302 302 302 302
        POST /digests/test |  | signIn signIn 403 302 302 302 302
        POST /digests/{week}/mail |  | signIn signIn 403 404 404 404 404
        GET /favicon.ico |  | 200 200 200 200 200 200 200
        GET /home/live |  | signIn signIn 200 200 200 200 200
        GET /ledger |  | signIn signIn 200 200 200 200 200
        GET /ledger/{id} |  | signIn signIn 200 200 200 404 404
        GET /ledger/{id}/delete |  | signIn signIn 403 200 200 404 404
        GET /ledger/{id}/edit |  | signIn signIn 403 200 200 404 404
        GET /log |  | signIn signIn 403 200 200 200 200
        GET /log/templates |  | signIn signIn 403 200 200 200 200
        GET /log/templates/new |  | signIn signIn 403 200 200 200 200
        GET /log/templates/{id} |  | signIn signIn 403 200 200 404 404
        GET /mcp |  | 401 401 405 405 405 405 405
        GET /settings |  | signIn signIn 200 200 200 200 200
        GET /programmes |  | signIn signIn 200 200 200 200 200
        GET /programmes/{name} |  | signIn signIn 404 404 404 404 404
        GET /programmes/{name}/form |  | signIn signIn 404 404 404 404 404
        GET /programmes/{name}/sheet |  | signIn signIn 404 404 404 404 404
        POST /programmes/{name}/form |  | signIn signIn 403 404 404 404 404
        PUT /api/programmes/{name}/answers | {} | 401 401 403 404 404 404 404
        GET /programmes/{name}/areas |  | signIn signIn 404 404 404 404 404
        POST /programmes/{name}/areas |  | signIn signIn 403 404 404 404 404
        POST /programmes/{name}/add |  | signIn signIn 403 404 404 404 404
        GET /programmes/{name}/mine |  | signIn signIn 403 404 404 404 404
        POST /programmes/{name}/mine |  | signIn signIn 403 404 404 404 404
        POST /programmes/{name}/remove |  | signIn signIn 403 404 404 404 404
        POST /programmes/{name}/evidence |  | signIn signIn 403 404 404 404 404
        GET /programmes/{name}/choose |  | signIn signIn 404 404 404 404 404
        POST /programmes/{name}/choose |  | signIn signIn 403 404 404 404 404
        GET /report |  | signIn signIn 200 200 200 200 200
        GET /status |  | signIn signIn 403 403 403 200 403
        POST /status/poisoned/{id}/replay |  | signIn signIn 403 403 403 302 403
        GET /u/{name} |  | 404 404 404 404 404 404 404
        GET /u/{name}/card.svg |  | 404 404 404 404 404 404 404
        POST /settings/public |  | signIn signIn 403 302 302 302 302
        GET /verify/{token} |  | 404 404 404 404 404 404 404
        GET /unsubscribe/{token} |  | 404 404 404 404 404 404 404
        PATCH /api/connections/{id} | {"title":"New"} | 401 401 403 200 200 404 404
        PATCH /api/ledger/{id} | {"title":"New"} | 401 401 403 200 200 404 404
        POST /act/connection/{token} |  | 404 404 404 404 404 404 404
        POST /act/edit/{token} |  | 404 404 404 404 404 404 404
        POST /act/log/{token} |  | 404 404 404 404 404 404 404
        POST /act/not-mine/{token} |  | 404 404 404 404 404 404 404
        POST /act/private/{token} |  | 404 404 404 404 404 404 404
        POST /act/settings/{token} |  | 404 404 404 404 404 404 404
        POST /api/connections | {"address":"ftp://nowhere"} | 401 401 403 422 422 422 422
        POST /api/connections/{id}/harvest |  | 401 401 403 202 202 404 404
        POST /api/connections/{id}/hook |  | 401 401 403 409 409 404 404
        POST /api/connections/{id}/verify |  | 401 401 403 422 422 404 404
        POST /api/digests/preview |  | 401 401 200 200 200 200 200
        POST /api/digests/test |  | 401 401 403 409 409 200 409
        POST /api/digests/{week}/mail |  | 401 401 403 404 404 404 404
        POST /api/ledger | {"title":"Talk","kind":"talk","when":"2026-05-20"} | 401 401 403 201 201 201 201
        POST /api/me/keys | {"name":"new","scope":"read"} | 401 401 403 201 201 201 201
        POST /api/preview | {"address":"ftp://nowhere"} | 401 401 422 422 422 422 422
        POST /api/status/poisoned/{id}/replay |  | 401 401 403 403 403 404 403
        POST /api/templates | {"title":"Meetup","kind":"organising"} | 401 401 403 201 201 201 201
        POST /api/templates/{id}/log |  | 401 401 403 201 201 404 404
        POST /api/webhooks/github/{hook} |  | 404 404 404 404 404 404 404
        POST /api/webhooks/websub/{id} |  | 410 410 410 410 410 410 410
        POST /auth/link/{token} |  | 400 400 400 400 400 400 400
        POST /auth/setup |  | 400 400 400 400 400 400 400
        POST /auth/sign-in |  | 400 400 400 400 400 400 400
        POST /auth/sign-in/{source} |  | 400 400 400 400 200 400 400
        POST /auth/sign-out |  | 400 400 400 400 signIn 400 400
        POST /connections |  | signIn signIn 403 302 302 302 302
        POST /connections/accounts/{source} |  | signIn signIn 403 200 200 200 200
        POST /connections/harvest |  | signIn signIn 403 302 302 302 302
        POST /connections/look |  | signIn signIn 403 400 400 400 400
        POST /connections/look/line |  | signIn signIn 403 400 400 400 400
        POST /connections/opml |  | signIn signIn 403 400 400 400 400
        POST /connections/{id}/disconnect |  | signIn signIn 403 302 302 404 404
        POST /connections/{id}/harvest |  | signIn signIn 403 302 302 404 404
        POST /connections/{id}/pause |  | signIn signIn 403 302 302 404 404
        POST /connections/{id}/resume |  | signIn signIn 403 302 302 404 404
        POST /connections/{id}/verify |  | signIn signIn 403 302 302 404 404
        POST /ledger/several |  | signIn signIn 403 302 302 302 302
        POST /ledger/{id}/delete |  | signIn signIn 403 302 302 404 404
        POST /ledger/{id}/edit |  | signIn signIn 403 302 302 404 404
        POST /ledger/{id}/private |  | signIn signIn 403 302 302 404 404
        POST /ledger/{id}/restore |  | signIn signIn 403 302 302 404 404
        POST /ledger/{id}/review |  | signIn signIn 403 302 302 404 404
        POST /log |  | signIn signIn 403 400 400 400 400
        POST /log/again |  | signIn signIn 403 302 302 302 302
        POST /log/templates |  | signIn signIn 403 400 400 400 400
        POST /log/templates/{id} |  | signIn signIn 403 400 400 404 404
        POST /log/templates/{id}/delete |  | signIn signIn 403 302 302 404 404
        POST /mcp | {"jsonrpc":"2.0","id":1,"method":"ping"} | 401 401 200 200 200 200 200
        POST /settings/addresses |  | signIn signIn 403 302 302 302 302
        POST /settings/addresses/digest |  | signIn signIn 403 302 302 302 302
        POST /settings/addresses/remove |  | signIn signIn 403 302 302 302 302
        POST /settings/keys |  | signIn signIn 403 302 302 302 302
        POST /settings/keys/{id}/revoke |  | signIn signIn 403 302 302 302 302
        POST /settings/profile |  | signIn signIn 403 302 302 302 302
        POST /settings/zone |  | signIn signIn 403 302 302 302 302
        POST /settings/sessions/end |  | signIn signIn 403 302 302 302 302
        POST /settings/sessions/{id}/end |  | signIn signIn 403 302 302 302 302
        POST /unsubscribe/{token} |  | 404 404 404 404 404 404 404
        PUT /api/templates/{id} | {"title":"Meetup","kind":"organising"} | 401 401 403 200 200 404 404
        PUT /api/me | {"name":"Juna"} | 401 401 403 200 200 200 200
        PUT /api/me/topics | {} | 401 401 403 400 400 400 400
        """;

    [Fact]
    public void Endpoint_that_does_not_declare_who_may_call_it_is_refused()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseTestServer();
        var app = builder.Build();
        var group = app.MapGroup("").DeclaringPolicies();
        group.MapGet("/declared", () => "").Needs(Scope.Read);
        group.MapGet("/forgotten", () => "");

        var refusal = Assert.Throws<InvalidOperationException>(() => ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToList());

        Assert.Contains("/forgotten", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_route_is_in_the_table_and_answers_each_role_as_it_says()
    {
        await using var app = await SignInFixture.StartAsync(new ScriptedWeb(_ => ScriptedWeb.Answer(HttpStatusCode.NotFound)), ("SetupSecret", "a-secret-of-the-deployment"), ("GitHubClientId", "a-client"), ("GitHubClientSecret", "its-secret"));
        var world = await World.MakeAsync(app);
        var routes = app.App.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method => $"{method} {endpoint.RoutePattern.RawText}"))
            .Where(route => !route.StartsWith("HEAD ", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
        var rows = Table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToDictionary(cells => cells[0], StringComparer.Ordinal);

        var found = new List<string>();
        foreach (var route in routes)
        {
            var body = rows.GetValueOrDefault(route)?[1] ?? "";
            var statuses = new List<string>();
            foreach (var role in Roles)
                statuses.Add(await world.StatusAsync(route, body, role));
            found.Add($"{route} | {body} | {string.Join(' ', statuses)}");
        }

        Assert.Empty(world.Cacheable);
        Assert.Equal(rows.Values.Select(cells => string.Join(" | ", cells)).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    /// <summary>People, their keys and sessions, and what the routes are about.</summary>
    private sealed class World(SignInFixture app, Person owner, Dictionary<string, HttpClient> clients, Browser expired)
    {
        private int made;

        /// <summary>Answers of endpoints that need a scope, which a cache might keep or use unasked.</summary>
        public HashSet<string> Cacheable { get; } = new(StringComparer.Ordinal);

        private IReadOnlySet<string> Scoped => field ??= app.App.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.Any(metadata => metadata is Microsoft.AspNetCore.Authorization.IAuthorizeData))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}")).ToHashSet(StringComparer.Ordinal);

        public static async Task<World> MakeAsync(SignInFixture app)
        {
            var people = app.Get<PeopleStore>();
            var operating = await app.OwnerAsync();
            var owner = await people.CreateAsync((id, now) => new Person { Id = id, Name = "Juna", Since = now }, default);
            var other = await people.CreateAsync((id, now) => new Person { Id = id, Name = "Else", Since = now }, default);
            await app.Get<SignInAddresses>().AddAsync(owner.Id, "owner@quayside.example", default);
            var clients = new Dictionary<string, HttpClient>(StringComparer.Ordinal)
            {
                ["anonymous"] = await ClientAsync(null, Scope.None),
                ["read key"] = await ClientAsync(owner, Scope.Read),
                ["write key"] = await ClientAsync(owner, Scope.Read | Scope.Write),
                ["operator"] = await ClientAsync(operating, Scope.Read | Scope.Write | Scope.Operate),
                ["other person"] = await ClientAsync(other, Scope.Read | Scope.Write),
            };
            var expired = await app.SignInAsync("owner@quayside.example");
            await expired.OpenAsync("/settings");
            app.App.Clock.Advance(TimeSpan.FromDays(31));
            return new World(app, owner, clients, expired);

            async Task<HttpClient> ClientAsync(Person? person, Scope scope)
            {
                var client = app.App.App.GetTestClient();
                if (person is not null)
                    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await app.Get<ApiKeys>().CreateAsync(person.Id, "role", scope, default)).Secret);
                return client;
            }
        }

        public async Task<string> StatusAsync(string route, string body, string role)
        {
            var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
            path = "/" + (await FillAsync(path)).TrimStart('/');
            using var request = new HttpRequestMessage(method == "*" ? HttpMethod.Get : new HttpMethod(method), path);
            if (path == "/mcp")
                request.Headers.Add("Accept", "application/json, text/event-stream");
            if (body.StartsWith('{'))
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            else if (body.Length > 0)
                request.Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded");
            using var browser = role == "session" ? await SignInAsync() : null;
            if (role.EndsWith("session", StringComparison.Ordinal))
            {
                request.Headers.Add("Cookie", (browser ?? expired).AllCookies);
                request.Headers.Add("X-CSRF-Token", (browser ?? expired).Token);
            }

            using var answer = await clients.GetValueOrDefault(role, clients["anonymous"]).SendAsync(request);
            Assert.DoesNotContain("unsafe-", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            var caching = answer.Headers.CacheControl?.ToString();
            if (Scoped.Contains(route) && caching is not ("no-store" or "no-store, no-cache" or "no-cache, private" or "private, no-cache") && role != "anonymous" && role != "expired session")
                Cacheable.Add($"{route} as {role}: {caching}");
            var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.OriginalString.StartsWith("/auth/sign-in", StringComparison.Ordinal) ? "signIn" : status;
        }

        /// <summary>A session of its own for each cell, since a route may end it.</summary>
        private async Task<Browser> SignInAsync()
        {
            var link = new SignInLink(Identity.Random(), null, null, "/settings", app.App.Clock.GetUtcNow().AddDays(1));
            await app.Get<SignInLinks>().CreateAsync(owner.Id, link, default);
            var (browser, path) = (app.Browser(), "/auth/link/" + app.Get<SignInLinks>().Token(owner.Id, link));
            await browser.OpenAsync(path);
            return await browser.SubmitAsync(path);
        }

        /// <summary>Something of the owner's own for each parameter, made anew, since a route may remove it.</summary>
        private async Task<string> FillAsync(string path)
        {
            if (path.Contains("connections/{id}", StringComparison.Ordinal))
                return path.Replace("{id}", await ConnectionAsync(), StringComparison.Ordinal);
            if (path.Contains("ledger/{id}", StringComparison.Ordinal))
                return path.Replace("{id}", await EntryAsync(), StringComparison.Ordinal);
            if (path.Contains("templates/{id}", StringComparison.Ordinal))
                return path.Replace("{id}", await TemplateAsync(), StringComparison.Ordinal);
            if (path.Contains("keys/{id}", StringComparison.Ordinal))
                return path.Replace("{id}", (await app.Get<ApiKeys>().CreateAsync(owner.Id, "made", Scope.Read, default)).Key.Id, StringComparison.Ordinal);
            if (path.Contains("sessions/{id}", StringComparison.Ordinal))
                return path.Replace("{id}", (await app.Get<Sessions>().CreateAsync(owner.Id, "link", null, app.App.Clock.GetUtcNow().AddDays(1), default)).Session.Id, StringComparison.Ordinal);
            return path.Replace("{week}", "2026-W20", StringComparison.Ordinal).Replace("{token}", "s2.unknown", StringComparison.Ordinal).Replace("{hook}", "unknown", StringComparison.Ordinal)
                .Replace("{id}", "unknown", StringComparison.Ordinal).Replace("{name}", "unknown", StringComparison.Ordinal).Replace("{source}", "github", StringComparison.Ordinal).Replace("{*path}", "unknown", StringComparison.Ordinal)
                .Replace("{*path:nonfile}", "unknown", StringComparison.Ordinal);
        }

        private async Task<string> ConnectionAsync()
        {
            var connection = new ContributionIngest.Core.Connections.Connection { Id = Identity.Random(), Source = "feed", Origin = $"https://blog-{++made}.example/feed", Since = app.App.Clock.GetUtcNow() };
            await app.Get<ContributionIngest.Core.Connections.ConnectionStore>().CreateAsync(
                owner.Id, connection, new ContributionIngest.Core.Connections.ConnectionState { Address = connection.Origin, Format = ContributionIngest.Core.Connections.ConnectionState.CurrentFormat }, default);
            return connection.Id;
        }

        private async Task<string> TemplateAsync()
        {
            var template = new ContributionTemplate(Identity.Random(), $"Meetup {++made}", Kind.Organising, null, [], new Dictionary<string, double>(StringComparer.Ordinal), null, false, app.App.Clock.GetUtcNow());
            await app.Get<TemplateStore>().AddAsync(owner.Id, template, default);
            return template.Id;
        }

        private async Task<string> EntryAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ledger")
            {
                Content = new StringContent($$"""{"title":"Talk {{++made}}","kind":"talk","when":"2026-05-20"}""", Encoding.UTF8, "application/json"),
            };
            using var answer = await clients["write key"].SendAsync(request);
            return System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
        }
    }
}
