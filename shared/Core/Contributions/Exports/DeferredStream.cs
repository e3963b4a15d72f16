using System.Text;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>
/// What is written synchronously waits in memory for the next asynchronous write or flush. The answer to a request takes no synchronous writes, but
/// <see cref="System.Xml.XmlWriter"/> and the end of an entry in a <see cref="System.IO.Compression.ZipArchive"/> are such, and not all asynchronous
/// ones take a token.
/// </summary>
/// <param name="output">The stream is left open.</param>
/// <param name="cancel">Cancels each asynchronous write, so that nobody waits for a client that is gone.</param>
internal sealed class DeferredStream(Stream output, CancellationToken cancel) : Stream
{
    private const int SendAt = 32 * 1024;

    private readonly MemoryStream waiting = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => waiting.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => waiting.Write(buffer);

    public override void Flush()
    {
        // The next asynchronous one does it.
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await SendWaitingAsync();
        await output.WriteAsync(buffer, cancel);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await SendWaitingAsync();
        await output.FlushAsync(cancel);
    }

    /// <summary>Sends what is waiting, once it is enough to be worth it.</summary>
    public ValueTask SendAsync() => waiting.Length < SendAt ? ValueTask.CompletedTask : SendWaitingAsync();

    /// <summary>Writes text as UTF-8, and clears it.</summary>
    public ValueTask SendAsync(StringBuilder text)
    {
        waiting.Write(Encoding.UTF8.GetBytes(text.ToString()));
        text.Clear();
        return SendAsync();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SendWaitingAsync()
    {
        if (waiting.Length == 0)
            return;
        await output.WriteAsync(waiting.GetBuffer().AsMemory(0, (int)waiting.Length), cancel);
        waiting.SetLength(0);
    }
}
