using System.Diagnostics;
using System.Globalization;
using System.Net;
using ContributionIngest.Tests.Hosts;
using ContributionIngest.Tests.Infrastructure;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>How a program is ended.</summary>
internal enum Ending
{
    /// <summary>SIGTERM: it ends by itself.</summary>
    Stop,

    /// <summary>SIGKILL.</summary>
    Kill,
}

/// <summary>The published program over one store at one address, started again and again. What it says is kept in a file.</summary>
internal sealed class PublishedServer : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    private readonly string executable;
    private readonly string folder;
    private readonly Dictionary<string, string> settings;
    private readonly StreamWriter log;
    private readonly Lock gate = new();
    private Process? process;

    public PublishedServer(string executable, string folder, World world, string? storage)
    {
        (this.executable, this.folder) = (executable, folder);
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"));
        settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Data"] = Path.Combine(folder, "data"),
            ["Listen"] = Address.AbsoluteUri.TrimEnd('/'),
            ["PublicUrl"] = Address.AbsoluteUri.TrimEnd('/'),
            ["AllowNetworks"] = "127.0.0.0/8",
            ["Contact"] = world.Name,
            ["GitHubApi"] = world.GitHub,
            ["GitHubSite"] = world.GitHub,
        };
        if (storage is not null)
            settings["AzureWebJobsStorage"] = storage;
        log = new StreamWriter(Path.Combine(folder, "log"), append: true) { AutoFlush = true };
    }

    public Uri Address { get; }

    /// <summary>A key of the owner, made while the program does not run.</summary>
    public async Task<string> Key()
    {
        var (exit, output) = await Published.Run(executable, folder, settings, "keys", "new", "survive");
        return exit == 0 ? output.Split("Bearer ")[1].Split('\n')[0].Trim() : throw new InvalidOperationException($"There is no key: {output}");
    }

    public void Start()
    {
        process = Published.Start(executable, folder, settings);
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until it answers.</summary>
    public async Task Ready(HttpMessageInvoker client)
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

    public async Task End(Ending how)
    {
        if (process is null)
            return;
        if (how == Ending.Stop)
            await Published.Run("kill", "/", null, "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
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

    public void Dispose()
    {
        if (process is { HasExited: false })
            process.Kill();
        process?.Dispose();
        lock (gate)
            log.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (gate)
        {
            if (log.BaseStream.CanWrite)
                log.WriteLine(line);
        }
    }
}
