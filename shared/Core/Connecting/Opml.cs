using System.Xml;

namespace ContributionIngest.Core.Connecting;

/// <summary>Lists of feeds that readers and podcast players export (OPML 2.0, http://opml.org/spec2.opml).</summary>
public static class Opml
{
    /// <summary>The most addresses that are read.</summary>
    public const int MaxAddresses = 1000;

    private const int MaxAddressLength = 2000;

    /// <summary>The addresses of feeds, or else of pages, in their order and each once; empty if the file has none or is no OPML.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(Stream file)
    {
        var settings = new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, IgnoreComments = true, IgnoreWhitespace = true };
        using var xml = XmlReader.Create(file, settings);
        var found = new List<string>();
        try
        {
            while (found.Count < MaxAddresses && await xml.ReadAsync())
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "outline" } && Address(xml) is { } address && !found.Contains(address, StringComparer.Ordinal))
                    found.Add(address);
            }
        }
        catch (XmlException)
        {
            // What was read until there is used.
        }

        return found;
    }

    private static string? Address(XmlReader outline) => ((string[])["xmlUrl", "htmlUrl", "url"])
        .Select(name => outline.GetAttribute(name)?.Trim()).FirstOrDefault(value => value is { Length: > 0 and <= MaxAddressLength } && !value.Contains('\n', StringComparison.Ordinal));
}
