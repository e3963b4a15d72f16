using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>
/// Meetup's GraphQL API (<c>gql-ext</c>, https://www.meetup.com/graphql/): a group's events, oldest first, with the operator's token or an organiser's. Throttling comes
/// with status 200; 400 and 5xx are often gone with a second try.
/// </summary>
internal sealed class GroupApi(Fetcher fetcher, MeetupOptions options, TimeProvider time)
{
    public const int PageSize = 100;

    private const string Query =
        """
        query($urlname: String!, $first: Int!, $after: String, $filter: GroupEventFilter) {
          groupByUrlname(urlname: $urlname) {
            name
            urlname
            timezone
            activeTopics { name }
            events(first: $first, after: $after, sort: ASC, filter: $filter) {
              totalCount
              pageInfo { hasNextPage endCursor }
              edges { node { id token title description dateTime endTime duration eventUrl status rsvps(first: 1) { yesCount } topics { edges { node { name } } } } }
            }
          }
        }
        """;

    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private const string AccountQuery =
        """
        query($after: String) {
          self {
            id
            name
            memberships(first: 100, after: $after) {
              pageInfo { hasNextPage endCursor }
              edges { metadata { role } node { name urlname } }
            }
          }
        }
        """;

    /// <exception cref="SourceException">The API is not available now, or does not accept a person's token.</exception>
    public async Task<GroupPage> EventsAsync(MeetupAddress group, GroupScan scan, string token, CancellationToken cancel)
    {
        var answer = await SendAsync(Body(group, scan), token, cancel);
        return answer.Outcome switch
        {
            FetchOutcome.Content => Read(answer, group, scan, token),
            FetchOutcome.Denied when token != options.Token => throw Refused,
            FetchOutcome.Denied => GroupPage.Refused($"Meetup does not accept the token this installation has for its API ({answer.Status})."),
            FetchOutcome.Missing or FetchOutcome.Gone => GroupPage.Refused($"Meetup's API is no longer at {answer.Address.Host} ({answer.Status})."),
            FetchOutcome.Throttled or FetchOutcome.Transient => throw SourceException.Of(answer),
            _ when answer.Status == 400 && scan.After is not null => GroupPage.Rejected,
            _ when answer.Status == 400 => throw SourceException.Transient("badRequest", "Meetup's API rejected the request (400); it is tried again later."),
            _ => GroupPage.Refused($"Meetup's API gave an unusable answer ({answer.Problem?.TrimEnd('.') ?? "without a reason"})."),
        };
    }

    /// <summary>A page of the groups that the token's member belongs to.</summary>
    /// <exception cref="SourceException">The API is not available now, or does not accept the token.</exception>
    public async Task<MemberPage> MemberAsync(string? after, string token, CancellationToken cancel)
    {
        var variables = new JsonObject { ["after"] = after };
        var answer = await SendAsync(Encoding.UTF8.GetBytes(new JsonObject { ["query"] = AccountQuery, ["variables"] = variables }.ToJsonString()), token, cancel);
        if (answer.Outcome == FetchOutcome.Denied)
            throw Refused;
        if (answer.Outcome != FetchOutcome.Content)
            throw SourceException.Of(answer);
        if (LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Object } root)
            throw SourceException.Transient("notJson", "Meetup's API answered with something that is not JSON.");
        var self = root.At("data", "self");
        if (self.Text("id") is not { } id)
        {
            var page = Failed([.. root.OneOrMany("errors").Where(error => error.ValueKind == JsonValueKind.Object).Take(20)], token);
            throw SourceException.Terminal("apiError", page.Problem ?? "Meetup's API does not say whose account this is.");
        }

