using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.StackExchange;

/// <param name="Created">Unix seconds.</param>
internal sealed record GivenAnswer(long Id, long Created, int Score = 0, bool IsAccepted = false, string Title = "How deep is the bay?", string Site = "stackoverflow");

/// <summary>The network's API with one person on two sites, always compressed, as the real one.</summary>
internal sealed class ScriptedStackExchange
{
    public const string Profile = "https://stackoverflow.com/users/22/juna";
    public const string Other = "https://dba.stackexchange.com/users/33";
    public const string Host = "api.stackexchange.com";
    public const string Key = "stackexchange-key-nobody-may-see";

    private int left = 300;

    public ScriptedStackExchange() => Web = new ScriptedWeb(Answer);

    public ScriptedWeb Web { get; }

    public List<GivenAnswer> Answers { get; } = [];

    /// <summary>Seconds that the next answer of the list asks to wait.</summary>
    public int Backoff { get; set; }

    /// <summary>Called before each answer; an answer it gives is the answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Instead { get; set; } = _ => null;

    /// <summary>Paths asked for, below the version.</summary>
    public IReadOnlyList<string> Calls => [.. Web.Asked.Select(request => request.RequestUri!.AbsolutePath["/2.3/".Length..])];

    /// <summary>So many answers, a day apart, the newest first a day before <see cref="TestClock.Begin"/>.</summary>
    public void Fill(int count, string site = "stackoverflow")
    {
        for (var n = 1; n <= count; n++)
            Answers.Add(new GivenAnswer(1_000 + n, TestClock.Begin.AddDays(-n).ToUnixTimeSeconds(), Score: n % 5, Site: site));
    }

    public void Change(long id, Func<GivenAnswer, GivenAnswer> change)
    {
        var at = Answers.FindIndex(answer => answer.Id == id);
        Answers[at] = change(Answers[at]);
    }

    public static HttpResponseMessage Throttled(int seconds) => Zipped(
        400, $$"""{"error_id":502,"error_message":"too many requests from this IP, more requests available in {{seconds}} seconds","error_name":"throttle_violation"}""");

    public static HttpResponseMessage Zipped(int status, string json)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(json));
        return ScriptedWeb.Answer(status, bytes.ToArray(), "application/json; charset=utf-8", ("Content-Encoding", "gzip"));
    }

    public static HttpResponseMessage Items(params JsonNode[] items) =>
        Zipped(200, new JsonObject { ["items"] = new JsonArray([.. items]), ["has_more"] = false, ["quota_max"] = 300, ["quota_remaining"] = 200 }.ToJsonString());

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (Instead(request) is { } instead)
            return instead;
        var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
        left--;
        return (request.RequestUri.Host, request.RequestUri.AbsolutePath) switch
        {
            (Host, "/2.3/filters/create") => Items(new JsonObject { ["filter"] = "!tide.Filter" }),
            (Host, "/2.3/users/22") => Items(new JsonObject { ["account_id"] = 4711, ["user_id"] = 22, ["display_name"] = "Juna &#214;kvist" }),
            (Host, "/2.3/users/33") => Items(new JsonObject { ["account_id"] = 4711, ["user_id"] = 33, ["display_name"] = "Juna" }),
            (Host, "/2.3/users/4711/associated") => Items(Associated("Stack Overflow", "https://stackoverflow.com", 22), Associated("Database Administrators", "https://dba.stackexchange.com", 33), Associated("Super User", "https://superuser.com", 44)),
            (Host, "/2.3/users/22/answers") or (Host, "/2.3/users/33/answers") => List(query),
            (Host, "/2.3/answers/1001") => Items(Node(Answers.Single(answer => answer.Id == 1001))),
            _ => request.RequestUri.AbsolutePath.StartsWith("/2.3/", StringComparison.Ordinal) ? Items() : ScriptedWeb.Answer(HttpStatusCode.NotFound),
        };
    }

    private JsonObject Associated(string name, string url, long user) => new()
    {
        ["site_name"] = name,
        ["site_url"] = url,
        ["user_id"] = user,
        ["account_id"] = 4711,
        ["answer_count"] = Answers.Count(answer => url.Contains(answer.Site, StringComparison.Ordinal)),
    };

    private HttpResponseMessage List(System.Collections.Specialized.NameValueCollection query)
    {
        if (query["filter"] != "!tide.Filter")
            return Zipped(400, """{"error_id":400,"error_message":"filter","error_name":"bad_parameter"}""");
        var (size, page) = (int.Parse(query["pagesize"]!, CultureInfo.InvariantCulture), int.Parse(query["page"]!, CultureInfo.InvariantCulture));
        var from = long.Parse(query["fromdate"] ?? "0", CultureInfo.InvariantCulture);
        var found = Answers.Where(answer => answer.Site == query["site"] && answer.Created >= from).OrderBy(answer => answer.Created).ThenBy(answer => answer.Id).ToList();
        if (query["order"] == "desc")
            found.Reverse();
        var shown = found.Skip((page - 1) * size).Take(size).ToList();
        var wrapper = new JsonObject
        {
            ["items"] = new JsonArray([.. shown.Select(answer => (JsonNode)Node(answer))]),
            ["has_more"] = found.Count > page * size,
            ["quota_max"] = 300,
            ["quota_remaining"] = left,
        };
        if (Backoff > 0)
            (wrapper["backoff"], Backoff) = (Backoff, 0);
        return Zipped(200, wrapper.ToJsonString());
    }

    private static JsonObject Node(GivenAnswer answer) => new()
    {
        ["answer_id"] = answer.Id,
        ["question_id"] = answer.Id + 5_000,
        ["creation_date"] = answer.Created,
        ["score"] = answer.Score,
        ["is_accepted"] = answer.IsAccepted,
        ["title"] = answer.Title,
        ["tags"] = new JsonArray("c#", "tides"),
        ["link"] = $"https://{answer.Site}.com/questions/{answer.Id + 5_000}/how-deep/{answer.Id}#{answer.Id}",
        ["owner"] = new JsonObject { ["user_id"] = answer.Site == "dba" ? 33 : 22, ["account_id"] = 4711, ["display_name"] = "Juna &#214;kvist" },
    };
}
