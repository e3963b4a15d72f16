namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// The last value of one property and what it was read as. Events of one calendar often share a place, a description or their categories;
/// the same bytes again are the same object again.
/// </summary>
internal sealed class Repeated<T>
    where T : class
{
    private byte[] _bytes = new byte[64];
    private int _length;
    private T? _read;

    public bool Is(ReadOnlySpan<byte> value, out T? read)
    {
        read = _read;
        return read is not null && value.SequenceEqual(_bytes.AsSpan(0, _length));
    }

    public T? Keep(ReadOnlySpan<byte> value, T? read)
    {
        if (value.Length > _bytes.Length) _bytes = new byte[value.Length * 2];
        value.CopyTo(_bytes);
        _length = value.Length;
        return _read = read;
    }
}
