namespace ContributionIngest.Core.Ledger;

/// <summary>Within this process the writers of one person's ledger take turns, first come, first served.</summary>
internal sealed class WriterTurns
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

    private sealed class Held(WriterTurns turns, string person, Waiters waiters) : IDisposable
    {
        public void Dispose()
        {
            waiters.Turn.Release();
            turns.Leave(person, waiters);
        }
    }
}
