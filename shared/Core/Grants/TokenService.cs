using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Grants;

/// <summary>
/// Access tokens for reading connected accounts, refreshed (RFC 6749 section 6) before they expire and when the provider refuses them. One process at a time
/// refreshes a grant. One that dies in between may take the new refresh token with it; the person then has to connect again.
/// </summary>
public sealed class TokenService(GrantStore grants, OAuthClients clients, Fetcher fetcher, TimeProvider clock)
{
    /// <summary>The code of the failure that only connecting again resolves.</summary>
    public const string Reconnect = "reconnect";

    /// <summary>A token is good for this long at least, which is longer than one slice of a harvest.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    /// <summary>Longer than a request to the token endpoint can take.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(45);
    private const int SaveAttempts = 5;

    /// <summary>Credentials to read a connection with; none if it was connected by address.</summary>
    /// <param name="refused">A token that the provider has just refused.</param>
    /// <exception cref="SourceException">No token can be had, for now or until the person connects again.</exception>
    public async Task<Credentials> GetAsync(string person, Connection connection, string? refused, CancellationToken cancel)
    {
        if (connection.Grant is not { } id)
            return Credentials.None;
        var asked = clock.GetUtcNow();
        while (true)
        {
            if (await grants.GetAsync(person, id, cancel) is not var (grant, tag) || grant.RefusedAt is not null)
                throw MustReconnect(connection.Source);
            var now = clock.GetUtcNow();
            if (await grants.OpenAsync(person, grant, cancel) is not { } tokens)
                throw await RefuseAsync(person, grant, tag, cancel);
            if (tokens.Access != refused && (tokens.ExpiresAt is not { } expiry || expiry > now + Ahead))
                return new Credentials(tokens.Access);
            if (tokens.Refresh is null)
            {
                if (tokens.Access != refused && tokens.ExpiresAt > now)
                    return new Credentials(tokens.Access);
                throw await RefuseAsync(person, grant, tag, cancel);
            }

            if (grant.RefreshingUntil > now)
            {
                if (now - asked > LongestWait)
                    throw SourceException.Transient("refreshing", $"The access to {Title(connection.Source)} is being renewed. It is tried again automatically.");
                await Task.Delay(Pause, clock, cancel);
                continue;
            }

            var claimed = grant with { RefreshingUntil = now + Claim };
            if (await grants.SaveAsync(person, claimed, tag, cancel) is not { } held)
                continue;
            if (await RefreshAsync(connection.Source, tokens.Refresh, cancel) is not { } refreshed)
                throw await RefuseAsync(person, claimed, held, cancel);
            if (refreshed.Failure is { } failure)
            {
                await grants.SaveAsync(person, grant, held, cancel);
                throw failure;
            }

            // Even if another process replaced the grant meanwhile, this token is good.
            await SaveAsync(person, grants.With(person, claimed, refreshed.Tokens!), held);
            return new Credentials(refreshed.Tokens!.Access);
        }
    }

    /// <summary>The provider refuses even a new token.</summary>
    public async Task<SourceException> RefuseAsync(string person, Connection connection, CancellationToken cancel) =>
        connection.Grant is { } id && await grants.GetAsync(person, id, cancel) is var (grant, tag)
            ? await RefuseAsync(person, grant, tag, cancel)
            : MustReconnect(connection.Source);

    /// <summary>Records that the grant is void. If it was changed meanwhile, the person has just connected again, and the next harvest finds that.</summary>
    private async Task<SourceException> RefuseAsync(string person, Grant grant, string tag, CancellationToken cancel)
    {
        await grants.SaveAsync(person, grant with { RefusedAt = clock.GetUtcNow(), RefreshingUntil = null }, tag, cancel);
        return MustReconnect(grant.Source);
    }

    /// <summary>The old refresh token may be void by now, so neither a caller who leaves nor a short failure of the store stops this.</summary>
    private async Task SaveAsync(string person, Grant grant, string tag)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await grants.SaveAsync(person, grant, tag, CancellationToken.None);
                return;
            }
            catch (StoreUnavailableException) when (attempt < SaveAttempts)
            {
                await Task.Delay(Pause, clock, CancellationToken.None);
            }
        }
    }

    /// <returns>Tokens, or why there are none for now; null if the provider does not accept the refresh token.</returns>
    private async Task<(GrantedTokens? Tokens, SourceException? Failure)?> RefreshAsync(string source, string refresh, CancellationToken cancel)
    {
        if (clients.Find(source) is not { } client)
        {
            return (null, SourceException.Terminal(
                "notConfigured", $"This server is no longer registered with the provider of '{source}', so it cannot renew its access: the operator has to set the client's id and secret."));
        }

        var asked = clock.GetUtcNow();
        var answer = await fetcher.SendAsync(
            new FetchRequest(client.Token)
            {
                Method = "POST",
                Accept = "application/json",
                FollowRedirects = false,
                Body = Encoding.UTF8.GetBytes(await FormAsync(client, refresh)),
                BodyType = "application/x-www-form-urlencoded",
            },
            cancel);
        var json = LenientJson.Parse(answer.Body) is { ValueKind: JsonValueKind.Object } body ? body : default;

        // Some answer errors with status 200.
        var error = json.Text("error");
        if (json.Text("access_token") is { Length: > 0 } access && error is null)
        {
            var seconds = json.Count("expires_in");
            return (new GrantedTokens(access, json.Text("refresh_token") ?? refresh, seconds > 0 ? asked.AddSeconds(seconds.Value) : null), null);
        }

        if (error is "invalid_grant" or "bad_refresh_token" or "access_denied")
            return null;
        if (error is "invalid_client" or "unauthorized_client" or "incorrect_client_credentials")
        {
            return (null, SourceException.Terminal(
                "clientRefused", $"{client.Title} does not know this server's client any more ({error}): the operator has to check its id and secret."));
        }

        return (null, SourceException.Transient("refreshFailed", $"{client.Title} did not renew the access ({error ?? Reason(answer)}). It is tried again automatically.", answer.RetryAt));
    }

    private static string Reason(Fetched answer) => answer.Outcome == FetchOutcome.Content ? "an unusable answer" : answer.Problem?.TrimEnd('.') ?? "no reason given";

    private static async Task<string> FormAsync(OAuthClient client, string refresh)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refresh,
            ["client_id"] = client.Id,
            ["client_secret"] = client.Secret,
        });
        return await form.ReadAsStringAsync();
    }

    private SourceException MustReconnect(string source) => SourceException.Terminal(
        Reconnect, $"{Title(source)} does not accept the access any more that was given: it was withdrawn, or has expired. Connect the account again on the page Connections.");

    private string Title(string source) => clients.Find(source)?.Title ?? source;
}
