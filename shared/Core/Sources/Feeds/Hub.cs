using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>What a hub said to a request. A request it took is nothing yet: only its verification counts.</summary>
/// <param name="Problem">One sentence, without secrets; null when it took the request.</param>
/// <param name="RetryAt">Not to be asked again before, where it says so.</param>
public sealed record HubAnswer(string? Problem = null, DateTimeOffset? RetryAt = null);

/// <summary>Asks WebSub hubs to begin and to end deliveries (5.1). A redirect with 307 or 308 repeats the request at its target.</summary>
public sealed class Hub(Fetcher fetcher)
{
    /// <summary>The wish; every hub decides for itself.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromDays(10);

    public Task<HubAnswer> SubscribeAsync(PushOffer offer, string callback, string secret, CancellationToken cancel) =>
        AskAsync(WebSub.Subscribe(Address(offer), offer.Topic, callback, secret, Lease), cancel);

    public Task<HubAnswer> UnsubscribeAsync(PushOffer offer, string callback, CancellationToken cancel) =>
        AskAsync(WebSub.Unsubscribe(Address(offer), offer.Topic, callback), cancel);

    private async Task<HubAnswer> AskAsync(FetchRequest request, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(request, cancel);
        return answer.Outcome == FetchOutcome.Content
            ? new HubAnswer()
            : new HubAnswer(answer.Problem ?? $"{answer.Address.Host} did not take the request.", answer.RetryAt);
    }

    /// <summary>The secret must not travel less safely than the feed does, and old blogs still name their hub by http.</summary>
    private static string Address(PushOffer offer) =>
        offer.Topic.StartsWith("https:", StringComparison.OrdinalIgnoreCase) && offer.Hub.StartsWith("http:", StringComparison.OrdinalIgnoreCase)
            ? "https:" + offer.Hub["http:".Length..]
            : offer.Hub;
}
