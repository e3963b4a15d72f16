using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Sessionize;

/// <summary>What a speaker publishes.</summary>
/// <param name="Titles">Of all talks, in the speaker's order.</param>
/// <param name="Undated">Events without a date.</param>
/// <param name="Skipped">Events without an id or a name.</param>
internal sealed record Speaker(string? Name, string? Page, IReadOnlyList<SpeakerEvent> Events, IReadOnlyList<string> Titles, int Undated, int Skipped)
{
    private const int MaxEvents = 2_000;
    private const int MaxTitles = 200;

    /// <summary>Null if it is not a speaker's data.</summary>
    public static Speaker? Read(ReadOnlySpan<byte> body)
    {
        if (LenientJson.Parse(body) is not { ValueKind: JsonValueKind.Object } json || (!json.Has("events") && !json.Has("speaker")))
            return null;
        var listed = json.List("events").Take(MaxEvents).ToList();
        var named = listed.Select(SpeakerEvent.Of).OfType<SpeakerEvent>().DistinctBy(one => one.Id, StringComparer.Ordinal).ToList();
        var dated = named.Where(one => one.Start is not null).ToList();
        string[] name = [.. new[] { json.Text("speaker", "firstName"), json.Text("speaker", "lastName") }.OfType<string>()];
        return new(
            name.Length == 0 ? null : string.Join(' ', name),
            HttpOrNull(json.Text("speaker", "speakerProfileUrl")),
            dated,
            [.. json.List("sessions").Take(MaxTitles).Select(session => session.Text("title")).OfType<string>()],
            named.Count - dated.Count,
            listed.Count - named.Count);
    }

    public static string? HttpOrNull(string? address) => HttpAddress.IsHttp(address) ? address : null;
}

/// <param name="Start">Its first day, at midnight UTC: the time has no zone.</param>
/// <param name="End">Its last day, if that is another one.</param>
internal sealed record SpeakerEvent(string Id, string Name, DateTimeOffset? Start, DateTimeOffset? End, string? Website)
{
    public static SpeakerEvent? Of(JsonElement item)
    {
        var id = item.Integer("id")?.ToString(CultureInfo.InvariantCulture) ?? item.Text("id");
        if (id is not { Length: <= 60 } || item.Text("name") is not { } name)
            return null;
        var (start, end) = (Day(item.Text("eventStartDate")), Day(item.Text("eventEndDate")));
        return new(id, name, start, end > start ? end : null, Speaker.HttpOrNull(item.Text("website")));
    }

    /// <param name="titles">Of the speaker's talks.</param>
    public Draft ToDraft(string? speaker, IReadOnlyList<string> titles, DateTimeOffset now) => new()
    {
        NativeId = Id,
        Kind = Kind.Talk,
        Role = Role.Speaker,
        Status = Start > now ? Status.Scheduled : Status.Published,
        IsSuggestion = true,
        Title = Name,
        TitleChoices = titles,
        Url = Website,
        When = Start,
        DatePrecision = DatePrecision.Day,
        EndsAt = End,
        Author = speaker,
        Container = new Container(Name, Website),
    };

    /// <summary>The event has been taken out before its day.</summary>
    public static Draft Withdrawn(string id, DateTimeOffset start) => new() { NativeId = id, Kind = Kind.Talk, Role = Role.Speaker, Status = Status.Removed, IsSuggestion = true, When = start, DatePrecision = DatePrecision.Day };

    private static DateTimeOffset? Day(string? text) =>
        IsoTimestamp.Parse(text) is { } time && time.Time.Year > 1970 ? new DateTimeOffset(time.Time.UtcDateTime.Date, TimeSpan.Zero) : null;
}
