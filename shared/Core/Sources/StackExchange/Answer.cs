using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>An answer (https://api.stackexchange.com/docs/types/answer).</summary>
/// <param name="Created">Unix seconds.</param>
internal sealed record Answer(long Id, long Created)
{
    public long? Question { get; private init; }
    public string? Title { get; private init; }
    public string? Link { get; private init; }
    public IReadOnlyList<string> Tags { get; private init; } = [];
    public long? Score { get; private init; }
    public bool? IsAccepted { get; private init; }
    public long? OwnerId { get; private init; }
    public string? Owner { get; private init; }

    /// <summary>The owner's account in the network.</summary>
    public long? Network { get; private init; }

    public string Key => Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Null without an id or a date.</summary>
    public static Answer? Of(JsonElement item) =>
        item.Integer("answer_id") is > 0 and var id && item.Integer("creation_date") is > 0 and < 253_402_300_800 and var created
            ? new Answer(id, created)
            {
                Question = item.Integer("question_id"),
                Title = item.Html("title"),
                Link = item.Html("link"),
                Tags = item.Strings("tags"),
                Score = item.Integer("score"),
                IsAccepted = item.Flag("is_accepted"),
                OwnerId = item.Integer("owner", "user_id"),
                Owner = item.Html("owner", "display_name"),
                Network = item.Integer("owner", "account_id"),
            }
            : null;

    /// <summary>Of everything that a draft has.</summary>
    public string Hash()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Created}\0{Title}\0{Link}\0{Score}\0{IsAccepted}\0{Owner}\0{string.Join(' ', Tags)}");
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }

    /// <param name="container">The site.</param>
    public Draft ToDraft(string host, Container container) => new()
    {
        NativeId = Key,
        Kind = Kind.ForumAnswer,
        Title = Title ?? (Question is { } question ? string.Create(CultureInfo.InvariantCulture, $"Answer to question {question}") : null),
        Url = Link is { } link && Uri.TryCreate(link, UriKind.Absolute, out var address) && address.Host == host ? link : $"https://{host}/a/{Key}",
        When = DateTimeOffset.FromUnixTimeSeconds(Created),
        Author = Owner,
        Container = container,
        Topics = Tags,
        Metrics = DraftMetrics.Of(("score", Score), ("accepted", Accepted())),
    };

    private double? Accepted()
    {
        if (IsAccepted is not { } known)
            return null;
        return known ? 1 : 0;
    }
}
