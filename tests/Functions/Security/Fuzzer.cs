using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>
/// Requests made up from the app's own OpenAPI document and its list of pages, by every role: right and wrong values in every place, in bodies, in headers.
/// The same seed makes the same choices; ids differ.
/// </summary>
internal sealed class Fuzzer
{
    /// <summary>The store is made anew after so many requests, since some of them delete.</summary>
    private const int PerStore = 2_500;

    private static readonly string[] Roles = ["anonymous", "other person", "read key", "write key", "operator", "session", "expired session", "wrong key"];

    private static readonly string[] Oddities =
    [
        "", " ", "0", "-1", "1", "499", "501", "2147483648", "9223372036854775808", "1e400", "NaN", "null", "true", "[]", "{}", "'", "\"", "';DROP TABLE rows;--", "<script>alert(1)</script>",
        "=1+1", "../../etc/passwd", "%00", "%2e%2e%2f", "\u0000", "\u202e", "\ud800", "\ufeff", "é", "\U0001F600", "a\r\nSet-Cookie: a=b", "2026-02-30", "0000-00-00", "9999-12-31T23:59:59.9999999Z",
        "2026-01-01T00:00:00+14:01", "2026", "yesterday", "2026-W54", "2026-W20", "all", "delete", "newest", "oldest", "csv", "xlsx", "json", "blogPost", "feed", "github", "week", "month",
        "http://127.0.0.1/", "http://[::1]/", "file:///etc/passwd", "https://blog.example", "gopher://x", "//evil.example", "javascript:alert(1)", "Europe/Berlin", "Mars/Olympus", "juna@quayside.example",
    ];

    private static readonly (string Name, string[] Values)[] HeaderPool =
    [
        ("Accept", ["*/*", "application/json", "text/csv", "text/html", "application/xml", "*", ";;;", "text/csv;q=2", "text/calendar", "application/x-ndjson", "application/atom+xml", "text/markdown"]),
        ("If-Match", ["*", "\"x\"", "W/\"1\"", "x", ""]),
        ("If-None-Match", ["*", "\"x\"", "W/\"1\"", "x", "\"" + "a\", \"b"]),
        ("Accept-Language", ["de", "en-US,en;q=0.5", "*", ";", "zz-ZZ"]),
        ("Accept-Encoding", ["gzip", "br", "identity;q=0", "*;q=0"]),
        ("Range", ["bytes=0-1", "bytes=-1", "x=y"]),
        ("Origin", ["https://evil.example", "null"]),
        ("Sec-Fetch-Site", ["cross-site", "same-origin"]),
        ("X-HTTP-Method-Override", ["DELETE"]),
        ("X-Forwarded-For", ["203.0.113.9", "x", "::1"]),
        ("X-Forwarded-Proto", ["https", "gopher"]),
        ("X-Hub-Signature-256", ["sha256=00", "sha256=", "x"]),
        ("X-GitHub-Event", ["ping", "pull_request", ""]),
        ("X-CSRF-Token", ["x", ""]),
    ];

