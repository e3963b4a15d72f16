using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources.Events;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>The page of a chapter: its name, and the next of its coming events, by the data that the page was made of (<c>__NEXT_DATA__</c>).</summary>
/// <param name="Events">Without what only their own pages say.</param>
internal sealed record ChapterPage(string? Title, IReadOnlyList<ListedEvent> Events)
{
    private const int MaxEvents = 100;

    /// <summary>What matters of it: the rest of a page differs with each answer.</summary>
    public string Hash
    {
        get
        {
            var content = string.Join('\n', Events.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Names[0]} {one.Start:O} {one.Title}")));
            return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 18));
        }
    }

    /// <returns>Null if it is not the page of a chapter.</returns>
    public static ChapterPage? Of(Fetched answer, IReadOnlyList<Uri> sites)
    {
        if (answer.Outcome != FetchOutcome.Content || !PageReader.IsPage(answer))
            return null;
        var tags = PageTags.Read(answer.Body, answer.Header("Content-Type"), answer.Address);
        if (tags.NextData is not { } script || LenientJson.ParseScript(script) is not { } data)
            return null;
        var props = data.At("props", "pageProps");
        var chapter = props.At("chapterData");
        if (chapter.ValueKind != JsonValueKind.Object)
            return null;
        var coming = (props.Has("prerenderData") ? props : chapter).List("prerenderData", "upcomingEvents", "results");
        var events = coming.Take(MaxEvents).Select(one => Event(one, tags, sites)).OfType<ListedEvent>().DistinctBy(one => one.Names[0], StringComparer.Ordinal).ToList();
        var title = chapter.Text("title") ?? chapter.Text("name");
        return new ChapterPage(title is null ? null : PlainText.Fold(title, 300), events);
    }

    private static ListedEvent? Event(JsonElement one, PageTags tags, IReadOnlyList<Uri> sites)
    {
        if (tags.Absolute(one.Text("url") ?? one.Text("static_url")) is not { } url || PageMetadata.DateOf(one.Text("start_date_iso") ?? one.Text("start_date")) is not { } start)
            return null;
        return ChapterAddress.EventSlug(new Uri(url), sites) is { } slug
            ? new ListedEvent([slug], start.Instant)
            {
                IsDay = start.IsDay,
                End = PageMetadata.DateOf(one.Text("end_date_iso") ?? one.Text("end_date"))?.Instant,
                Title = one.Text("title") is { } title ? PlainText.FromHtml(title, 500) : null,
                Url = ChapterAddress.WithoutCohost(new Uri(url)),
            }
            : null;
    }
}
