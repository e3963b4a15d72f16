using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Push;

/// <summary>What a hub's request to the callback means.</summary>
public enum WebSubAnswer
{
    /// <summary>Not what was asked for: answer 404.</summary>
    Refused,

    /// <summary>Answer 200 with the challenge and nothing else, as text/plain.</summary>
    Confirmed,

    /// <summary>The hub will not deliver, for <see cref="WebSubVerification.Reason"/>; anybody can send this, so it is only noted. Answer 200.</summary>
    Denied,
}

/// <param name="Lease">How long the hub will deliver, from now; null when it does not say.</param>
public sealed record WebSubVerification(WebSubAnswer Answer, string? Challenge = null, TimeSpan? Lease = null, string? Reason = null);

/// <summary>The subscriber's side of WebSub (W3C Recommendation, 23 January 2018), without memory.</summary>
public static class WebSub
{
    private const int LongestSecret = 199;
    private const int LongestChallenge = 4_000;

    /// <param name="secret">At most 199 bytes; the hub signs what it delivers with it.</param>
    /// <param name="lease">The wish; the hub decides. Null leaves it to the hub.</param>
    public static FetchRequest Subscribe(string hub, string topic, string callback, string secret, TimeSpan? lease = null) =>
        Ask(hub, "subscribe", topic, callback, secret, lease);

    public static FetchRequest Unsubscribe(string hub, string topic, string callback) => Ask(hub, "unsubscribe", topic, callback, null, null);

    /// <summary>
    /// Checks a hub's GET to the callback (5.3). The callback's own path says which subscription is meant.
    /// </summary>
    /// <param name="query">Its query parameters, decoded.</param>
    /// <param name="mode">What was asked of the hub and is awaited, <c>subscribe</c> or <c>unsubscribe</c>; null when nothing is.</param>
    /// <param name="topics">The topic as subscribed, and other spellings the hub is known to use for it.</param>
    public static WebSubVerification Verify(IReadOnlyDictionary<string, string> query, string? mode, params ReadOnlySpan<string> topics)
    {
        var asked = query.GetValueOrDefault("hub.mode");
        if (!topics.Contains(query.GetValueOrDefault("hub.topic") ?? ""))
            return new(WebSubAnswer.Refused);
        if (asked == "denied")
            return new(WebSubAnswer.Denied, Reason: query.GetValueOrDefault("hub.reason"));
        var challenge = query.GetValueOrDefault("hub.challenge");
        if (asked is not ("subscribe" or "unsubscribe") || asked != mode || challenge is not { Length: > 0 and <= LongestChallenge })
            return new(WebSubAnswer.Refused);
        var lease = long.TryParse(query.GetValueOrDefault("hub.lease_seconds"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= int.MaxValue
            ? TimeSpan.FromSeconds(seconds)
            : default(TimeSpan?);
        return new(WebSubAnswer.Confirmed, challenge, lease);
    }

    /// <summary>Whether the body was signed with the secret: <c>X-Hub-Signature: method=hex</c> (7.1). What is not signed is not trusted.</summary>
    public static bool IsSigned(string? signature, DeliveredBody body, string secret)
    {
        var equals = signature?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        if (equals < 0)
            return false;
        HashAlgorithmName? method = signature.AsSpan(0, equals).Trim().ToString().ToLowerInvariant() switch
        {
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            "sha384" => HashAlgorithmName.SHA384,
            "sha512" => HashAlgorithmName.SHA512,
            _ => null,
        };
        return method is { } name && body.IsSigned(name, Encoding.UTF8.GetBytes(secret), signature.AsSpan(equals + 1).Trim());
    }

    private static FetchRequest Ask(string hub, string mode, string topic, string callback, string? secret, TimeSpan? lease)
    {
        if (secret is not null && Encoding.UTF8.GetByteCount(secret) > LongestSecret)
            throw new ArgumentException($"A secret has at most {LongestSecret} bytes.", nameof(secret));
        var form = new StringBuilder();
        Add("hub.mode", mode);
        Add("hub.topic", topic);
        Add("hub.callback", callback);
        Add("hub.secret", secret);
        Add("hub.lease_seconds", lease is { } time ? ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null);

        // Hubs that speak the protocol's version 0.3 ask for it; the others ignore what they do not know.
        Add("hub.verify", "async");
        return new FetchRequest(Uri.TryCreate(hub, UriKind.RelativeOrAbsolute, out var address) ? address : throw new SourceException(
            Failure.Terminal, "refusedAddress", "The address of the hub is not a web address."))
        {
            Method = "POST",
            Body = Encoding.ASCII.GetBytes(form.ToString()),
            BodyType = "application/x-www-form-urlencoded",
        };

        void Add(string name, string? value)
        {
            if (value is not null)
                form.Append(form.Length == 0 ? "" : "&").Append(name).Append('=').Append(WebUtility.UrlEncode(value));
        }
    }
}

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
