using System.Text.RegularExpressions;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Conventions;

/// <summary>What holds for every file and every folder.</summary>
public sealed partial class ConventionTests
{
    /// <summary>A folder of Core and the folders it may use; each may use Core's own files and Formats.</summary>
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["Model"] = [],
        ["Storage"] = [],
        ["Http"] = [],
        ["Mail"] = ["Model", "Storage"],
        ["Sources"] = ["Model", "Http"],
        ["Contributions"] = ["Model", "Storage"],
        ["Connections"] = ["Model", "Storage"],
        ["People"] = ["Model", "Storage", "Contributions", "Mail"],
        ["Grants"] = ["Model", "Storage", "Http", "Sources", "Connections", "People"],
        ["Scheduling"] = ["Model", "Storage"],
        ["Push"] = ["Model", "Storage", "Http", "Sources", "Connections", "People", "Scheduling"],
        ["Harvesting"] = ["Model", "Storage", "Http", "Sources", "Contributions", "Connections", "Grants", "Scheduling", "Push"],
        ["Connecting"] = ["Model", "Storage", "Http", "Sources", "Connections", "Grants", "People", "Scheduling", "Harvesting"],
        ["Digests"] = ["Model", "Storage", "Mail", "Contributions", "Connections", "People", "Programmes", "Scheduling"],
        ["Evidence"] = ["Model", "Storage", "Http", "Sources", "Contributions"],
        ["Areas"] = ["Model", "Storage"],
        ["Programmes"] = ["Model", "Storage", "Contributions", "Areas", "Evidence"],
        ["Accounts"] = ["Model", "Storage", "Mail", "Contributions", "Connections", "Grants", "People", "Programmes", "Evidence", "Scheduling", "Push", "Harvesting", "Digests"],
        ["Backup"] = ["Model", "Storage", "Contributions", "Connections", "People", "Scheduling", "Push", "Harvesting", "Digests", "Accounts"],
        ["Maintenance"] = ["Model", "Storage", "Contributions", "Connections", "People", "Push", "Harvesting", "Digests", "Accounts", "Backup"],
    };

    private static readonly string[] Product = [.. Directory.EnumerateFiles(Repository.Path("functions"), "*.cs", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Repository.Path("shared"), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))];

    private static readonly Lazy<HashSet<string>> Folders = new(() => Product.Select(Folder).ToHashSet(StringComparer.Ordinal));

    [Fact]
    public void No_product_file_has_more_than_400_lines()
    {
        Assert.All(Product, file =>
        {
            var lines = File.ReadLines(file).Count();
            Assert.True(lines <= 400, $"{file} has {lines} lines.");
        });
    }

    [Fact]
    public void No_folder_holds_more_than_25_files() =>
        Assert.All(Product.CountBy(file => Path.GetDirectoryName(file)!), folder => Assert.True(folder.Value <= 25, $"{folder.Key} holds {folder.Value} files."));

    [Fact]
    public void Folders_of_Core_use_only_the_folders_below_them()
    {
        var faults = Product.Where(file => Folder(file).StartsWith("shared/Core/", StringComparison.Ordinal))
            .SelectMany(file => Used(file).Where(used => used.StartsWith("shared/Core/", StringComparison.Ordinal)).Select(used => (File: file, Mine: Room(Folder(file)), Used: Room(used))))
            .Where(use => use.Used != use.Mine && !Known[use.Mine].Contains(use.Used))
            .Select(use => $"{use.File}: {use.Mine} uses {use.Used}");
        Assert.Empty(faults);
    }

    [Fact]
    public void Formats_and_Demo_use_nothing_of_the_product_and_drivers_use_Core_but_no_source()
    {
        var faults = from file in Product
                     let project = string.Join('/', Folder(file).Split('/').Take(2))
                     from used in Used(file)
                     where (project is "shared/Formats" or "shared/Demo" && !used.StartsWith(project, StringComparison.Ordinal))
                         || (project is "shared/Core" && !used.StartsWith("shared/Core", StringComparison.Ordinal) && !used.StartsWith("shared/Formats", StringComparison.Ordinal))
                         || (project is "shared/Drivers" && (used.StartsWith("functions", StringComparison.Ordinal) || used.StartsWith("shared/Core/Sources", StringComparison.Ordinal)))
                     select $"{file} uses {used}";
        Assert.Empty(faults);
    }

    [Fact]
    public void No_folders_use_each_other_in_a_circle()
    {
        var uses = Product.GroupBy(Folder).ToDictionary(
            folder => folder.Key,
            folder => folder.SelectMany(Used).Append(Parent(folder.Key)).OfType<string>().Where(used => used != folder.Key).ToHashSet(StringComparer.Ordinal),
            StringComparer.Ordinal);

        // What uses no folder that is left is taken away; what stays uses each other.
        while (uses.Where(folder => !folder.Value.Overlaps(uses.Keys)).Select(folder => folder.Key).ToList() is { Count: > 0 } free)
            free.ForEach(folder => uses.Remove(folder));
        Assert.Empty(uses.Select(folder => $"{folder.Key} uses {string.Join(", ", folder.Value.Where(uses.ContainsKey))}"));
    }

    [Theory]
    [InlineData("youtube", "YouTube")]
    [InlineData("github", "GitHub")]
    public void What_one_source_alone_needs_to_know_stands_in_its_folder(string word, string folder) => Assert.DoesNotContain(Product, file =>
        Folder(file).StartsWith("shared/Core", StringComparison.Ordinal) && Folder(file) != $"shared/Core/Sources/{folder}"
        && File.ReadAllText(file).Contains(word, StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Core_knows_no_web_framework_no_logger_and_no_storage_client()
    {
        foreach (var file in Product.Where(file => Folder(file).StartsWith("shared/", StringComparison.Ordinal) && !Folder(file).StartsWith("shared/Demo", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch(Foreign(), File.ReadAllText(file));
            if (!Folder(file).StartsWith("shared/Drivers", StringComparison.Ordinal))
                Assert.DoesNotMatch(Vendors(), File.ReadAllText(file));
        }
    }

    [Fact]
    public void The_README_is_short_and_every_path_it_names_is_there()
    {
        var lines = File.ReadAllLines(Repository.Path("README.md"));
        Assert.True(lines.Length < 150, $"{lines.Length} lines");
        var paths = lines.SelectMany(line => NamedPath().Matches(line)).Select(m => m.Groups["name"].Value.TrimEnd('/')).Distinct(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Repository.Path(path.Split('/'))), $"The README names {path}, which is not there."));
    }

    [Fact]
    public void Every_dependency_stands_in_the_README()
    {
        var readme = File.ReadAllText(Repository.Path("README.md"));
        var packages = PackageVersion().Matches(File.ReadAllText(Repository.Path("Directory.Packages.props"))).Select(m => m.Groups["name"].Value);
        Assert.All(packages, package => Assert.Contains(package, readme, StringComparison.Ordinal));
    }

    /// <summary>Of a file, as <c>shared/Core/Push</c>.</summary>
    private static string Folder(string file) => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>The folder of Core that a folder belongs to.</summary>
    private static string Room(string folder) => folder.Split('/').ElementAtOrDefault(2) ?? "";

    /// <summary>What the files of a folder see without saying so. The program itself stands in functions, and nobody uses it.</summary>
    private static string? Parent(string folder) => folder.LastIndexOf('/') is >= 0 and var slash && folder[..slash] != "functions" && Folders.Value.Contains(folder[..slash]) ? folder[..slash] : null;

    /// <summary>The folders of other files that a file names by their namespaces, which follow the folders.</summary>
    private static IEnumerable<string> Used(string file) => Namespace().Matches(File.ReadAllText(file)).Select(match => Closest(match.Groups["name"].Value))
        .OfType<string>().Where(folder => folder != Folder(file) && folder != "shared/Core").Distinct(StringComparer.Ordinal);

    private static string? Closest(string name)
    {
        var path = name.StartsWith("Functions", StringComparison.Ordinal) ? "functions" + name["Functions".Length..].Replace('.', '/') : "shared/" + name.Replace('.', '/');
        while (!Folders.Value.Contains(path))
        {
            if (path.LastIndexOf('/') is not (>= 0 and var slash))
                return null;
            path = path[..slash];
        }

        return path;
    }

    [GeneratedRegex(@"ContributionIngest\.(?<name>(Core|Formats|Drivers|Demo|Functions)(\.[A-Z][A-Za-z]+)*)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"Microsoft\.AspNetCore|ILogger|ContributionIngest\.Functions", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Foreign();

    [GeneratedRegex(@"using (Azure\.|Microsoft\.Data|ContributionIngest\.Drivers)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Vendors();

    [GeneratedRegex(@"`(?<name>(functions|shared|tests|infra)(/[A-Za-z0-9_.-]+)*/?)`", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex NamedPath();

    [GeneratedRegex("PackageVersion Include=\"(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex PackageVersion();
}
