namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Whether a change is one of documentation, by the paths of its files.</summary>
internal static class DocumentationPaths
{
    public const string Topic = "documentation";

    private static readonly string[] Extensions = [".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc"];

    private static readonly string[] Folders = ["docs", "doc", "documentation"];

    /// <param name="paths">All of them: of a part nothing can be said.</param>
    public static bool IsDocumentation(IReadOnlyCollection<string> paths) => paths.Count > 0 && paths.All(IsDocumentation);

    private static bool IsDocumentation(string path)
    {
        var parts = path.Split('/');
        return Array.Exists(Extensions, extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            || parts.SkipLast(1).Any(folder => Folders.Contains(folder, StringComparer.OrdinalIgnoreCase));
    }
}
