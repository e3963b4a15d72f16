using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using ContributionIngest.Core.Http;

namespace ContributionIngest.Core.Sources;

/// <summary>
/// The body of a delivery in borrowed pieces of memory: a large one takes its size once, and gives it back. Nothing of it may be used after disposal.
/// </summary>
public sealed class DeliveredBody : IDisposable
{
    /// <summary>Nearly every delivery fits into the first piece.</summary>
    private const int FirstPiece = 32 * 1024;

    private const int Piece = 1024 * 1024;

    private readonly List<byte[]> pieces = [];

    public int Length { get; private set; }

    public ReadOnlySequence<byte> Bytes => Slice(0, Length);

    /// <summary>Null if there is more than the limit; no more than a piece beyond it is read.</summary>
    /// <param name="proceed">Waits until a large body may be read on.</param>
    public static async Task<DeliveredBody?> ReadAsync(Stream stream, int limit, Func<Task> proceed, CancellationToken cancel)
    {
        var body = new DeliveredBody();
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(body.Room(), cancel);
                if (read == 0)
                    return body;
                var wasSmall = body.Length < DocumentWork.LargeBytes;
                body.Length += read;
                if (body.Length > limit)
                    break;
                if (wasSmall && body.Length >= DocumentWork.LargeBytes)
                    await proceed();
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    /// <summary>Whether this HMAC of the body, in hexadecimal digits, was made with the secret. Compared in constant time.</summary>
    public bool IsSigned(HashAlgorithmName method, ReadOnlySpan<byte> secret, ReadOnlySpan<char> hex)
    {
        using var hash = IncrementalHash.CreateHMAC(method, secret);
        foreach (var piece in Bytes)
            hash.AppendData(piece.Span);
        Span<byte> expected = stackalloc byte[SHA512.HashSizeInBytes];
        Span<byte> given = stackalloc byte[SHA512.HashSizeInBytes];
        expected = expected[..hash.GetHashAndReset(expected)];
        return hex.Length == expected.Length * 2
            && Convert.FromHexString(hex, given, out _, out var length) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(expected, given[..length]);
    }

    /// <summary>The value of a field of a form, decoded in place, after which the body is no longer what was received. Null if there is no such field.</summary>
    /// <param name="start">The field's name and the equals sign.</param>
    public ReadOnlySequence<byte>? TakeFormField(ReadOnlySpan<byte> start)
    {
        if (Find(start) is not { } from)
            return null;
        var target = from;
        for (var read = from; read < Length && At(read) is not (byte)'&' and var b; read++)
        {
            if (b == '%' && read + 2 < Length && char.IsAsciiHexDigit((char)At(read + 1)) && char.IsAsciiHexDigit((char)At(read + 2)))
            {
                b = (byte)((Digit(At(read + 1)) << 4) | Digit(At(read + 2)));
                read += 2;
            }
            else if (b == '+')
            {
                b = (byte)' ';
            }

            At(target++) = b;
        }

        return Slice(from, target);
    }

    public void Dispose()
    {
        foreach (var piece in pieces)
            ArrayPool<byte>.Shared.Return(piece);
        pieces.Clear();
        Length = 0;
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex & 0xDF) - 'A' + 10;

    private static int SizeOf(int piece) => piece == 0 ? FirstPiece : Piece;

    private static (int Piece, int At) Place(int index) =>
        index < FirstPiece ? (0, index) : (1 + ((index - FirstPiece) >> BitOperations.Log2(Piece)), (index - FirstPiece) & (Piece - 1));

    private ref byte At(int index)
    {
        var (piece, at) = Place(index);
        return ref pieces[piece][at];
    }

    /// <summary>Where to read on.</summary>
    private Memory<byte> Room()
    {
        var (piece, at) = Place(Length);
        if (piece == pieces.Count)
            pieces.Add(ArrayPool<byte>.Shared.Rent(SizeOf(piece)));
        return pieces[piece].AsMemory(at, SizeOf(piece) - at);
    }

    /// <summary>Where the value of a field begins.</summary>
    private int? Find(ReadOnlySpan<byte> start)
    {
        for (var at = 0; at + start.Length <= Length; at++)
        {
            if ((at == 0 || At(at - 1) == '&') && StartsWith(at, start))
                return at + start.Length;
        }

        return null;
    }

    private bool StartsWith(int at, ReadOnlySpan<byte> start)
    {
        for (var i = 0; i < start.Length; i++)
        {
            if (At(at + i) != start[i])
                return false;
        }

        return true;
    }

    private ReadOnlySequence<byte> Slice(int from, int to)
    {
        BodyPiece? first = null, last = null;
        for (int piece = 0, begin = 0; begin < to; begin += SizeOf(piece++))
        {
            last = new BodyPiece(pieces[piece].AsMemory(0, Math.Min(SizeOf(piece), to - begin)), last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length).Slice(from);
    }

    private sealed class BodyPiece : ReadOnlySequenceSegment<byte>
    {
        public BodyPiece(ReadOnlyMemory<byte> bytes, BodyPiece? before)
        {
            Memory = bytes;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
