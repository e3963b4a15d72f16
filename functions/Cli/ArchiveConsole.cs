using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using ContributionIngest.Core;
using ContributionIngest.Core.Backup;

namespace ContributionIngest.Functions.Cli;

/// <summary>Shows how far a backup is: on a terminal one line that is written over, else a line every few seconds and with each tenth of the people.</summary>
internal sealed class ProgressLine(string what)
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(5);

    private readonly bool isTerminal = !Console.IsErrorRedirected;
    private readonly long started = Stopwatch.GetTimestamp();
    private long shown = Stopwatch.GetTimestamp();
    private int tenth = -1;
    private bool isOpen;

    public void Report(ArchiveProgress progress)
    {
        var reached = progress.Of == 0 ? 0 : progress.People * 10 / progress.Of;
        var isDue = Stopwatch.GetElapsedTime(shown) >= (isTerminal ? OnTerminal : Elsewhere);
        if (!isDue && (isTerminal || reached == tenth))
            return;
        (shown, tenth) = (Stopwatch.GetTimestamp(), reached);
        var rate = progress.Rows / Math.Max(1, Stopwatch.GetElapsedTime(started).TotalSeconds);
        var line = $"{progress.People:N0} of {Quantity.People(progress.Of)} {what}, {progress.Rows:N0} rows, {progress.Bytes / 1_000_000.0:N1} MB, {rate:N0} rows a second";
        if (isTerminal)
            Console.Error.Write($"\r{line}\u001b[K");
        else
            Console.Error.WriteLine(line);
        isOpen = isTerminal;
    }

    public void End()
    {
        if (isOpen)
            Console.Error.WriteLine();
        isOpen = false;
    }
}

internal static class Quantity
{
    public static string People(int count) => count == 1 ? "1 person" : $"{count:N0} people";
}

/// <summary>A passphrase is typed, or read from a file; it is never an argument, which others could see.</summary>
internal static class Passphrase
{
    private const int MinLength = 12;

    public static Option<string?> Option(string description) => new("--passphrase-file") { Description = description };

    /// <exception cref="StartupException">There is none.</exception>
    public static string Read(string file, bool isNew)
    {
        var text = file == "-" ? Typed("Passphrase: ") : File.ReadLines(file).FirstOrDefault() ?? "";
        if (isNew && text.Length < MinLength)
            throw new StartupException([$"A passphrase has at least {MinLength} characters."]);
        return !isNew || file != "-" || Typed("Once more: ") == text ? text : throw new StartupException(["The passphrases differ."]);
    }

    private static string Typed(string prompt)
    {
        if (Console.IsInputRedirected)
            throw new StartupException(["There is no terminal to type a passphrase at. Name a file by --passphrase-file."]);
        Console.Error.Write(prompt);
        var text = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}

/// <summary>Runs a command that can be interrupted and repeated.</summary>
internal static class Interruptible
{
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> command, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await command(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted. What is done so far stays; the same command goes on from there.");
            return Interrupted;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
