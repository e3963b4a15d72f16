using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources.Feeds;

namespace ContributionIngest.Core.Connecting;

/// <summary>Verifies that a connected blog is the person's. It stays verified, whatever the blog shows later, until it is disconnected.</summary>
public sealed class ConnectionVerifier(ConnectionStore connections, OwnershipCheck check, AuditTrail audit, TimeProvider clock)
{
    /// <param name="id">Of a connection to a feed.</param>
    /// <param name="link">The address that a <c>rel=me</c> link leads to; null if there is none.</param>
    /// <param name="credential">The id of the key or the session that asks.</param>
    /// <returns>The connection, and why it is not verified; null if there is no such connection.</returns>
    /// <exception cref="TooBusyException">Too many large documents are being read.</exception>
    public async Task<(ConnectionSnapshot Connected, string? Problem)?> VerifyAsync(string person, string id, string? link, string? credential, CancellationToken cancel)
    {
        if (await connections.GetAsync(person, id, cancel) is not { Connection: { Ending: null } connection } found)
            return null;
        if (connection.Verified)
            return (found, null);
        var result = await FindAsync(found, link, cancel);
        if (result.Proof is not { } proof)
            return (found, result.Message);
        var now = clock.GetUtcNow();
        var after = await connections.ChangeAsync(
            person,
            id,
            c => c.Verified || c.Ending is not null ? c : c with { Verified = true, VerifiedBy = proof, VerifiedAt = now },
            cancel,
            (_, _) => audit.Entry(person, AuditTrail.Verified, connection.Origin, null, credential));
        return after is { Ending: null } ? (found with { Connection = after }, null) : null;
    }

    private async Task<OwnershipResult> FindAsync(ConnectionSnapshot found, string? link, CancellationToken cancel)
    {
        using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        var connection = found.Connection;
        return await check.FindAsync(connection.Origin, found.State.Address, connection.Url, VerificationToken.Of(connection.Id), link, cancel);
    }
}