    private static readonly string[] ContentTypes =
        ["application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "application/xml", ";"];

    private readonly Random random;
    private readonly List<string> faults = [];

    private Fuzzer(int seed) => random = new Random(seed);

    /// <summary>Answers by status.</summary>
    public Dictionary<string, int> Statuses { get; } = new(StringComparer.Ordinal);

    /// <returns>What was wrong with answers: their request, and how the answer begins.</returns>
    public static async Task<(IReadOnlyList<string> Faults, IReadOnlyDictionary<string, int> Statuses)> RunAsync(int seed, int count)
    {
        var fuzzer = new Fuzzer(seed);
        for (var done = 0; done < count; done += PerStore)
            await fuzzer.RunStoreAsync(Math.Min(PerStore, count - done));
        return (fuzzer.faults, fuzzer.Statuses);
    }

    private async Task RunStoreAsync(int count)
    {
        await using var app = await SignInFixture.StartAsync(
            new ScriptedWeb(_ => ScriptedWeb.Answer(HttpStatusCode.NotFound)), ("SetupSecret", "a-secret-of-the-deployment"), ("GitHubClientId", "a-client"), ("GitHubClientSecret", "its-secret"));
        var world = await FuzzedWorld.MakeAsync(app);
        var operations = Operations(JsonNode.Parse(await app.App.Client.GetStringAsync("/api/openapi.json"))!).Concat(Pages(app)).ToList();
        for (var n = 0; n < count; n++)
        {
            var role = Pick(Roles);
            var operation = Pick(operations);
            using var request = Request(operation, world);
            world.Sign(request, role);
            await SendAsync(world.ClientOf(role), request, role);
        }
    }

    private async Task SendAsync(HttpClient client, HttpRequestMessage request, string role)
    {
        var what = $"{role}: {request.Method} {request.RequestUri} {request.Content?.Headers.ContentType}";
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead);
            var text = await answer.Content.ReadAsStringAsync();
            var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
            if ((int)answer.StatusCode >= 500 || text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception:", StringComparison.Ordinal) || answer.Headers.Contains("a"))
                faults.Add($"{what} → {status} {text[..Math.Min(300, text.Length)]}");
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or IOException)
        {
            faults.Add($"{what} → {e.Message}");
        }
    }

    /// <summary>Operations of the document: method, path, query parameters, and an example of the body.</summary>
    private static IEnumerable<FuzzedOperation> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key is "get" or "post" or "put" or "patch" or "delete"
        let parameters = (operation.Value!["parameters"]?.AsArray() ?? []).Select(parameter => Resolve(document, parameter!)).ToList()
        select new FuzzedOperation(
            operation.Key.ToUpperInvariant(),
            path.Key.StartsWith("/api", StringComparison.Ordinal) ? path.Key : "/api" + path.Key,
            [.. parameters.Where(parameter => (string)parameter["in"]! == "query").Select(parameter => (string)parameter["name"]!)],
            Body(document, operation.Value!));

    private static JsonNode Resolve(JsonNode document, JsonNode node)
    {
        if ((string?)node["$ref"] is not { } reference)
            return node;
        return reference.Split('/').Skip(1).Aggregate(document, (at, name) => at[name]!);
    }

    private static JsonNode? Body(JsonNode document, JsonNode operation)
    {
        if (operation["requestBody"] is not { } found)
            return null;
        var media = Resolve(document, found)["content"]?.AsObject().FirstOrDefault().Value;
        return media?["example"]?.DeepClone() ?? (media?["schema"] is { } schema ? Sample(document, schema, 0) : new JsonObject());
    }

