using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Transactions on people's ledgers. All writers of a person meet at the rows that count, so within a process they take turns; writers in
/// other processes are noticed by etags, and whoever loses reads again after a random pause, for as long as a minute.
/// </summary>
public sealed class LedgerTransactions(ITable table, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly PersonLocks turns = new();

    internal ITable Table => table;

    internal TimeProvider Clock => clock;

    /// <param name="attempt">
    /// Reads and stages writes; how often it lost before is its second argument, so that it may do less at once. Called again after each loss.
    /// </param>
    /// <exception cref="ConcurrencyException">It lost for a minute.</exception>
    internal async Task<T> RunAsync<T>(string person, Func<WorkingSet, int, Task<T>> attempt, CancellationToken cancel)
    {
        long? firstLoss = null;
        for (var lost = 0; ; lost++)
        {
            using (await turns.TakeAsync(person, cancel))
            {
                var set = new WorkingSet(table, person, cancel);
                try
                {
                    var result = await attempt(set, lost);
                    if (await set.CommitAsync())
                        return result;
                }
                catch (TornReadException)
                {
                    // An entry moved between two reads: that is a loss like any other.
                }
            }

            firstLoss ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(firstLoss.Value) >= Patience)
                throw new ConcurrencyException();
            await PauseAsync(lost, cancel);
        }
    }

    /// <summary>For work of several steps that nobody in this process may come between.</summary>
    internal Task<IDisposable> TurnAsync(string person, CancellationToken cancel) => turns.TakeAsync(person, cancel);

    /// <summary>Between half and the whole of a doubling pause, so that those who met do not meet again.</summary>
    internal Task PauseAsync(int lost, CancellationToken cancel)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(lost, 10));
        pause = (pause < LongestPause ? pause : LongestPause) * (0.5 + (Random.Shared.NextDouble() / 2));
        return Task.Delay(pause, clock, cancel);
    }
}

/// <summary>Within this process the writers of one person's ledger take turns, first come, first served.</summary>
internal sealed class PersonLocks
{
    private readonly Dictionary<string, Waiters> people = new(StringComparer.Ordinal);

    /// <summary>Waits for the person's turn; disposing what is returned ends it.</summary>
    public async Task<IDisposable> TakeAsync(string person, CancellationToken cancel)
    {
        Waiters waiters;
        lock (people)
        {
            if (!people.TryGetValue(person, out waiters!))
                people[person] = waiters = new Waiters();
            waiters.Count++;
        }

        try
        {
            await waiters.Turn.WaitAsync(cancel);
        }
        catch
        {
            Leave(person, waiters);
            throw;
        }

        return new Held(this, person, waiters);
    }

    private void Leave(string person, Waiters waiters)
    {
        lock (people)
        {
            if (--waiters.Count > 0)
                return;
            people.Remove(person);
        }

        waiters.Turn.Dispose();
    }

    private sealed class Waiters
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>Who waits, and who has the turn.</summary>
        public int Count { get; set; }
    }

    private sealed class Held(PersonLocks turns, string person, Waiters waiters) : IDisposable
    {
        public void Dispose()
        {
            waiters.Turn.Release();
            turns.Leave(person, waiters);
        }
    }
}
