using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest.Pushes;

[JsonConverter(typeof(EnumTextConverter<SubscriptionState>))]
public enum SubscriptionState
{
    /// <summary>Asked for, or to be asked for; the hub has not verified it.</summary>
    Pending,
    Verified,

    /// <summary>The hub said that it will not deliver; it is asked again, rarely.</summary>
    Denied,

    /// <summary>No connection follows it any more; the hub is asked to end it.</summary>
    Ending,
}

/// <summary>
/// A WebSub subscription, one for everybody whose place named this hub for this topic. The hub is part of what it is: a place that names
/// a hub of its own for somebody else's topic must not speak to the other followers of that topic.
/// </summary>
public sealed record Subscription
{
    public required PushOffer Offer { get; init; }

    /// <summary>Last part of the callback's address; nobody can guess it.</summary>
    public required string Callback { get; init; }

    /// <summary>
    /// What the hub signs with. It leaves only towards the hub: never into a log, an answer or an export, and into the store only sealed. Null
    /// when the key it was sealed with is lost: then nothing is trusted until the hub is asked again, with a new one.
    /// </summary>
    public string? Secret { get; init; }

    public SubscriptionState State { get; init; }

    /// <summary>Until when the hub delivers, by its last verification.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>How often the hub was asked since it last verified.</summary>
    public int Attempts { get; init; }

    /// <summary>When the hub is asked next.</summary>
    public required DateTimeOffset NextTry { get; init; }

    /// <summary>Why it does not deliver, as the hub or the network says.</summary>
    public string? Problem { get; init; }

    /// <summary>The last signed delivery, to the hour; null: the hub has proven nothing yet.</summary>
    public DateTimeOffset? LastPush { get; init; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{State} subscription to {Offer.Topic} at {Offer.Hub}";
}

/// <summary>A connection that is to hear of what a topic brings.</summary>
public sealed record Follower(string Person, string Connection, DateTimeOffset Since);
