namespace ContributionIngest.Core.Http;

/// <summary>One request at a time per host, and so many hosts at once. Keeps nothing about hosts nobody is asking.</summary>
internal sealed class HostSlots(int hosts) : IDisposable
{
    private readonly SemaphoreSlim all = new(hosts);
    private readonly Dictionary<string, Line> lines = new(StringComparer.OrdinalIgnoreCase);

    public async Task<IDisposable> TakeAsync(string host, CancellationToken cancel)
    {
        Line line;
        lock (lines)
        {
            if (!lines.TryGetValue(host, out line!))
                lines[host] = line = new Line();
            line.Users++;
        }

        // The host's turn first: who waits for a busy host must not keep another host's place.
        try
        {
            await line.Turn.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            Leave(host, line);
            throw;
        }

        try
        {
            await all.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            line.Turn.Release();
            Leave(host, line);
            throw;
        }

        return new Slot(this, host, line);
    }

    public void Dispose() => all.Dispose();

    private void Leave(string host, Line line)
    {
        lock (lines)
        {
            if (--line.Users > 0)
                return;
            lines.Remove(host);
            line.Turn.Dispose();
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Slot(HostSlots slots, string host, Line line) : IDisposable
    {
        public void Dispose()
        {
            slots.all.Release();
            line.Turn.Release();
            slots.Leave(host, line);
        }
    }
}
