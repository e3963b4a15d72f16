using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Sources.GitHub;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The OAuth clients of the settings. One without an id and a secret does not exist: its places are connected by address only.</summary>
internal static class OAuthSettings
{
    public static OAuthClients Read(SettingReader reader) => new([.. new[] { GitHub(reader), Google(reader), Meetup(reader) }.OfType<OAuthClient>()]);

    /// <summary>https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps; without a scope, only what is public.</summary>
    private static OAuthClient? GitHub(SettingReader reader) => Client(
        reader, "GitHub", GitHubSource.Name, "GitHub", "https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token") is { } client
        ? client with { UsesPkce = true, CanSignIn = true }
        : null;

    /// <summary>https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps; consent is asked for each time, since only then a refresh token comes.</summary>
    private static OAuthClient? Google(SettingReader reader) => Client(
        reader, "Google", "youtube", "YouTube", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token") is { } client
        ? client with
        {
            UsesPkce = true,
            Scope = "https://www.googleapis.com/auth/youtube.readonly",
            Parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["access_type"] = "offline", ["prompt"] = "consent" },
        }
        : null;

    /// <summary>https://www.meetup.com/graphql/authentication/</summary>
    private static OAuthClient? Meetup(SettingReader reader) => Client(
        reader, "Meetup", "meetup", "Meetup", "https://secure.meetup.com/oauth2/authorize", "https://secure.meetup.com/oauth2/access") is { } client
        ? client with { Scope = "basic" }
        : null;

    private static OAuthClient? Client(SettingReader reader, string prefix, string source, string title, string authorize, string token)
    {
        var (idName, secretName) = (prefix + "ClientId", prefix + "ClientSecret");
        var (id, secret) = (reader.Line(idName), reader.Line(secretName));
        var (authorizeUrl, tokenUrl) = (reader.Url(prefix + "AuthorizeUrl", authorize), reader.Url(prefix + "TokenUrl", token));
        if ((id is null) != (secret is null))
            reader.Fault($"{idName} and {secretName} belong together; one of them is missing.");
        return id is null || secret is null ? null : new OAuthClient(source, title, authorizeUrl, tokenUrl, id, secret);
    }
}
