using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources.Events;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>
/// The people on the page of an event: <c>user-chip</c> elements below headings such as Hosts and Speakers. Their data is JSON in an attribute, and in older
/// versions of the site attributes of their own. The agenda heads the speakers of a session the same way.
/// </summary>
internal static class EventPeople
{
    private const int MaxPeople = 300;
    private const int LongestHeading = 40;

    private static readonly Dictionary<string, string> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Speakers"] = "speakers", ["Featured speakers"] = "speakers", ["Hosts"] = "hosts", ["Organizers"] = "organizers", ["Sponsors"] = "sponsors", ["Agenda"] = "speakers",
    };

    /// <summary>Roles of people below none of these headings are unknown, so they are left out.</summary>
    public static IReadOnlyList<EventPerson> Of(Fetched page)
    {
        var (people, role) = (new List<EventPerson>(), default(string));
        HtmlTags.Read(
            PageTags.Decode(page.Body, page.Header("Content-Type")),
            (tag, _) =>
            {
                if (tag.Name == "user-chip" && role is not null && people.Count < MaxPeople && Person(tag.Value("user"), tag.Value("name"), tag.Value("username"), role) is { } person)
                    people.Add(person);
            },
            text => role = text.AsSpan().Trim() is { Length: > 0 and <= LongestHeading } heading && Roles.TryGetValue(heading.ToString(), out var known) ? known : role);
        return people;
    }

    private static EventPerson? Person(string? json, string? name, string? username, string role)
    {
        if (json is not null && LenientJson.ParseScript(json) is { ValueKind: JsonValueKind.Object } user)
            (name, username) = (user.Text("name") ?? name, user.Text("username") ?? username);
        return name is null && username is null ? null : new EventPerson(name, role, username is null ? [] : [username]);
    }
}
