using System.Diagnostics;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>A file that keeps what the processes of one run say.</summary>
internal sealed class ProcessLog(string path) : IDisposable
{
    private readonly StreamWriter file = new(path, append: true) { AutoFlush = true };
    private readonly Lock gate = new();
    private bool isClosed;

    public void Follow(Process process)
    {
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            file.Dispose();
        }
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (gate)
        {
            if (!isClosed)
                file.WriteLine(line);
        }
    }
}
