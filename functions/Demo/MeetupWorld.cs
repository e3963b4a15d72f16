using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;

namespace ContributionIngest.Functions.Demo;

/// <summary>The group whose evenings the person organises, below the site's own addresses: its page, its public calendar, its events, and the API.</summary>
internal sealed class MeetupWorld
{
    private const string Api = "/gql-ext";

    private readonly World world;
    private readonly MeetupGroup group;
    private readonly MeetupDocuments documents;

    private MeetupWorld(World world)
    {
        this.world = world;
        group = World.Read("meetup", MeetupWorldJson.Default.MeetupGroup);
        documents = new MeetupDocuments(group, world.Person.Zone);
    }

    public static WorldProvider Of(World world)
    {
        var meetup = new MeetupWorld(world);
        return new WorldProvider(
            meetup.group.Site,
            "meetup",
            root => new Uri(root, meetup.group.Urlname + "/").AbsoluteUri,
            meetup.group.About,
            new Dictionary<string, string>(StringComparer.Ordinal),
            root => new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["MeetupSite"] = root.AbsoluteUri.TrimEnd('/'),
                ["MeetupApi"] = new Uri(root, Api[1..]).AbsoluteUri,
                ["MeetupToken"] = MeetupGraph.Token,
            },
            meetup.Answer);
    }

    private async Task Answer(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value ?? "");
        var now = TimeProvider.System.GetUtcNow();
        var evenings = group.Evenings.Select(e => new DatedEvening(e, world.When(e.Ago, e.At))).OrderBy(e => e.Start).ToList();
        var root = new Uri($"{request.Scheme}://{request.Host}{request.PathBase}/");
        if (path == Api)
        {
            var (status, body) = await new MeetupGraph(group, evenings, world.Person.Zone, root, now).Answer(request, context.RequestAborted);
            await Send(context, status, "application/json;charset=utf-8", body);
            return;
        }

        var parts = path.Trim('/').Split('/');
        var isGroup = HttpMethods.IsGet(request.Method) && parts[0].Equals(group.Urlname, StringComparison.OrdinalIgnoreCase);
        var evening = isGroup && parts is [_, "events", var id] ? evenings.Find(e => e.Evening.Id == id) : null;
        await ((isGroup, parts) switch
        {
            (true, [_, "events", "ical"]) => Send(context, 200, "text/calendar; charset=utf-8", documents.Calendar(evenings.Where(e => e.Start > now).Take(10), root)),
            (true, [_] or [_, "events"]) => Send(context, 200, "text/html; charset=utf-8", documents.Page(evenings, root)),
            (true, _) when evening is not null => Send(context, 200, "text/html; charset=utf-8", documents.Page(evening, root)),
            _ => Send(context, 404, "text/html; charset=utf-8", Encoding.UTF8.GetBytes("<!doctype html><title>Page not found</title><p>This page does not exist.</p>")),
        });
    }

    private static async Task Send(HttpContext context, int status, string type, byte[] body)
    {
        var response = context.Response;
        response.StatusCode = status;
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8))}\"";
        if (status == 200 && HttpMethods.IsGet(context.Request.Method))
        {
            response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch == new StringValues(tag))
            {
                response.StatusCode = 304;
                return;
            }
        }

        response.ContentType = type;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }
}

/// <summary>The group (<c>World/meetup.json</c>).</summary>
/// <param name="Site">The invented host; on loopback it is the first part of the path.</param>
/// <param name="About">What is there, for people who watch.</param>
internal sealed record MeetupGroup(string Site, string Urlname, string Name, string About, IReadOnlyList<string> Topics, IReadOnlyList<MeetupEvening> Evenings);

/// <param name="Ago">Days before today; negative: to come.</param>
/// <param name="Rsvps">How many said they would come.</param>
internal sealed record MeetupEvening(string Id, int Ago, string At, string Title, string Text, int Rsvps, bool Cancelled = false);

internal sealed record DatedEvening(MeetupEvening Evening, DateTimeOffset Start)
{
    public DateTimeOffset End => Start.AddHours(2.5);

    public string Address(MeetupGroup group, Uri root) => new Uri(root, $"{group.Urlname}/events/{Evening.Id}/").AbsoluteUri;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(MeetupGroup))]
internal sealed partial class MeetupWorldJson : JsonSerializerContext;
