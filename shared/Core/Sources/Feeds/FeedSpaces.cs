namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>The namespaces in scope. Prefixes nobody declared are guessed, as feeds forget to declare them.</summary>
internal struct FeedSpaces(Repairs repairs)
{
    private const int Most = 32;

    private readonly Declared[] _declared = new Declared[Most];
    private int _count;

    /// <summary>The vocabulary of the format itself; its elements are <see cref="Space.Core"/>.</summary>
    public Space Own { get; set; } = Space.Core;

    /// <summary>What names without a prefix belong to.</summary>
    public Space Default { get; private set; } = Space.Core;

    /// <summary>Forgets what was declared on elements that have ended.</summary>
    public void Leave(int depth)
    {
        if (_count == 0 || _declared[_count - 1].Depth <= depth) return;
        while (_count > 0 && _declared[_count - 1].Depth > depth) _count--;
        SetDefault();
    }

    /// <summary>Takes up the declarations of a tag that stands inside <paramref name="depth"/> elements.</summary>
    public void Declare(ReadOnlySpan<byte> data, in Tag tag, int depth)
    {
        Leave(depth);
        var rest = data[tag.NameEnd..tag.AttributesEnd];
        if (rest.IndexOf("xmlns"u8) < 0) return;
        while (XmlAttributes.Next(ref rest, out var name, out var value))
        {
            if (!name.StartsWith("xmlns"u8) || name.Length > 5 && name[5] != ':') continue;
            if (_count == Most)
            {
                repairs.Add(Repairs.TooManyNamespaces);
                break;
            }

            data.Overlaps(name, out var start);
            var prefix = Math.Min(6, name.Length);
            _declared[_count++] = new Declared { Start = start + prefix, Length = name.Length - prefix, Space = FeedNames.FindSpace(value), Depth = depth + 1 };
        }

        SetDefault();
    }

    public readonly Space Find(ReadOnlySpan<byte> data, ReadOnlySpan<byte> prefix, bool isRoot)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            ref var declared = ref _declared[i];
            if (!data.Slice(declared.Start, declared.Length).SequenceEqual(prefix)) continue;
            // Whatever address the root element goes by, its vocabulary is the feed's own.
            if (isRoot && declared.Space == Space.Other) declared.Space = Space.Core;
            return declared.Space == Own ? Space.Core : declared.Space;
        }

        var guess = FeedNames.GuessSpace(prefix);
        if (guess != Space.Other) repairs.Add(Repairs.UndeclaredPrefix);
        return guess == Own ? Space.Core : guess;
    }

    /// <summary>
    /// A default namespace on the root, or one we do not know, is the feed's own, whatever its address; a known one further down is meant.
    /// </summary>
    private void SetDefault()
    {
        Default = Space.Core;
        for (var i = _count - 1; i >= 0; i--)
        {
            if (_declared[i].Length > 0) continue;
            var space = _declared[i].Space;
            if (_declared[i].Depth > 1 && space != Space.Other && space != Own) Default = space;
            return;
        }
    }

    private struct Declared
    {
        public int Start;
        public int Length;
        public Space Space;
        public int Depth;
    }
}
