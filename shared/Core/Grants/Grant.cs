using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Grants;

/// <summary>What a provider's token endpoint returned (RFC 6749 section 5.1).</summary>
/// <param name="Refresh">Null if the provider gives none: the access token then lasts until it is revoked.</param>
/// <param name="ExpiresAt">Of the access token; null if it does not expire.</param>
public sealed record GrantedTokens(string Access, string? Refresh, DateTimeOffset? ExpiresAt)
{
    /// <summary>Without the tokens.</summary>
    public override string ToString() => $"tokens until {ExpiresAt:O}";
}

/// <summary>Access that a person gave to one of their accounts at a provider.</summary>
/// <param name="Id">A hash of the source and the account: to connect the same account again replaces the tokens.</param>
/// <param name="Account">The provider's id of the account.</param>
/// <param name="Name">The account's name, for people.</param>
/// <param name="Tokens">Protected; see <see cref="GrantStore"/>.</param>
public sealed record Grant(string Id, string Source, string Account, string? Name, string Tokens, DateTimeOffset Since)
{
    /// <summary>Of the access token; null if it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Set when the provider no longer accepts the tokens: the person has to connect the account again.</summary>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>Until when another process may be refreshing the tokens. Many providers take a refresh token once only.</summary>
    public DateTimeOffset? RefreshingUntil { get; init; }
}

/// <summary>The secret part of a grant.</summary>
internal sealed record TokenPair(string Access, string? Refresh)
{
    /// <summary>Without the tokens.</summary>
    public override string ToString() => "tokens";
}

/// <summary>Grants in table <c>people</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Grant))]
[JsonSerializable(typeof(TokenPair))]
internal sealed partial class GrantJson : JsonSerializerContext;
