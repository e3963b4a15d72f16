using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ContributionIngest.Functions.Demo;

/// <summary>The GraphQL of a Meetup of one group: <c>groupByUrlname</c> and its events, paged by cursor; what the real one refuses is refused alike.</summary>
internal sealed class MeetupGraph(MeetupGroup group, IReadOnlyList<DatedEvening> evenings, string zone, Uri root, DateTimeOffset now)
{
    public const string Token = "a-token-of-the-demo";

    private const int MostPerPage = 500;

    public async Task<(int Status, byte[] Body)> Answer(HttpRequest request, CancellationToken cancel)
    {
        if (!HttpMethods.IsPost(request.Method))
            return (405, Error("GET supports only query operation", "METHOD_NOT_ALLOWED"));
        if (request.Headers.Authorization != "Bearer " + Token)
            return (401, Error("Not authenticated", "UNAUTHENTICATED"));
        try
        {
            using var asked = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancel);
            return Answer(asked.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return (400, Error("The body is no GraphQL request.", "BAD_REQUEST"));
        }
    }

    private (int Status, byte[] Body) Answer(JsonElement asked)
    {
        if (asked.GetProperty("query").GetString()?.Contains("groupByUrlname", StringComparison.Ordinal) != true)
            return (400, Error("Cannot query this field on type \"Query\".", "GRAPHQL_VALIDATION_FAILED"));
        var variables = asked.GetProperty("variables");
        if (!string.Equals(variables.GetProperty("urlname").GetString(), group.Urlname, StringComparison.OrdinalIgnoreCase))
            return (200, """{"data":{"groupByUrlname":null}}"""u8.ToArray());
        var found = Filtered(variables);
        var first = Math.Clamp(variables.TryGetProperty("first", out var size) ? size.GetInt32() : 20, 1, MostPerPage);
        var start = 0;
        if (variables.TryGetProperty("after", out var after) && after.GetString() is { } cursor)
        {
            start = found.FindIndex(one => CursorOf(one) == cursor) + 1;
            if (start == 0)
                return (400, Error("The cursor is not valid.", "BAD_USER_INPUT"));
        }

        return (200, Page(found.Skip(start).Take(first).ToList(), start + first < found.Count, found.Count));
    }

    /// <summary>Without a status only what is to come is shown.</summary>
    private List<DatedEvening> Filtered(JsonElement variables)
    {
        HashSet<string> statuses = ["ACTIVE"];
        DateTimeOffset? from = null;
        if (variables.TryGetProperty("filter", out var filter) && filter.ValueKind == JsonValueKind.Object)
        {
            if (filter.TryGetProperty("status", out var status))
                statuses = [.. status.EnumerateArray().Select(one => one.GetString()!)];
            if (filter.TryGetProperty("afterDateTime", out var time))
                from = time.GetDateTimeOffset();
        }

        return [.. evenings.Where(one => statuses.Contains(StatusOf(one)) && (from is null || one.Start > from))];
    }

    private byte[] Page(IReadOnlyList<DatedEvening> page, bool hasNext, int total)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("data");
            json.WriteStartObject("groupByUrlname");
            json.WriteString("name", group.Name);
            json.WriteString("urlname", group.Urlname);
            json.WriteString("timezone", zone);
            json.WriteStartArray("activeTopics");
            foreach (var topic in group.Topics)
            {
                json.WriteStartObject();
                json.WriteString("name", topic);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("events");
            json.WriteNumber("totalCount", total);
            json.WriteStartObject("pageInfo");
            json.WriteBoolean("hasNextPage", hasNext);
            json.WriteString("endCursor", page.Count == 0 ? null : CursorOf(page[^1]));
            json.WriteEndObject();
            json.WriteStartArray("edges");
            foreach (var one in page)
                Edge(json, one);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private void Edge(Utf8JsonWriter json, DatedEvening one)
    {
        json.WriteStartObject();
        json.WriteStartObject("node");
        json.WriteString("id", one.Evening.Id);
        json.WriteString("token", one.Evening.Id);
        json.WriteString("title", one.Evening.Title);
        json.WriteString("description", one.Evening.Text);
        json.WriteString("dateTime", one.Start.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
        json.WriteString("endTime", one.End.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
        json.WriteString("duration", "PT2H30M");
        json.WriteString("eventUrl", one.Address(group, root));
        json.WriteString("status", StatusOf(one));
        json.WriteStartObject("rsvps");
        json.WriteNumber("yesCount", one.Evening.Rsvps);
        json.WriteEndObject();
        json.WriteNull("topics");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private string StatusOf(DatedEvening one) => one.Evening.Cancelled ? "CANCELLED" : one.Start > now ? "ACTIVE" : "PAST";

    private static string CursorOf(DatedEvening one) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{one.Evening.Id}:{one.Start.ToUnixTimeMilliseconds()}")));

    private static byte[] Error(string message, string code)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("errors");
            json.WriteStartObject();
            json.WriteString("message", message);
            json.WriteStartObject("extensions");
            json.WriteString("code", code);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
