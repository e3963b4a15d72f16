using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Sources.Events;

/// <summary>
/// Which pages were read, and as of which version: ten characters for each, the newest last. What there is no room for is read again, which costs a request and
/// changes nothing.
/// </summary>
internal sealed class PageMarks
{
    private const int KeyLength = 6;
    private const int VersionLength = 4;
    private const int Length = KeyLength + VersionLength;
    private const string Unknown = "....";

    private readonly int max;
    private readonly OrderedDictionary<string, string> versions = new(StringComparer.Ordinal);

    /// <param name="text">As stored.</param>
    public PageMarks(string text, int max)
    {
        this.max = max;
        for (var at = 0; at + Length <= text.Length; at += Length)
            versions[text.Substring(at, KeyLength)] = text.Substring(at + KeyLength, VersionLength);
    }

    /// <param name="version">Null if the place does not say it; then any version is the same.</param>
    public bool Has(string page, string? version)
    {
        if (!versions.TryGetValue(Key(page), out var known))
            return false;
        if (version is not null && known == Unknown)
            Add(page, version);
        return version is null || known == Unknown || known == Version(version);
    }

    public void Add(string page, string? version)
    {
        var key = Key(page);
        versions.Remove(key);
        versions[key] = version is null ? Unknown : Version(version);
    }

    public override string ToString() => string.Concat(versions.Skip(Math.Max(0, versions.Count - max)).Select(mark => mark.Key + mark.Value));

    private static string Key(string page) => Hash(page)[..KeyLength];

    private static string Version(string version) => Hash(version)[..VersionLength];

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 9)).Replace('+', '-').Replace('/', '_');
}
