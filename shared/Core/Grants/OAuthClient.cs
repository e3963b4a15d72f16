namespace ContributionIngest.Core.Grants;

/// <summary>This installation as a client of one provider (RFC 6749 section 2). A source without one is connected by public address only.</summary>
/// <param name="Source">The source that reads with the provider's tokens.</param>
/// <param name="Title">The provider's name, for people.</param>
/// <param name="Authorize">The authorization endpoint.</param>
/// <param name="Token">The token endpoint.</param>
public sealed record OAuthClient(string Source, string Title, Uri Authorize, Uri Token, string Id, string Secret)
{
    /// <summary>The least that reading needs; empty if the provider shows what is public without any.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The provider takes a code challenge (RFC 7636).</summary>
    public bool UsesPkce { get; init; }

    /// <summary>Further parameters of the authorization request.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>People may sign in with their account there.</summary>
    public bool CanSignIn { get; init; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"client {Id} of {Title}";
}

/// <summary>The providers this installation is registered with.</summary>
public sealed class OAuthClients(IReadOnlyList<OAuthClient> all)
{
    public IReadOnlyList<OAuthClient> All => all;

    /// <summary>Null if the installation is not registered with that source's provider.</summary>
    public OAuthClient? Find(string source) => all.FirstOrDefault(client => client.Source == source);
}
