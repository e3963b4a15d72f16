using System.Text.RegularExpressions;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Conventions;

/// <summary>What holds for every file and every room.</summary>
public sealed partial class ConventionTests
{
    /// <summary>A room of Core and the rooms it may know beside Diagnostics, which everybody knows.</summary>
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["Diagnostics"] = [],
        ["Model"] = [],
        ["Ports"] = [],
        ["Fetch"] = [],
        ["Sources"] = ["Model", "Fetch"],
        ["Ledger"] = ["Model", "Ports"],
        ["People"] = ["Model", "Ports", "Ledger", "Sources"],
        ["Harvest"] = ["Model", "Ports", "Sources", "Ledger", "People"],
        ["Charts"] = ["Model"],
        ["Query"] = ["Model", "Ledger", "People", "Charts"],
        ["Digest"] = ["Model", "Ports", "Ledger", "People", "Query", "Charts"],
    };

    private static readonly string[] Product = [.. Directory.EnumerateFiles(Repository.Path("functions"), "*.cs", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Repository.Path("shared"), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))];

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
    public void Rooms_of_Core_know_only_the_rooms_they_may()
    {
        var faults = Product.Where(f => f.StartsWith(Repository.Path("shared", "Core") + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .SelectMany(file =>
            {
                var room = Path.GetRelativePath(Repository.Path("shared", "Core"), file).Split(Path.DirectorySeparatorChar)[0];
                return Rooms(file).Where(other => other != room && other != "Diagnostics" && !Known[room].Contains(other)).Select(other => $"{file}: {room} knows {other}");
            });
        Assert.Empty(faults);
    }

    [Fact]
    public void Core_knows_no_driver_no_web_framework_no_logger_and_drivers_know_no_source()
    {
        foreach (var file in Product)
        {
            var text = File.ReadAllText(file);
            if (file.StartsWith(Repository.Path("shared"), StringComparison.Ordinal))
                Assert.DoesNotMatch(Foreign(), text);
            if (file.StartsWith(Repository.Path("shared", "Core"), StringComparison.Ordinal))
                Assert.DoesNotMatch(Vendors(), text);
            if (file.StartsWith(Repository.Path("shared", "Drivers"), StringComparison.Ordinal))
                Assert.DoesNotContain("ContributionIngest.Core.Sources", text, StringComparison.Ordinal);
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

    private static IEnumerable<string> Rooms(string file) => CoreRoom().Matches(File.ReadAllText(file)).Select(m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal);

    [GeneratedRegex(@"ContributionIngest\.Core\.(?<name>[A-Z][A-Za-z]+)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex CoreRoom();

    [GeneratedRegex(@"Microsoft\.AspNetCore|ILogger|ContributionIngest\.Functions", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Foreign();

    [GeneratedRegex(@"using (Azure\.|Microsoft\.Data|ContributionIngest\.Drivers)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Vendors();

    [GeneratedRegex(@"`(?<name>(functions|shared|tests|infra)(/[A-Za-z0-9_.-]+)*/?)`", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex NamedPath();

    [GeneratedRegex("PackageVersion Include=\"(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex PackageVersion();
}
