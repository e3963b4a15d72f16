using System.Diagnostics;
using System.Globalization;
using System.Net;
using ContributionIngest.Tests.Functions.Hosting;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>The published program on its own.</summary>
internal sealed class PublishedServer(string executable, string folder, Uri address, IReadOnlyDictionary<string, string> settings) : IProgram
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    private readonly ProcessLog log = new(Path.Combine(folder, "log"));
    private Process? process;

    public Uri Address => address;

    public void Start()
    {
        process = Published.Start(executable, folder, settings);
        log.Follow(process);
    }

    public async Task ReadyAsync(HttpMessageInvoker client)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < LongestStart)
        {
            if (process!.HasExited)
                throw new InvalidOperationException($"The program ended by itself with {process.ExitCode}.");
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/api/health"));
            try
            {
                using var answer = await client.SendAsync(request, CancellationToken.None);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        }

        throw new InvalidOperationException($"The program did not answer within {LongestStart}.");
    }

    public async Task EndAsync(Ending how)
    {
        if (process is null)
            return;
        if (how == Ending.Stop)
            await Published.RunAsync("kill", "/", null, "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        else
            process.Kill();
        using var limit = new CancellationTokenSource(LongestStop);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new InvalidOperationException($"The program did not stop within {LongestStop}.", e);
        }
        finally
        {
            process.Dispose();
            process = null;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
            process.Kill();
        process?.Dispose();
        log.Dispose();
        return ValueTask.CompletedTask;
    }
}
