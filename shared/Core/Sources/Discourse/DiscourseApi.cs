using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Discourse;

/// <summary>Somebody in a forum.</summary>
/// <param name="Name">As the forum takes it, in any case.</param>
internal sealed record ForumAccount(Uri Forum, string Name)
{
    private string Root => Forum.AbsoluteUri.TrimEnd('/');

    private string Escaped => Uri.EscapeDataString(Name);

    public string Origin => $"{Root}/u/{Name}";

    public string Page => $"{Root}/u/{Escaped}";

    /// <summary>Topics and replies.</summary>
    public Uri Actions => new($"{Root}/user_actions.json?username={Escaped}&filter=4,5");

    public static ForumAccount? OfOrigin(string origin) =>
        origin.LastIndexOf("/u/", StringComparison.Ordinal) is > 0 and var at && Uri.TryCreate(origin[..at], UriKind.Absolute, out var forum) ? new(forum, origin[(at + 3)..]) : null;

    public Uri User => new($"{Root}/u/{Escaped}.json");

    /// <param name="filter">Types of action: 4 a topic, 5 a reply.</param>
    public Uri ActionsFrom(string filter, int offset) => new(string.Create(CultureInfo.InvariantCulture, $"{Root}/user_actions.json?username={Escaped}&filter={filter}&offset={offset}"));

    public Uri SolutionsFrom(int offset) => new(string.Create(CultureInfo.InvariantCulture, $"{Root}/solution/by_user.json?username={Escaped}&offset={offset}&limit={DiscourseApi.PageSize}"));

    /// <summary>The page of a post. The words in it are for people; the numbers lead there.</summary>
    public string Post(string? slug, long topic, long number) => string.Create(CultureInfo.InvariantCulture, $"{Root}/t/{slug ?? "-"}/{topic}/{number}");
}

/// <summary>A forum's public JSON (https://docs.discourse.org; of the solved plugin: plugins/discourse-solved in Discourse's repository). No key.</summary>
internal sealed class DiscourseApi(Fetcher fetcher)
{
    public const int PageSize = 30;

    /// <summary>Rows that are read of a page, whatever it holds.</summary>
    private const int MaxRows = 100;

    private const int LongestName = 200;
    private const int LongestETag = 200;
    private const int MaxBytes = 4 * 1024 * 1024;

    public async Task<Fetched> UserAsync(ForumAccount account, CancellationToken cancel) => await GetAsync(account.User, null, cancel);

    /// <summary>The forum's name; null if it is no forum, or does not say.</summary>
    public async Task<string?> ForumAsync(Uri forum, CancellationToken cancel)
    {
        var answer = await GetAsync(new Uri($"{forum.AbsoluteUri.TrimEnd('/')}/site/basic-info.json"), null, cancel);
        return answer.Outcome == FetchOutcome.Content && LenientJson.Parse(answer.Body) is { ValueKind: JsonValueKind.Object } info ? Normaliser.Text(info.Text("title"), LongestName) : null;
    }

    /// <summary>Solutions, the last accepted first.</summary>
    /// <param name="isOptional">A forum without solutions, or a hidden profile, has no rows.</param>
    /// <returns>Null if nothing changed.</returns>
    public async Task<ForumPage?> SolutionsAsync(ForumAccount account, int offset, string? etag, bool isOptional, CancellationToken cancel)
    {
        var answer = await GetAsync(account.SolutionsFrom(offset), etag, cancel);
        return isOptional && answer.Outcome is (FetchOutcome.Missing or FetchOutcome.Gone) ? new ForumPage([], null, null) : PageOf(answer, "user_solved_posts", account);
    }

    /// <inheritdoc cref="ForumAccount.ActionsFrom"/>
    /// <returns>The newest first; null if nothing changed.</returns>
    public async Task<ForumPage?> ActionsAsync(ForumAccount account, string filter, int offset, string? etag, CancellationToken cancel) =>
        PageOf(await GetAsync(account.ActionsFrom(filter, offset), etag, cancel), "user_actions", account);

    public static SourceException Failure(Fetched answer, ForumAccount account) => SourceException.Of(
        answer,
        gone: "If the forum lives on elsewhere, connect your profile there.",
        missing: $"The forum no longer shows the profile of {account.Name}: it was renamed, or hidden in its preferences, or the forum accepts no solutions.",
        denied: "The forum may be for members only; only what anybody can read without signing in can be connected. Log answers there by hand.");

    private static ForumPage? PageOf(Fetched answer, string list, ForumAccount account)
    {
        if (answer.Outcome == FetchOutcome.NotModified)
            return null;
        if (answer.Outcome != FetchOutcome.Content)
            throw Failure(answer, account);
        return LenientJson.Parse(answer.Body) is { ValueKind: JsonValueKind.Object } json && json.At(list).ValueKind == JsonValueKind.Array
            ? new ForumPage([.. json.List(list).Take(MaxRows)], answer.Header("ETag") is { Length: <= LongestETag } tag ? tag : null, RawResponse.Of(answer))
            : throw SourceException.Transient("unreadable", $"{account.Forum.Host} answered with something that Discourse does not return. It is tried again automatically.");
    }

    private async Task<Fetched> GetAsync(Uri address, string? etag, CancellationToken cancel) =>
        await fetcher.SendAsync(new FetchRequest(address) { Accept = "application/json", ETag = etag, MaximumBytes = MaxBytes }, cancel);
}

/// <summary>A part of a list.</summary>
internal sealed record ForumPage(IReadOnlyList<JsonElement> Rows, string? ETag, RawResponse? Raw);
