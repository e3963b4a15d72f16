using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources.Events;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>
/// The page of an event: JSON-LD, which alone says that it was cancelled, and the data that the page was made of, which knows its chapter and people. If both do not
/// agree on title and date the page is not of one event.
/// </summary>
/// <param name="Event">Null if the page does not describe an event, or describes two.</param>
/// <param name="Chapter">The slug of the chapter it belongs to; null if the page does not say.</param>
internal sealed record EventPage(ListedEvent? Event, string? Chapter)
{
    private const int MaxPeople = 200;

    /// <summary>Lists of people in the data of an event (Bevy API, Event).</summary>
    private static readonly string[] Lists = ["speakers", "panelists", "hosts", "moderators", "facilitators", "mentors", "judges"];

    public static EventPage Of(Fetched answer, IReadOnlyList<Uri> sites)
    {
        var tags = PageTags.Read(answer.Body, answer.Header("Content-Type"), answer.Address);
        var data = tags.NextData is { } script && LenientJson.ParseScript(script) is { } found ? found.At("props", "pageProps", "eventData") : default;
        var described = JsonLdEntity.Of(tags.LinkedData).Where(entity => entity.Kind == PageKind.Event).Take(2).ToList();
        var entity = described.Count == 1 ? described[0] : null;
        var title = data.Text("title") is { } text ? PlainText.FromHtml(text, 500) : entity?.Title;
        var start = entity?.Start ?? PageMetadata.DateOf(data.Text("start_date_iso") ?? data.Text("start_date"));
        var chapter = (data.Text("chapter_slug") ?? data.Text("chapter", "slug"))?.ToLowerInvariant();
        if (start is null || ChapterAddress.EventSlug(answer.Address, sites) is not { } slug || (entity is not null && !Agree(entity, data, title)))
            return new EventPage(null, chapter);
        return new EventPage(
            new ListedEvent([slug], start.Value.Instant)
            {
                IsDay = start.Value.IsDay,
                End = (entity?.End ?? PageMetadata.DateOf(data.Text("end_date_iso") ?? data.Text("end_date")))?.Instant,
                Title = title,
                Summary = data.Text("description_short") is { } summary ? PlainText.FromHtml(summary, 1_500) : entity?.Summary,
                Url = ChapterAddress.WithoutCohost(answer.Address),
                IsCancelled = entity?.IsCancelled == true || data.Text("status") is "Canceled" or "Cancelled",
                Topics = Topics(data),
                People = [.. PeopleOf(data).Concat(entity is null ? [] : PerformersOf(entity)).Take(MaxPeople)],
            },
            chapter);
    }

    private static bool Agree(JsonLdEntity entity, JsonElement data, string? title)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return true;
        var start = PageMetadata.DateOf(data.Text("start_date_iso"));
        return (entity.Title is null || title is null || Letters(entity.Title) == Letters(title))
            && (entity.Start is null || start is null || entity.Start.Value.IsDay || start.Value.IsDay || entity.Start.Value.Instant == start.Value.Instant);
    }

    private static string Letters(string text) => string.Concat(text.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));

    private static IReadOnlyList<string> Topics(JsonElement data) =>
        [.. data.List("tags").Select(tag => tag.Text() ?? tag.Text("name") ?? tag.Text("title")).OfType<string>().Take(30)];

    private static IEnumerable<EventPerson> PeopleOf(JsonElement data) =>
        from list in Lists
        from person in data.List(list).Take(MaxPeople)
        let user = person.Has("user") ? person.At("user") : person
        let full = person.Text("full_name") ?? user.Text("full_name") ?? person.Text("name") ?? $"{person.Text("first_name")} {person.Text("last_name")}".Trim()
        where full.Any(char.IsLetter)
        select new EventPerson(full, list, Handles(person, user));

    private static IReadOnlyList<string> Handles(JsonElement person, JsonElement user) =>
        [.. new[] { person.Text("personal_twitter"), person.Text("personal_linkedin_page"), user.Text("twitter"), user.Text("username") }.OfType<string>()];

    private static IEnumerable<EventPerson> PerformersOf(JsonLdEntity entity) =>
        entity.Node.OneOrMany("performer").Select(one => one.Text() ?? one.Text("name")).OfType<string>().Select(name => new EventPerson(name, "speakers", []));
}