        var groups = self.List("memberships", "edges")
            .Where(edge => edge.Text("metadata", "role")?.Contains("ORGANIZER", StringComparison.OrdinalIgnoreCase) == true)
            .Select(edge => (Address: MeetupAddress.OfUrlname(edge.Text("node", "urlname") ?? ""), Name: edge.Text("node", "name")))
            .Where(group => group.Address is not null)
            .Select(group => (group.Address!, group.Name))
            .ToList();
        var info = self.At("memberships", "pageInfo");
        return new MemberPage(id, self.Text("name"), groups, info.At("hasNextPage").ValueKind == JsonValueKind.True ? info.Text("endCursor") : null);
    }

    private async Task<Fetched> SendAsync(byte[] body, string token, CancellationToken cancel)
    {
        var request = new FetchRequest(options.Api)
        {
            Method = "POST",
            Authorization = "Bearer " + token,
            Accept = "application/json",
            Body = body,
            BodyType = "application/json",
        };
        var answer = await fetcher.SendAsync(request, cancel);
        if (answer is not ({ Outcome: FetchOutcome.Transient, Code: not "timeout" } or { Status: 400 }))
            return answer;
        await Task.Delay(RetryDelay, time, cancel);
        return await fetcher.SendAsync(request, cancel);
    }

    private static SourceException Refused => SourceException.Terminal(
        SourceException.BadToken, "Meetup does not accept the access that was given: it has expired or was withdrawn.");

    private GroupPage Read(Fetched answer, MeetupAddress group, GroupScan scan, string token)
    {
        if (LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Object } root)
            throw SourceException.Transient("notJson", "Meetup's API answered with something that is not JSON.");
        var errors = root.OneOrMany("errors").Where(error => error.ValueKind == JsonValueKind.Object).Take(20).ToList();
        var found = root.At("data", "groupByUrlname");
        var isComplete = found.At("events", "edges").ValueKind == JsonValueKind.Array;
        if (!isComplete && errors.Count > 0)
            return Failed(errors, token);
        if (root.At("data").ValueKind == JsonValueKind.Object && found.ValueKind == JsonValueKind.Undefined)
            return GroupPage.Refused("Meetup's API shows nothing of this group.");
        if (!isComplete)
            throw SourceException.Transient("badAnswer", "Meetup's API answered without the events.");
        var page = GroupPage.Of(found, group, options.Site);
        return page.Next is not null && page.Next == scan.After
            ? throw SourceException.Transient("badAnswer", "Meetup's API keeps returning the same page.")
            : page with { IsPartial = errors.Count > 0, Raw = RawResponse.Of(answer) };
    }

    private GroupPage Failed(List<JsonElement> errors, string token)
    {
        // Apollo has codes, graphql-java classifications.
        var codes = errors.SelectMany(error => new[]
        {
            error.Text("extensions", "code"), error.Text("extensions", "classification"), error.Text("extensions", "errorType"), error.Text("code"), error.Text("errorType"),
        }).OfType<string>().ToList();
        var texts = errors.Select(error => error.Text("message") ?? "").ToList();
        if (codes.Exists(code => code.Contains("RATE", StringComparison.OrdinalIgnoreCase) || code.Contains("THROTTL", StringComparison.OrdinalIgnoreCase))
            || texts.Exists(text => text.Contains("too many requests", StringComparison.OrdinalIgnoreCase) || text.Contains("rate limit", StringComparison.OrdinalIgnoreCase)))
        {
            var now = time.GetUtcNow();
            var reset = errors.Select(error => IsoTimestamp.Parse(error.Text("extensions", "resetAt"))?.Time).FirstOrDefault(at => at is not null);
            var until = reset > now && reset < now + TimeSpan.FromHours(1) ? reset.Value : now + DefaultPause;
            throw SourceException.Transient(
                "throttled", string.Create(CultureInfo.InvariantCulture, $"Meetup's API asked for a pause until {until:yyyy-MM-dd HH:mm} UTC."), until);
        }

        if (codes.Exists(code => code is "UNAUTHENTICATED" or "UNAUTHORIZED" or "FORBIDDEN" or "PERMISSION_DENIED") || texts.Exists(text => text.Contains("not authenticated", StringComparison.OrdinalIgnoreCase)))
            return token == options.Token ? GroupPage.Refused("Meetup does not accept the token this installation has for its API.") : throw Refused;
        if (codes.Exists(code => code is "GRAPHQL_VALIDATION_FAILED" or "GRAPHQL_PARSE_FAILED" or "ValidationError" or "InvalidSyntax"))
            return GroupPage.Refused("Meetup's API has changed and does not understand this version of the program.");
        throw SourceException.Transient("apiError", "Meetup's API has trouble answering.");
    }

    private static byte[] Body(MeetupAddress group, GroupScan scan)
    {
        var filter = new JsonObject { ["status"] = new JsonArray("PAST", "ACTIVE", "CANCELLED") };
        if (scan.From is { } from)
            filter["afterDateTime"] = from.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var variables = new JsonObject { ["urlname"] = group.Group, ["first"] = PageSize, ["filter"] = filter };
        if (scan.After is not null)
            variables["after"] = scan.After;
        return Encoding.UTF8.GetBytes(new JsonObject { ["query"] = Query, ["variables"] = variables }.ToJsonString());
    }
}

/// <summary>A page of a member's groups.</summary>
/// <param name="Groups">Those that the member organises.</param>
/// <param name="Next">Null at the end.</param>
internal sealed record MemberPage(string Id, string? Name, IReadOnlyList<(MeetupAddress Address, string? Name)> Groups, string? Next);
