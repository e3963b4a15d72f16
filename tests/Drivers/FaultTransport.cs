using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ContributionIngest.Tests.Drivers;

/// <summary>
/// Stands between pipeline and network, writes down every request, and does to the next ones what <see cref="Next"/> was told; afterwards
/// everything passes again.
/// </summary>
internal sealed class FaultTransport(HttpPipelineTransport? network = null) : HttpPipelineTransport
{
    private readonly HttpPipelineTransport network = network ?? HttpClientTransport.Shared;
    private readonly ConcurrentQueue<Fault> faults = new();

    public ConcurrentQueue<SentRequest> Sent { get; } = new();

    public void Next(params IEnumerable<Fault> script)
    {
        foreach (var fault in script)
            faults.Enqueue(fault);
    }

    /// <summary>What was told and did not happen does not happen any more.</summary>
    public void Forget() => faults.Clear();

    public override Request CreateRequest() => network.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("The drivers only send asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        var request = message.Request;
        Sent.Enqueue(new SentRequest(
            request.Method.Method, request.Uri.ToUri(), request.Headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase)));
        if (faults.TryDequeue(out var fault))
            await fault(message, network);
        else
            await network.ProcessAsync(message);
    }
}

internal sealed record SentRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers);

/// <summary>What happens to one request.</summary>
internal delegate ValueTask Fault(HttpMessage message, HttpPipelineTransport network);

internal static class Faults
{
    public static Fault None => (message, network) => network.ProcessAsync(message);

    /// <summary>Never reaches the service.</summary>
    public static Fault Answer(int status, string body = "", params (string Name, string Value)[] headers) => (message, _) =>
    {
        message.Response = new MadeUpResponse(status, new MemoryStream(Encoding.UTF8.GetBytes(body)), headers);
        return ValueTask.CompletedTask;
    };

    public static Fault Busy => Answer(503, Json("ServerBusy"));

    /// <summary>Carried out, but answered like this.</summary>
    public static Fault After(Fault fault) => async (message, network) =>
    {
        await network.ProcessAsync(message);
        await fault(message, network);
    };

    public static Fault Reset => (_, _) => throw new IOException("Connection reset by peer");

    /// <summary>Something else happens first.</summary>
    public static Fault Meanwhile(Func<Task> happens, Fault fault) => async (message, network) =>
    {
        await happens();
        await fault(message, network);
    };

    /// <summary>No answer before somebody loses patience.</summary>
    public static Fault Silence(TaskCompletionSource begun) => async (message, _) =>
    {
        begun.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, message.CancellationToken);
    };

    /// <summary>The body comes byte by byte, and stops after as many as said.</summary>
    public static Fault Trickle(long until = long.MaxValue) => async (message, network) =>
    {
        await network.ProcessAsync(message);
        var response = message.Response;
        message.Response = new MadeUpResponse(
            response.Status, new TrickleStream(response.ContentStream!, until), [.. response.Headers.Select(h => (h.Name, h.Value))]);
    };

    /// <summary>The headers come, and of the body nothing.</summary>
    public static Fault Stall(TaskCompletionSource begun) => async (message, network) =>
    {
        await network.ProcessAsync(message);
        var response = message.Response;
        message.Response = new MadeUpResponse(
            response.Status, new StalledStream(begun), [.. response.Headers.Select(h => (h.Name, h.Value))]);
    };

    public static string Json(string code, string message = "made up") =>
        "{\"odata.error\":{\"code\":\"" + code + "\",\"message\":{\"lang\":\"en-US\",\"value\":\"" + message + "\"}}}";

    private sealed class StalledStream(TaskCompletionSource begun) : MemoryStream
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            ReadAsync(Array.Empty<byte>(), cancellationToken).AsTask();
    }

    private sealed class TrickleStream(Stream inner, long until) : MemoryStream
    {
        private long given;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            given++ < until ? await inner.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken) : throw new IOException("Connection reset by peer");

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => CopyAsync(destination, cancellationToken);

        public override bool CanSeek => false;

        private async Task CopyAsync(Stream destination, CancellationToken cancel)
        {
            var buffer = new byte[1];
            while (await ReadAsync(buffer, cancel) > 0)
                destination.WriteByte(buffer[0]);
        }
    }
}

internal sealed class MadeUpResponse(int status, Stream body, params (string Name, string Value)[] headers) : Response
{
    public override int Status => status;

    public override string ReasonPhrase => "made up";

    public override Stream? ContentStream { get; set; } = body;

    public override string ClientRequestId { get; set; } = "";

    public override void Dispose()
    {
        // As with the pipeline's own answers, what is in memory stays there: the clients read it afterwards.
    }

    protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(h => new HttpHeader(h.Name, h.Value));

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out var value) ? [value] : null;
        return values is not null;
    }
}
