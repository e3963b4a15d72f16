namespace ContributionIngest.Core.Storage;

/// <summary>
/// Named bytes in containers. A container's name is 3 to 63 of a–z, 0–9 and single hyphens; a blob's name is 1 to 1,024 characters,
/// segments separated by <c>/</c>, none of them empty or ending with a dot. Anything else is an <see cref="ArgumentException"/>
/// (<see cref="BlobLimits"/>).
/// Containers come into being with their first blob.
/// </summary>
public interface IBlobs
{
    Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    /// <summary>False when the name was taken; the blob is then as it was.</summary>
    Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel);

    /// <summary>False when there was none.</summary>
    Task<bool> DeleteAsync(string container, string name, CancellationToken cancel);

    /// <summary>
    /// All names that start with the prefix, ascending. The driver follows the store's pages, however short; a caller may delete what it was given
    /// and go on.
    /// </summary>
    IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancel);
}

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
        if (!StorageNames.IsLabel(container))
            throw new ArgumentException($"'{container}' is no container name.", nameof(container));
    }

    private static void CheckText(string text, string parameter)
    {
        foreach (var c in text)
        {
            if (c == '\\' || char.IsControl(c))
                throw new ArgumentException($"A blob's name must not contain U+{(int)c:X4}.", parameter);
        }

        if (!StorageNames.IsWholeText(text))
            throw new ArgumentException("A blob's name must not contain half a surrogate pair.", parameter);
    }
}
