namespace ContributionIngest.Core.Sources;

/// <summary>All sources, by name and by host.</summary>
public sealed class SourceCatalog
{
    private readonly Dictionary<string, ISource> byName = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two sources share a name.</exception>
    public SourceCatalog(params IReadOnlyList<ISource> sources)
    {
        All = sources;
        foreach (var source in sources)
        {
            if (!byName.TryAdd(source.Info.Name, source))
                throw new ArgumentException($"Two sources are called '{source.Info.Name}'.", nameof(sources));
        }
    }

    public IReadOnlyList<ISource> All { get; }

    /// <summary>The source that owns the host of a typed address; null if none does.</summary>
    public ISource? FindByHost(string typed)
    {
        var text = typed.Trim();
        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address))
            return null;
        return All.FirstOrDefault(source => source.Info.Hosts.Any(host =>
            address.Authority.Equals(host, StringComparison.OrdinalIgnoreCase) || address.Authority.EndsWith("." + host, StringComparison.OrdinalIgnoreCase)));
    }

    public bool Contains(string name) => byName.ContainsKey(name);

    /// <exception cref="SourceException">No source has that name; the message lists those that exist.</exception>
    public ISource Get(string name) => byName.TryGetValue(name, out var source)
        ? source
        : throw SourceException.Terminal("unknownSource", $"There is no source '{name}'. Known are: {string.Join(", ", byName.Keys.Order(StringComparer.Ordinal))}.");
}
