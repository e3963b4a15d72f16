using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;

namespace ContributionIngest.Tests.Core.FieldReports;

/// <summary>One report: places that answer by rules, and steps that are taken one after the other.</summary>
internal sealed partial class ReportPlay : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["gh"] = "https://gh.example",
        ["ghsite"] = "https://ghsite.example",
        ["yt"] = "https://yt.example",
        ["ytsite"] = "https://ytsite.example",
        ["hub"] = "https://hub.example",
        ["mu"] = "https://mu.example",
        ["musite"] = "https://musite.example",
        ["web"] = "https://web.example",
    };

    private readonly JsonElement report;
    private readonly TestClock clock = new();
    private readonly DateTimeOffset begin;
    private readonly Dictionary<int, int> answered = [];
    private readonly Dictionary<string, int> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Path, string Secret)> hooks = new(StringComparer.Ordinal);
    private int phase = 1;
    private Dictionary<string, string>? subscription;

    public ReportPlay(JsonElement report)
    {
        this.report = report;
        if (report.TryGetProperty("begin", out var wanted))
            MoveTo(wanted.GetString()!);
        begin = clock.GetUtcNow();
    }

    public AppFixture App { get; private set; } = null!;

    /// <summary>Ids of connections by the names the report gives them.</summary>
    public Dictionary<string, string> Connections { get; } = new(StringComparer.Ordinal);

    /// <summary>Statuses of connect, log, deliver, hubverify and push, in order.</summary>
    public List<int> Answers { get; } = [];

    public int Asked(string place) => asked.GetValueOrDefault(place);

    /// <summary>False where the settings are refused.</summary>
    public async Task<bool> StartAsync()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PublicUrl"] = "https://app.example",
            ["GitHubApi"] = Places["gh"],
            ["GitHubSite"] = Places["ghsite"],
            ["YouTubeApi"] = Places["yt"] + "/youtube/v3",
            ["YouTubeSite"] = Places["ytsite"],
            ["YouTubeHub"] = Places["hub"] + "/subscribe",
            ["MeetupApi"] = Places["mu"] + "/gql-ext",
            ["MeetupSite"] = Places["musite"],
        };
        if (report.TryGetProperty("mail", out _))
            settings["OwnerEmail"] = "owner@example.org";
        if (report.TryGetProperty("settings", out var more))
        {
            foreach (var setting in more.EnumerateObject())
                settings[setting.Name.Replace("__", ":", StringComparison.Ordinal)] = Fill(setting.Value.GetString()!);
        }

        try
        {
            App = await AppFixture.StartAsync(new ScriptedWeb(Answer), clock, settings: settings);
            return true;
        }
        catch (StartupException)
        {
            return false;
        }
    }

    public async Task RunAsync()
    {
        foreach (var step in report.GetProperty("do").EnumerateArray())
        {
            foreach (var part in step.EnumerateObject())
                await TakeAsync(part.Name, part.Value, step);
        }
    }

    /// <summary>Addresses and times in a text of the report.</summary>
    public string Fill(string text) => Variable().Replace(text, match =>
    {
        var name = match.Groups["name"].Value;
        if (Places.TryGetValue(name, out var address))
            return address;
        if (Connections.TryGetValue(name, out var connection))
            return connection;
        var (form, time) = name.Split(':') is [var prefix, var rest] ? (prefix, rest) : ("", name);
        var at = begin + Span(time["now".Length..]);
        return form switch
        {
            "ics" => at.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
            "day" => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
    });

    public async ValueTask DisposeAsync()
    {
        if (App is not null)
            await App.DisposeAsync();
    }

    private async Task TakeAsync(string what, JsonElement value, JsonElement step)
    {
        switch (what)
        {
            case "as" or "seconds":
                break;
            case "connect":
                var (status, body) = await App.PostAsync("/connections", Fill(value.GetRawText()));
                Answers.Add((int)status);
                if (body.At("id") is { } id && step.TryGetProperty("as", out var name))
                    Connections[name.GetString()!] = id;
                await App.DrainAsync();
                break;
            case "harvest":
                await App.HarvestAsync(Connections[value.GetString()!]);
                break;
            case "phase":
                phase = value.GetInt32();
                break;
            case "shift":
                clock.Advance(begin + Span(value.GetString()!) - clock.GetUtcNow());
                break;
            case "hook":
                var (_, hook) = await App.PostAsync($"/connections/{Connections[value.GetString()!]}/hook", "{}");
                hooks["last"] = (hook.At("path")!, hook.At("secret")!);
                break;
            case "deliver":
                Answers.Add(await DeliverAsync(value));
                break;
            case "hubverify":
                Answers.Add(await VerifyAsync());
                break;
            case "push":
                Answers.Add(await PushAsync(value));
                break;
            case "log":
                Answers.Add((int)(await App.PostAsync("/ledger", Fill(value.GetRawText()))).Status);
                break;
            case "digests":
                for (var i = 0; i < 24 * 8 && App.Mail.Letters.Count < value.GetInt32(); i++)
                    await App.PassAsync(TimeSpan.FromHours(1));
                break;
            default:
                throw new InvalidOperationException($"Nobody knows the step '{what}'.");
        }
    }

    private async Task<int> DeliverAsync(JsonElement delivery)
    {
        var json = Fill(delivery.GetProperty("json").GetRawText());
        var isForm = delivery.TryGetProperty("form", out var form) && form.ValueKind == JsonValueKind.True;
        var body = Encoding.UTF8.GetBytes(isForm ? "payload=" + WebUtility.UrlEncode(json) : json);
        var (path, secret) = hooks["last"];
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", isForm ? "application/x-www-form-urlencoded" : "application/json");
        request.Headers.Add("X-GitHub-Event", delivery.TryGetProperty("event", out var named) ? named.GetString() : "pull_request");
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
        return await SendAsync(request);
    }

    private async Task<int> VerifyAsync()
    {
        var query = $"?hub.mode=subscribe&hub.topic={Uri.EscapeDataString(subscription!["hub.topic"])}&hub.challenge=abc&hub.lease_seconds=864000";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(subscription["hub.callback"]).AbsolutePath + query);
        return await SendAsync(request);
    }

    private async Task<int> PushAsync(JsonElement push)
    {
        var body = Encoding.UTF8.GetBytes(Fill(push.GetProperty("text").GetString()!));
        var method = push.TryGetProperty("sign", out var sign) ? sign.GetString()! : "sha1";
        using var hash = IncrementalHash.CreateHMAC(new HashAlgorithmName(method.ToUpperInvariant()), Encoding.UTF8.GetBytes(subscription!["hub.secret"]));
        hash.AppendData(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(subscription["hub.callback"]).AbsolutePath) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/atom+xml");
        request.Headers.Add("X-Hub-Signature", $"{method}={Convert.ToHexStringLower(hash.GetHashAndReset())}");
        return await SendAsync(request);
    }

    /// <summary>As a stranger, without a key.</summary>
    private async Task<int> SendAsync(HttpRequestMessage request)
    {
        using var client = App.App.GetTestClient();
        using var response = await client.SendAsync(request);
        await App.DrainAsync();
        return (int)response.StatusCode;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        var place = Places.Single(known => known.Value == address.GetLeftPart(UriPartial.Authority)).Key;
        asked[place] = Asked(place) + 1;
        using var reader = new StreamReader(request.Content?.ReadAsStream() ?? Stream.Null);
        var body = reader.ReadToEnd();
        if (place == "hub")
            subscription = body.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]), StringComparer.Ordinal);
        var query = address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .ToLookup(pair => WebUtility.UrlDecode(pair[0]), pair => WebUtility.UrlDecode(pair.ElementAtOrDefault(1) ?? ""), StringComparer.Ordinal);
        var rules = report.TryGetProperty("serve", out var all) ? all.EnumerateArray().ToList() : [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (!Fits(rules[i], i, request.Method.Method, place, address, query, body))
                continue;
            answered[i] = answered.GetValueOrDefault(i) + 1;
            return AnswerBy(rules[i], query);
        }

        return ScriptedWeb.Answer(HttpStatusCode.NotFound, """{"message":"Not Found"}""", "application/json");
    }

    private bool Fits(JsonElement rule, int index, string method, string place, Uri address, ILookup<string, string> query, string body) =>
        rule.GetProperty("at").GetString() == $"{method} {place} {address.AbsolutePath}"
        && (!rule.TryGetProperty("phases", out var phases) || phases.EnumerateArray().Any(wanted => wanted.GetInt32() == phase))
        && (!rule.TryGetProperty("times", out var times) || answered.GetValueOrDefault(index) < times.GetInt32())
        && (!rule.TryGetProperty("query", out var wants) || wants.EnumerateObject().All(wanted => query[wanted.Name].Contains(Fill(wanted.Value.GetString()!), StringComparer.Ordinal)))
        && (!rule.TryGetProperty("body_has", out var pieces) || pieces.EnumerateArray().All(piece => body.Contains(Fill(piece.GetString()!), StringComparison.Ordinal)))
        && (!rule.TryGetProperty("most_first", out var most) || First().Matches(body).Select(match => int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() <= most.GetInt32());

    private HttpResponseMessage AnswerBy(JsonElement rule, ILookup<string, string> query)
    {
        var status = rule.TryGetProperty("status", out var own) ? own.GetInt32() : 200;
        var headers = rule.TryGetProperty("headers", out var named) ? named.EnumerateObject().Select(header => (header.Name, Fill(header.Value.GetString()!))).ToArray() : [];
        if (rule.TryGetProperty("text", out var text))
            return ScriptedWeb.Answer(status, Encoding.UTF8.GetBytes(Fill(text.GetString()!)), null, headers);
        if (!rule.TryGetProperty("json", out var json))
            return ScriptedWeb.Answer(status, [], null, headers);
        var body = Fill(json.GetRawText());
        if (rule.TryGetProperty("pick", out var pick))
        {
            var ids = query[pick.GetString()!].SelectMany(list => list.Split(',')).ToHashSet(StringComparer.Ordinal);
            var node = System.Text.Json.Nodes.JsonNode.Parse(body)!;
            var items = node["items"]!.AsArray();
            foreach (var item in items.Where(item => !ids.Contains((string)item!["id"]!)).ToList())
                items.Remove(item);
            body = node.ToJsonString();
        }

        return ScriptedWeb.Answer(status, Encoding.UTF8.GetBytes(body), "application/json", headers);
    }

    /// <summary>The next such day and hour, such as <c>monday 08</c>, UTC.</summary>
    private void MoveTo(string wanted)
    {
        var parts = wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var day = Enum.Parse<DayOfWeek>(parts[0], ignoreCase: true);
        var hour = TimeSpan.Parse(parts[1].Contains(':', StringComparison.Ordinal) ? parts[1] : parts[1] + ":00", CultureInfo.InvariantCulture);
        var at = new DateTimeOffset(clock.GetUtcNow().Date, TimeSpan.Zero) + hour;
        while (at <= clock.GetUtcNow() || at.DayOfWeek != day)
            at = at.AddDays(1);
        clock.Advance(at - clock.GetUtcNow());
    }

    /// <summary><c>+1h+5m</c>, <c>-3d</c>.</summary>
    private static TimeSpan Span(string text)
    {
        var span = TimeSpan.Zero;
        foreach (Match part in Part().Matches(text))
        {
            var count = int.Parse(part.Groups["n"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            span += part.Groups["unit"].Value switch
            {
                "d" => TimeSpan.FromDays(count),
                "h" => TimeSpan.FromHours(count),
                "m" => TimeSpan.FromMinutes(count),
                _ => TimeSpan.FromSeconds(count),
            };
        }

        return span;
    }

    [GeneratedRegex(@"\{\{(?<name>[^}]+)\}\}", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Variable();

    [GeneratedRegex("(?<n>[+-][0-9]+)(?<unit>[dhms])", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Part();

    [GeneratedRegex("\"?first\"?:\\s*(?<n>[0-9]+)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex First();
}
