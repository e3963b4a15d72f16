using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Accounts;

/// <summary>What a slice of a deletion did.</summary>
/// <param name="Removed">How many rows and files.</param>
/// <param name="After">Where the step goes on; null if it is complete.</param>
public sealed record DeletionSlice(int Removed, string? After = null)
{
    /// <summary>Keys of subscriptions that were followed until now.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];
}

/// <summary>
/// The steps of a pass, in an order that stops what writes first: access, connections, the person; then what they have left behind. Each may be repeated.
/// </summary>
public sealed class DeletionSteps(
    ITable table, DeletionSweep sweep, ConnectionRemoval removal, ConnectionStore connections, Subscriptions subscriptions, DigestStore digests, RawAnswers raw, PushBodyStore pushed,
    PoisonedMessages poisoned, RetentionOptions retention, WeeklyCopies copies, IMail? mail = null)
{
    public const int Count = 10;

    /// <summary>Rows of a partition that one slice deletes.</summary>
    private const int RowsPerSlice = 2000;

    private const int ConnectionsPerSlice = 20;

    /// <summary>The step goes on at its beginning: what it has done is gone.</summary>
    private const string Again = "again";

    public async Task<DeletionSlice> RunAsync(Deletion deletion, CancellationToken cancel)
    {
        var person = deletion.Person!;
        return deletion.Step switch
        {
            0 => new(await EndAccessAsync(person, cancel)),
            1 => await DisconnectAsync(person, cancel),
            2 => await DeletePartitionAsync(TableNames.People, person, cancel),
            3 => await DeletePartitionAsync(TableNames.Ledger, person, cancel),
            4 => await sweep.ReportsAsync(person, cancel),
            5 => await DeleteFilesAsync(deletion, cancel),
            6 => await DeletePoisonedAsync(deletion, cancel),
            7 => await sweep.LookupsAsync(deletion, cancel),
            8 => await sweep.ScheduleAsync(deletion, cancel),
            _ => await ForgetAsync(deletion, cancel),
        };
    }

    /// <summary>Deletes keys, sessions and sign-in links. Their number.</summary>
    public async Task<int> EndAccessAsync(string person, CancellationToken cancel)
    {
        var removed = 0;
        foreach (var kind in (string[])["a", "s", "l"])
            removed += await sweep.DeleteAsync(TableNames.People, table.RangeAsync(TableNames.People, person, kind + "|", kind + "}", null, cancel), cancel);
        return removed;
    }

    private async Task<DeletionSlice> DisconnectAsync(string person, CancellationToken cancel)
    {
        var found = await connections.ListAsync(person, cancel);
        var topics = new List<string>();
        foreach (var connected in found.Take(ConnectionsPerSlice))
        {
            if (await removal.AbandonAsync(person, connected.Connection.Id, cancel) is { } followed)
                topics.Add(SubscriptionStore.Key(followed));
        }

        return new(found.Count, found.Count > ConnectionsPerSlice ? Again : null) { Topics = topics };
    }

    private async Task<DeletionSlice> DeletePartitionAsync(string name, string person, CancellationToken cancel)
    {
        var removed = await sweep.DeleteAsync(name, PersonData.Rows(table, name, person, RowsPerSlice, cancel), cancel);
        return new(removed, removed == RowsPerSlice ? Again : null);
    }

    private async Task<DeletionSlice> DeleteFilesAsync(Deletion deletion, CancellationToken cancel)
    {
        var person = deletion.Person!;
        if (await digests.DeleteContentAsync(person, cancel) is > 0 and var contents)
            return new(contents, Again);
        var removed = await raw.DeleteAsync(person, retention.Days, cancel) + await pushed.DeleteAsync(person, cancel) + await copies.DeleteAsync(person, cancel);
        return new(mail is null ? removed : removed + await mail.DeleteAsync(deletion.Addresses, cancel));
    }

    private async Task<DeletionSlice> DeletePoisonedAsync(Deletion deletion, CancellationToken cancel)
    {
        var (deleted, after) = await poisoned.DeleteAsync(IsAbout, deletion.After, cancel);
        return new(deleted, after);

        bool IsAbout(string body) => body.Contains(deletion.Person!, StringComparison.Ordinal)
            || (OutgoingJson.Default.MailMessage.ReadOrNull(body)?.SignIn is { } request && SignInAddresses.Normalise(request.Address) is { } address && deletion.Addresses.Contains(address));
    }

    /// <summary>Takes the person out of what is kept about others, and ends the subscriptions that nobody follows any more.</summary>
    private async Task<DeletionSlice> ForgetAsync(Deletion deletion, CancellationToken cancel)
    {
        // The first time, the hub is being asked to end them.
        if (deletion is { Passes: > 0, After: null })
        {
            foreach (var topic in deletion.Topics)
                await subscriptions.EndUnfollowedAsync(topic, cancel);
        }

        return await sweep.TrailsAsync(deletion, cancel);
    }
}
