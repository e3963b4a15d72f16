using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>
/// A mail server that says what it was told to: the greeting first, then a reply for each line it hears, and for the mail once it has ended; it hears one line more and hangs up. A
/// <see cref="Silent"/> one is waited for in vain, a <see cref="Gone"/> one is a connection that breaks.
/// </summary>
internal sealed class OddServer : IAsyncDisposable
{
    public const string Silent = "(nothing)";
    public const string Gone = "(gone)";
    public static readonly string[] Willing = ["220 odd", "250 odd", "250 ok", "250 ok", "354 go on", "250 taken"];

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource silence = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource over = new();
    private readonly Task run;

    public OddServer(params string[] replies)
    {
        listener.Start();
        run = RunAsync(replies);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Completes when the server has begun to say nothing.</summary>
    public Task Silence => silence.Task;

    public List<string> Heard { get; } = [];

    /// <summary>The same replies with another one at a place, and none after it.</summary>
    public static string[] WillingBut(int stage, string reply) => [.. Willing[..stage], reply];

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await run;
        listener.Dispose();
        over.Dispose();
    }

    private async Task RunAsync(string[] replies)
    {
        try
        {
            using var connection = await listener.AcceptTcpClientAsync(over.Token);
            var stream = connection.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var isMail = false;
            for (var i = 0; i < replies.Length; i++)
            {
                if (i > 0)
                    Heard.Add(await HearAsync(reader, isMail));
                if (replies[i] == Gone)
                    return;
                if (replies[i] == Silent)
                {
                    silence.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, over.Token);
                }

                await stream.WriteAsync(Encoding.UTF8.GetBytes(replies[i] + "\r\n"), over.Token);
                isMail = replies[i].StartsWith("354", StringComparison.Ordinal);
            }

            Heard.Add(await HearAsync(reader, isMail: false));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went away, or the test is over.
        }
    }

    private async Task<string> HearAsync(StreamReader reader, bool isMail)
    {
        var line = await reader.ReadLineAsync(over.Token);
        while (isMail && line is not (null or "."))
            line = await reader.ReadLineAsync(over.Token);
        return line ?? throw new IOException("The client went away.");
    }
}
