using System.Text;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>A text most readers of a calendar never look at: it stays UTF-8, half the size, until somebody does.</summary>
internal sealed class LongText(byte[] utf8) : IEquatable<LongText>
{
    private readonly byte[] _utf8 = utf8;
    private string? _text;

    public string Text => _text ??= Encoding.UTF8.GetString(_utf8);

    public bool Equals(LongText? other) => other is not null && _utf8.AsSpan().SequenceEqual(other._utf8);

    public override bool Equals(object? obj) => Equals(obj as LongText);

    public override int GetHashCode() => _utf8.Length;
}
