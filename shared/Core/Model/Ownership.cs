using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Model;

/// <summary>How a place showed that it is the person's.</summary>
[JsonConverter(typeof(EnumTextConverter<OwnershipProof>))]
public enum OwnershipProof
{
    /// <summary>The token in a <c>meta</c> tag of the page.</summary>
    MetaTag,

    /// <summary>A <c>rel=me</c> link of the page.</summary>
    RelMe,

    /// <summary>The token in the text of the feed.</summary>
    FeedText,

    /// <summary>The account it belongs to gave access (OAuth).</summary>
    Account,
}

/// <summary>What a person publishes on a place to show that it is theirs.</summary>
public static class VerificationToken
{
    /// <summary>Name of the <c>meta</c> tag, and what stands before the token in a text.</summary>
    public const string Name = "contributioningest-verification";

    /// <summary>Has the form of an id. Connection ids are random, so nobody can guess it beforehand, and it tells neither the connection nor the person.</summary>
    public static string Of(string connection) => Identity.Hash($"{Name}\0{connection}");

    public static string Text(string token) => $"{Name}={token}";

    public static string MetaTag(string token) => $"<meta name=\"{Name}\" content=\"{token}\">";
}
