using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>A browser that a person is signed in with, as stored.</summary>
/// <param name="Hash">Of its secret, which only the browser has.</param>
/// <param name="How">How the person signed in: <c>mail</c>, <c>link</c>, <c>setup</c>, or the name of a provider.</param>
/// <param name="Browser">What the browser says it is, shortened.</param>
/// <param name="Renewed">Since when the current lifetime counts.</param>
/// <param name="LastUsed">The day of last use; written at most once a day.</param>
public sealed record Session(
    string Id, string Hash, string How, string? Browser, DateTimeOffset Since, DateTimeOffset Renewed, DateTimeOffset Until, DateOnly LastUsed);

/// <summary>
/// Sessions of people, in table <c>people</c> under <c>s|(id)</c> of the person. The browser holds the person, the id and a secret, encrypted, so that a
/// session is found with one read.
/// </summary>
public sealed class Sessions(ITable table, TimeProvider clock)
{
    private const int MaxBrowserLength = 200;

    /// <returns>The secret, which is never available again, and the session.</returns>
    public async Task<(string Secret, Session Session)> CreateAsync(string person, string how, string? browser, DateTimeOffset until, CancellationToken cancel)
    {
        var (secret, now) = (Identity.Random(), clock.GetUtcNow());
        var session = new Session(Identity.Random(), Identity.Hash(secret), how, Normaliser.Text(browser, MaxBrowserLength), now, now, until, Today(now));
        await table.WriteAsync(TableNames.People, TableWrite.Insert(Row(person, session)), cancel);
        return (secret, session);
    }

    /// <summary>Null if there is no such session, its secret is another, or it has ended. One read, and one write a day.</summary>
    public async Task<Session?> FindAsync(string person, string id, string secret, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.People, person, Key(id), cancel) is not { } row)
            return null;
        var (session, now) = (RowDocument.Read(row, PeopleJson.Default.Session), clock.GetUtcNow());
        if (session.Hash != Identity.Hash(secret) || session.Until <= now)
            return null;
        if (session.LastUsed != Today(now))
        {
            // If another request wins this write, nothing is lost: it writes the same day.
            session = session with { LastUsed = Today(now) };
            await table.WriteAsync(TableNames.People, TableWrite.Replace(Row(person, session) with { ETag = row.ETag }), cancel);
        }

        return session;
    }

    /// <summary>Lengthens a session; one that was ended meanwhile stays ended.</summary>
    public Task RenewAsync(string person, string id, DateTimeOffset renewed, DateTimeOffset until, CancellationToken cancel) => table.ChangeAsync(
        TableNames.People, person, Key(id), PeopleJson.Default.Session, session => session with { Renewed = renewed, Until = until }, clock, cancel);

    /// <summary>Those that have not ended, the last one used first.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(string person, CancellationToken cancel) =>
        [.. (await AllAsync(person, cancel)).Where(session => session.Until > clock.GetUtcNow()).OrderByDescending(session => session.LastUsed).ThenByDescending(session => session.Since)];

    /// <summary>False when there is no such session. It stops working at once.</summary>
    public async Task<bool> EndAsync(string person, string id, CancellationToken cancel) =>
        (await table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, Key(id), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel)).Outcome == WriteOutcome.Done;

    /// <summary>Ends all sessions but one.</summary>
    /// <param name="but">The id of the session to keep; null ends all.</param>
    public async Task EndAllAsync(string person, string? but, CancellationToken cancel)
    {
        foreach (var session in await AllAsync(person, cancel))
        {
            if (session.Id != but)
                await EndAsync(person, session.Id, cancel);
        }
    }

    /// <summary>Removes sessions that have ended.</summary>
    public async Task PruneAsync(string person, CancellationToken cancel)
    {
        foreach (var session in await AllAsync(person, cancel))
        {
            if (session.Until <= clock.GetUtcNow())
                await EndAsync(person, session.Id, cancel);
        }
    }

    private async Task<IReadOnlyList<Session>> AllAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "s|", "s}", null, cancel).Select(row => RowDocument.Read(row, PeopleJson.Default.Session)).ToListAsync(cancel);

    private static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);

    private static string Key(string id) => $"s|{id}";

    private static Row Row(string person, Session session) => RowDocument.Write(person, Key(session.Id), session, PeopleJson.Default.Session);
}
