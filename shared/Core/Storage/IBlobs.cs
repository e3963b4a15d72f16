namespace ContributionIngest.Core.Storage;

/// <summary>
/// Named bytes in containers. A container's name is 3 to 63 of a–z, 0–9 and single hyphens; a blob's name is 1 to 1,024 characters,
/// segments separated by <c>/</c>, none of them empty or ending with a dot. Anything else throws <see cref="ArgumentException"/>
/// (<see cref="BlobLimits"/>).
/// A container is created with its first blob.
/// </summary>
public interface IBlobs
{
    Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    /// <summary>False when the blob already exists; it is then left unchanged.</summary>
    Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel);

    /// <summary>False when there was no such blob.</summary>
    Task<bool> DeleteAsync(string container, string name, CancellationToken cancel);

    /// <summary>
    /// All names that start with the prefix, ascending. The driver follows the store's pages, however short. A caller may delete
    /// returned blobs and continue enumerating.
    /// </summary>
    IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancel);
}

/// <summary>
/// Names that Azure Blob storage rejects or alters; every driver rejects them
/// (https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata).
/// </summary>
public static class BlobLimits
{
    public const int CharactersPerName = 1024;
    public const int SegmentsPerName = 254;
    public const int NamesPerPage = 5000;

    /// <exception cref="ArgumentException">The container name or the blob name is invalid.</exception>
    public static void Check(string container, string name)
    {
        CheckContainer(container);
        if (name.Length is 0 or > CharactersPerName)
            throw new ArgumentException($"A blob name has 1 to {CharactersPerName} characters, not {name.Length}.", nameof(name));
        CheckText(name, nameof(name));
        var segments = 0;
        foreach (var segment in name.AsSpan().Split('/'))
        {
            segments++;
            // The service strips trailing dots, so two different names could become one.
            if (name.AsSpan(segment) is [] or [.., '.'])
                throw new ArgumentException("No segment of a blob name may be empty or end with a dot.", nameof(name));
        }

        if (segments > SegmentsPerName)
            throw new ArgumentException($"A blob name has at most {SegmentsPerName} segments, not {segments}.", nameof(name));
    }

    /// <exception cref="ArgumentException">The service would reject the container name or the prefix.</exception>
    public static void CheckList(string container, string prefix)
    {
        CheckContainer(container);
        if (prefix.Length > CharactersPerName)
            throw new ArgumentException($"A prefix has at most {CharactersPerName} characters, not {prefix.Length}.", nameof(prefix));
        CheckText(prefix, nameof(prefix));
    }

    private static void CheckContainer(string container)
    {
        if (!StorageNames.IsValidName(container))
            throw new ArgumentException($"'{container}' is not a valid container name.", nameof(container));
    }

    private static void CheckText(string text, string parameter)
    {
        foreach (var c in text)
        {
            if (c == '\\' || char.IsControl(c))
                throw new ArgumentException($"A blob name must not contain U+{(int)c:X4}.", parameter);
        }

        if (!StorageNames.IsWellFormedText(text))
            throw new ArgumentException("A blob name must not contain a lone surrogate.", parameter);
    }
}
