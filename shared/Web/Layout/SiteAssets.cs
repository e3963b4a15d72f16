using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace ContributionIngest.Web.Layout;

/// <summary>A file that pages refer to.</summary>
public sealed record Asset(string Path, string MediaType, byte[] Content);

/// <summary>Style sheets, scripts and icons, embedded in the assembly. Their addresses contain a hash of their content, so that browsers keep them for good.</summary>
public static class SiteAssets
{
    public const string Root = "/assets/";

    private static readonly FrozenDictionary<string, Asset> ByName = Read().ToFrozenDictionary(pair => pair.Name, pair => pair.Asset, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, Asset> ByPath = ByName.Values.ToFrozenDictionary(asset => asset.Path, StringComparer.Ordinal);

    /// <summary>The address of a file, by its name.</summary>
    public static string Path(string name) => ByName[name].Path;

    private static readonly FrozenDictionary<string, string> Icons = XDocument.Parse(Encoding.UTF8.GetString(ByName["icons.svg"].Content)).Root!.Elements()
        .Select(symbol => symbol.Attribute("id")!.Value).ToFrozenDictionary(name => name, name => Path("icons.svg") + "#" + name, StringComparer.Ordinal);

    /// <summary>The address of an icon, by its name in <c>icons.svg</c>.</summary>
    public static string Icon(string name) => Icons[name];

    /// <summary>Null if there is none at that path.</summary>
    public static Asset? Find(string path) => ByPath.GetValueOrDefault(path);

    private static IEnumerable<(string Name, Asset Asset)> Read()
    {
        var assembly = typeof(SiteAssets).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith("asset/", StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var name = resource["asset/".Length..];
            var (stem, extension) = (System.IO.Path.GetFileNameWithoutExtension(name), System.IO.Path.GetExtension(name));
            var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..8];
            yield return (name, new Asset($"{Root}{stem}.{hash}{extension}", MediaType(extension), content));
        }
    }

    private static string MediaType(string extension) => extension switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".webmanifest" => "application/manifest+json",
        _ => throw new InvalidOperationException($"No media type is known for {extension}."),
    };
}