    private static JsonNode? Sample(JsonNode document, JsonNode schema, int depth)
    {
        schema = Resolve(document, schema);
        if (depth > 4)
            return null;
        if (schema["enum"] is JsonArray { Count: > 0 } words)
            return words[0]?.DeepClone();
        if (schema["properties"] is JsonObject properties)
            return new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, Sample(document, property.Value!, depth + 1))));
        var type = schema["type"] is JsonArray types ? (string?)types[0] : (string?)schema["type"];
        return type switch
        {
            "array" => new JsonArray(schema["items"] is { } items ? Sample(document, items, depth + 1) : null),
            "integer" or "number" => 1,
            "boolean" => true,
            "object" => new JsonObject(),
            _ => "x",
        };
    }

    /// <summary>Pages and links, which the document does not describe.</summary>
    private static IEnumerable<FuzzedOperation> Pages(SignInFixture app) =>
        from endpoint in app.App.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        where !path.StartsWith("/api/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        where method != "HEAD"
        select new FuzzedOperation(method, path, ["return", "places", "source", "q", "kind", "from", "topic", "review", "private", "cursor", "before", "title", "text", "url"], method == "POST" ? new JsonObject { ["form"] = true } : null);

    private HttpRequestMessage Request(FuzzedOperation operation, FuzzedWorld world)
    {
        var path = string.Join('/', operation.Path.Split('/').Select(part => part.StartsWith('{') ? Escaped(PathValue(world)) : part));
        var query = operation.Query.Where(_ => random.Next(3) == 0).Select(name => $"{name}={Escaped(Value(world))}").ToList();
        if (random.Next(20) == 0)
            query.Add($"{Escaped(Pick(Oddities))}={Escaped(Pick(Oddities))}");
        if (query.Count > 0 && random.Next(20) == 0)
            query.Add(query[0]);
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(path + (query.Count == 0 ? "" : "?" + string.Join('&', query)), UriKind.Relative));
        if (operation.Example is { } body)
            request.Content = Content(body, world);
        for (var headers = random.Next(3); headers > 0; headers--)
        {
            var (name, values) = Pick(HeaderPool);
            request.Headers.TryAddWithoutValidation(name, Pick(values));
        }

        return request;
    }

    private ByteArrayContent Content(JsonNode body, FuzzedWorld world)
    {
        if (body is JsonObject { Count: 1 } form && form.ContainsKey("form"))
        {
            var fields = new[] { "csrf", "return", "email", "places", "place", "name", "zone", "secret", "scope", "contributions", "address", "confirm", "do", "entry", "topic", "value", "field", "revision", "title", "when", "url", "kind", "once", "undo.private" }
                .Where(_ => random.Next(2) == 0).Select(name => $"{name}={Escaped(name == "csrf" ? world.FormToken : Value(world))}");
            return With(Encoding.UTF8.GetBytes(string.Join('&', fields)), random.Next(10) == 0 ? Pick(ContentTypes) : "application/x-www-form-urlencoded");
        }

        var made = body.DeepClone();
        for (var changes = random.Next(3); changes > 0; changes--)
            Change(made, world);
        var bytes = Encoding.UTF8.GetBytes(made.ToJsonString());
        if (random.Next(20) == 0)
            bytes = bytes[..random.Next(bytes.Length + 1)];
        if (random.Next(40) == 0 && bytes.Length > 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(200) == 0)
            bytes = Encoding.UTF8.GetBytes(new string('[', 50_000));
        return With(bytes, random.Next(20) == 0 ? Pick(ContentTypes) : "application/json");
    }

    private void Change(JsonNode node, FuzzedWorld world)
    {
        if (node is not JsonObject of || of.Count == 0)
            return;
        var name = Pick(of.Select(property => property.Key).ToList());
        switch (random.Next(6))
        {
            case 0:
                of.Remove(name);
                break;
            case 1:
                of[Pick(Oddities)] = Value(world);
                break;
            case 2:
                of[name] = new JsonArray(Value(world), null, 1);
                break;
            case 3:
                of[name] = random.Next(2) == 0 ? long.MaxValue : -1;
                break;
            case 4 when of[name] is JsonObject inner:
                Change(inner, world);
                break;
            default:
                of[name] = Value(world);
                break;
        }
    }

    private string Value(FuzzedWorld world) => random.Next(5) switch
    {
        0 or 1 => Pick(world.Ids),
        2 => Altered(Pick(world.Ids)),
        3 when random.Next(30) == 0 => new string('x', 5_000),
        _ => Pick(Oddities),
    };

    private string Altered(string text)
    {
        var at = random.Next(text.Length);
        return text[..at] + (text[at] == 'a' ? 'b' : 'a') + text[(at + 1)..];
    }

    private T Pick<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    /// <summary>A null in a path never gets past a server.</summary>
    private string PathValue(FuzzedWorld world) => Value(world).Replace("\0", "0", StringComparison.Ordinal) is { Length: > 0 } value ? value : "x";

    /// <summary>Half a surrogate pair cannot be escaped.</summary>
    private static string Escaped(string value) => Uri.EscapeDataString(value.Replace('\ud800', '\ufffd'));

    private static ByteArrayContent With(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    /// <param name="Example">Of the body; <c>form</c> for a form.</param>
    private sealed record FuzzedOperation(string Method, string Path, IReadOnlyList<string> Query, JsonNode? Example);

    /// <summary>People of each role, and ids of what is theirs.</summary>
    private sealed class FuzzedWorld
    {
        private readonly SignInFixture app;
        private readonly Dictionary<string, HttpClient> clients = new(StringComparer.Ordinal);
        private Browser session = null!;
        private Browser expired = null!;

        private FuzzedWorld(SignInFixture app) => this.app = app;

        public List<string> Ids { get; } = [];

        public string FormToken => session.Token;

        public static async Task<FuzzedWorld> MakeAsync(SignInFixture app)
        {
            var world = new FuzzedWorld(app);
            var people = app.Get<PeopleStore>();
            var operating = await app.OwnerAsync();
            var owner = await people.CreateAsync((id, now) => new Person { Id = id, Name = "Juna", Since = now }, default);
            var other = await people.CreateAsync((id, now) => new Person { Id = id, Name = "Else", Since = now }, default);
            await app.Get<SignInAddresses>().AddAsync(owner.Id, "owner@quayside.example", default);
            world.expired = await app.SignInAsync("owner@quayside.example");
            app.App.Clock.Advance(TimeSpan.FromDays(31));
            world.session = await app.SignInAsync("owner@quayside.example");
            await world.session.OpenAsync("/settings");
            foreach (var (role, person, scope) in new[] { ("other person", other, Scope.Read | Scope.Write), ("read key", owner, Scope.Read), ("write key", owner, Scope.Read | Scope.Write), ("operator", operating, Scope.Read | Scope.Write | Scope.Operate) })
            {
                var (secret, key) = await app.Get<ApiKeys>().CreateAsync(person.Id, role, scope, default);
                world.clients[role] = world.Client(secret);
                world.Ids.Add(key.Id);
            }

            world.clients["anonymous"] = app.App.App.GetTestClient();
            world.clients["wrong key"] = world.Client("ci_" + new string('a', 43));
            using var posted = await world.clients["write key"].PostAsync(
                "/api/ledger", new StringContent("""{"kind":"talk","title":"A talk","url":"https://talk.example/1","when":"2026-05-01"}""", Encoding.UTF8, "application/json"));
            world.Ids.Add((string?)JsonNode.Parse(await posted.Content.ReadAsStringAsync())?["id"] ?? throw new InvalidOperationException("The entry was not logged."));
            foreach (var person in new[] { owner, other })
            {
                var connection = new ContributionIngest.Core.Connections.Connection { Id = Identity.Random(), Source = "feed", Origin = $"https://blog.example/{person.Id}", Since = app.App.Clock.GetUtcNow() };
                await app.Get<ContributionIngest.Core.Connections.ConnectionStore>().CreateAsync(
                    person.Id, connection, new ContributionIngest.Core.Connections.ConnectionState { Address = connection.Origin, Format = ContributionIngest.Core.Connections.ConnectionState.CurrentFormat }, default);
                world.Ids.AddRange([person.Id, connection.Id]);
            }

            var link = new SignInLink(Identity.Random(), null, null, "/settings", app.App.Clock.GetUtcNow().AddDays(1));
            await app.Get<SignInLinks>().CreateAsync(owner.Id, link, default);
            world.Ids.Add(app.Get<SignInLinks>().Token(owner.Id, link));
            return world;
        }

        public HttpClient ClientOf(string role) => clients.GetValueOrDefault(role, clients["anonymous"]);

        public void Sign(HttpRequestMessage request, string role)
        {
            var browser = role switch { "session" => session, "expired session" => expired, _ => null };
            if (browser is null)
                return;
            request.Headers.Add("Cookie", browser.AllCookies);
            if (!request.Headers.Contains("X-CSRF-Token"))
                request.Headers.Add("X-CSRF-Token", session.Token);
        }

        private HttpClient Client(string key)
        {
            var client = app.App.App.GetTestClient();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            return client;
        }
    }
}
