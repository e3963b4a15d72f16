using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Forem;

/// <summary>A profile of a community.</summary>
/// <param name="Name">Lower case.</param>
internal sealed record ForemAccount(Uri Site, string Name)
{
    private string Root => Site.AbsoluteUri.TrimEnd('/');

    public string Origin => $"{Root}/{Name}";

    public string Page => Origin;

    /// <summary>The community's name, which the API does not give.</summary>
    public string Community => Site.Host == "dev.to" ? "DEV" : Site.Host;

    public Uri Articles => new($"{Root}/api/articles?username={Name}");

    public Uri ArticlesPage(int page) => new(string.Create(CultureInfo.InvariantCulture, $"{Articles.AbsoluteUri}&per_page={ForemApi.PageSize}&page={page}"));

    public static ForemAccount? OfOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var address) && address.AbsolutePath.LastIndexOf('/') is >= 0 and var end && end + 1 < address.AbsolutePath.Length
            ? new(new Uri(origin[..origin.LastIndexOf('/')]), address.AbsolutePath[(end + 1)..])
            : null;
}

/// <summary>Forem API 1 (https://developers.forem.com/api/v1), the part that reading a profile's articles needs. No key.</summary>
internal sealed class ForemApi(Fetcher fetcher)
{
    public const int PageSize = 100;

    private const string Accept = "application/vnd.forem.api-v1+json";
    private const int MaxBytes = 6 * 1024 * 1024;

    public async Task<Fetched> UserAsync(Uri site, string name, CancellationToken cancel) => await fetcher.SendAsync(
        new FetchRequest(new Uri($"{site.AbsoluteUri.TrimEnd('/')}/api/users/by_username?url={Uri.EscapeDataString(name)}")) { Accept = Accept, MaximumBytes = MaxBytes }, cancel);

    /// <param name="etag">Of the last answer; null to read it anyway.</param>
    /// <returns>Null as items if nothing changed.</returns>
    public async Task<(IReadOnlyList<JsonElement>? Items, Fetched Answer)> ArticlesAsync(ForemAccount account, int page, string? etag, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(account.ArticlesPage(page)) { Accept = Accept, ETag = etag, MaximumBytes = MaxBytes }, cancel);
        if (answer.Outcome == FetchOutcome.NotModified)
            return (null, answer);
        if (answer.Outcome != FetchOutcome.Content)
            throw Failure(answer);
        return LenientJson.Parse(answer.Body) is { ValueKind: JsonValueKind.Array } list
            ? ([.. list.EnumerateArray().Take(PageSize)], answer)
            : throw SourceException.Transient("unreadable", $"{account.Site.Host} answered with something that is no list of articles. It is tried again automatically.");
    }

    public static SourceException Failure(Fetched answer) => SourceException.Of(
        answer,
        gone: "If the profile lives on elsewhere, connect its new address.",
        missing: "Check the name of the profile.",
        denied: "Only communities that anybody can read can be connected.");
}
