using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Discourse;

/// <summary>A post of somebody's, from either list. Both name it by its topic and its number there.</summary>
internal sealed partial record ForumPost(long Topic, long Number, DateTimeOffset Created)
{
    private const int NewTopic = 4;
    private const int RegularPost = 1;
    private const long MaxTopic = 10_000_000_000;
    private const long MaxNumber = 10_000_000;

    public string? Title { get; private init; }
    public string? Slug { get; private init; }
    public string? Text { get; private init; }

    /// <summary>It begins a topic.</summary>
    public bool IsTopic { get; private init; }

    /// <summary>It was accepted as a solution.</summary>
    public bool IsSolution { get; private init; }

    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Topic}/{Number}");

    /// <summary>Null for rows that are damaged.</summary>
    public static ForumPost? OfSolution(JsonElement row) => Of(row, row.Text("topic_title") ?? row.Text("title"), row.Text("cooked") ?? row.Text("excerpt")) is { } post ? post with { IsSolution = true } : null;

    /// <summary>Null for rows that are damaged, and for what is no post that people can see.</summary>
    public static ForumPost? OfAction(JsonElement row)
    {
        var isRegular = row.Integer("post_type") is null or RegularPost && row.Text("action_code") is null;
        return isRegular && row.Flag("deleted") != true && row.Flag("hidden") != true && Of(row, row.Text("title"), row.Text("excerpt")) is { } post
            ? post with { IsTopic = row.Integer("action_type") == NewTopic || post.Number == 1 }
            : null;
    }

    public Draft ToDraft(ForumAccount account, Container forum) => new()
    {
        NativeId = Key,
        Kind = Kind.ForumAnswer,
        Title = Title,
        Url = account.Post(Slug, Topic, Number),
        Summary = Text,
        When = Created,
        Author = account.Name,
        Container = forum,
        Metrics = DraftMetrics.Of(("accepted", IsSolution ? 1 : null)),
    };

    private static ForumPost? Of(JsonElement row, string? title, string? html) =>
        row.Integer("topic_id") is > 0 and < MaxTopic and var topic && row.Integer("post_number") is > 0 and < MaxNumber and var number && IsoTimestamp.Parse(row.Text("created_at")) is { IsDay: false } created
            ? new ForumPost(topic, number, created.Time)
            {
                Title = title,
                Slug = row.Text("slug") is { } slug && SlugText().IsMatch(slug) ? slug : null,
                Text = html is null ? null : PlainText.FromHtml(html, Normaliser.SummaryLength),
            }
            : null;

    [GeneratedRegex(@"^[A-Za-z0-9\-]{1,255}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SlugText();
}
