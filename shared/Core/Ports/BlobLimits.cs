namespace ContributionIngest.Core.Ports;

/// <summary>
/// What Azure Blob storage refuses or bends, refused by every driver
/// (https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata).
/// </summary>
public static class BlobLimits
{
    public const int CharactersPerName = 1024;
    public const int SegmentsPerName = 254;
    public const int NamesPerPage = 5000;

    /// <exception cref="ArgumentException">The container's name is none, or the blob's.</exception>
    public static void Check(string container, string name)
    {
        CheckContainer(container);
        if (name.Length is 0 or > CharactersPerName)
            throw new ArgumentException($"A blob's name has 1 to {CharactersPerName} characters, not {name.Length}.", nameof(name));
        CheckText(name, nameof(name));
        var segments = 0;
        foreach (var segment in name.AsSpan().Split('/'))
        {
            segments++;
            // The service takes trailing dots away, and with them the difference between two names.
            if (name.AsSpan(segment) is [] or [.., '.'])
                throw new ArgumentException("No segment of a blob's name is empty or ends with a dot.", nameof(name));
        }

        if (segments > SegmentsPerName)
            throw new ArgumentException($"A blob's name has at most {SegmentsPerName} segments, not {segments}.", nameof(name));
    }

    /// <exception cref="ArgumentException">The container's name or the prefix is none the service takes.</exception>
    public static void CheckList(string container, string prefix)
    {
        CheckContainer(container);
        if (prefix.Length > CharactersPerName)
            throw new ArgumentException($"A prefix has at most {CharactersPerName} characters, not {prefix.Length}.", nameof(prefix));
        CheckText(prefix, nameof(prefix));
    }

    private static void CheckContainer(string container)
    {
        if (!Names.IsLabel(container))
            throw new ArgumentException($"'{container}' is no container name.", nameof(container));
    }

    private static void CheckText(string text, string parameter)
    {
        foreach (var c in text)
        {
            if (c == '\\' || char.IsControl(c))
                throw new ArgumentException($"A blob's name must not contain U+{(int)c:X4}.", parameter);
        }

        if (!Names.IsWholeText(text))
            throw new ArgumentException("A blob's name must not contain half a surrogate pair.", parameter);
    }
}
