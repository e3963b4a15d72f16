using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>A show at Apple Podcasts.</summary>
/// <param name="Store">The country of the store in its address; null if it has none.</param>
internal sealed record AppleShow(string Id, string? Store);

/// <summary>The feed of a show at Apple Podcasts, by Apple's lookup (iTunes Search API, "lookup by id").</summary>
internal sealed class ApplePodcasts(Fetcher fetcher, Uri lookup)
{
    private const int MaxBytes = 1024 * 1024;

    public static readonly Uri Lookup = new("https://itunes.apple.com/lookup");

    private static readonly string[] Hosts = ["podcasts.apple.com", "itunes.apple.com", "geo.itunes.apple.com"];

    /// <summary>Of <c>https://podcasts.apple.com/se/podcast/a-name/id1234567890?i=…</c>; null for other addresses.</summary>
    public static AppleShow? IdOf(string typed)
    {
        if (AddressOf(typed) is not { } address || !Hosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase))
            return null;
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var id = parts.LastOrDefault(part => part.Length is > 2 and <= 22 && part.StartsWith("id", StringComparison.Ordinal) && part.Skip(2).All(char.IsAsciiDigit));
        var store = parts.FirstOrDefault() is { Length: 2 } country && country.All(char.IsAsciiLetter) ? country.ToLowerInvariant() : null;
        return id is null ? null : new AppleShow(id[2..], store);
    }

    public static bool IsSpotify(string typed) =>
        AddressOf(typed)?.Host is { } host && (host.Equals("open.spotify.com", StringComparison.OrdinalIgnoreCase) || host.Equals("podcasters.spotify.com", StringComparison.OrdinalIgnoreCase));

    /// <summary>The address of the show's feed. Stores know the shows of their country only, so the one in the address is asked too.</summary>
    public async Task<string> FeedAsync(AppleShow show, CancellationToken cancel)
    {
        var found = await FindAsync(show.Id, null, cancel);
        if (found.ValueKind == JsonValueKind.Undefined && show.Store is not null)
            found = await FindAsync(show.Id, show.Store, cancel);
        if (found.ValueKind == JsonValueKind.Undefined)
            throw SourceException.Terminal("noPodcast", "Apple Podcasts knows no podcast of this address. Open the podcast there and copy its address, or give that of its feed.");
        if (found.Text("feedUrl") is { } feed && HttpAddress.IsHttp(feed))
            return feed;
        var name = found.Text("collectionName") is { } title && PlainText.Fold(title, 120) is { } known ? $"“{known}”" : "this podcast";
        throw SourceException.Terminal("noFeed", $"Apple Podcasts does not say where the feed of {name} is; it may be for subscribers only. Look for a link named RSS on its own site, and give its address.");
    }

    private static Uri? AddressOf(string typed) =>
        Uri.TryCreate(typed.Contains("://", StringComparison.Ordinal) ? typed : "https://" + typed, UriKind.Absolute, out var address) && HttpAddress.IsHttp(address) ? address : null;

    /// <returns>Undefined if there is no such podcast.</returns>
    private async Task<JsonElement> FindAsync(string id, string? store, CancellationToken cancel)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{lookup.AbsoluteUri}?id={id}{(store is null ? "" : $"&country={store}")}");
        var answer = await fetcher.SendAsync(new FetchRequest(new Uri(query)) { Accept = "application/json, text/javascript;q=0.9, */*;q=0.1", MaximumBytes = MaxBytes }, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            throw SourceException.Of(answer);
        if (LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Object } found || !found.Has("results"))
            throw SourceException.Transient("badAnswer", $"{answer.Address.Host} answered with something else than a list of podcasts. Try again later, or give the address of the podcast's feed.");
        return found.List("results").FirstOrDefault(one => one.Has("feedUrl") || one.Text("kind") == "podcast");
    }
}
