using System.Text.RegularExpressions;
using ContributionIngest.Functions.Hosts;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

/// <summary>There is no compiler for the infrastructure here; what it must have in common with the program can be held all the same.</summary>
public sealed class InfraTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "infra");

    [Fact]
    public void Every_queue_that_triggers_a_function_is_made()
    {
        var made = Names(File.ReadAllText(Path.Combine(Folder, "storage.bicep")), "queues");
        var used = FunctionDefinitions.Read().All.Where(f => f.Queue is not null).Select(f => f.Queue!.Queue);
        Assert.Superset(used.ToHashSet(StringComparer.Ordinal), made);
    }

    [Fact]
    public void Every_module_is_there_and_given_every_parameter_it_asks_for_and_no_other()
    {
        var main = File.ReadAllText(Path.Combine(Folder, "main.bicep"));
        var modules = Regex.Matches(main, @"^module \w+ '(?<file>\w+\.bicep)' = \{(?<body>.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        Assert.Equal(Directory.GetFiles(Folder, "*.bicep").Length - 1, modules.Count);
        foreach (Match module in modules)
        {
            var given = Matches(module.Groups["body"].Value, @"^    (?<name>\w+):");
            var asked = Matches(File.ReadAllText(Path.Combine(Folder, module.Groups["file"].Value)), @"^param (?<name>\w+) ");
            Assert.Equal(asked.Order(StringComparer.Ordinal), given.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("dev.bicepparam")]
    [InlineData("prod.bicepparam")]
    public void A_parameter_file_sets_what_has_no_default_and_nothing_unknown(string file)
    {
        var main = File.ReadAllText(Path.Combine(Folder, "main.bicep"));
        var given = Matches(File.ReadAllText(Path.Combine(Folder, file)), @"^param (?<name>\w+) =");
        Assert.Subset(Matches(main, @"^param (?<name>\w+) \w+"), given);
        Assert.Superset(Matches(main, @"^param (?<name>\w+) \w+$"), given);
    }

    [Fact]
    public void No_key_and_no_connection_string_is_handed_to_the_app()
    {
        foreach (var file in Directory.GetFiles(Folder, "*.bicep"))
            Assert.DoesNotMatch("listKeys|AccountKey|allowSharedKeyAccess: true", File.ReadAllText(file));
    }

    private static HashSet<string> Matches(string text, string pattern) =>
        Regex.Matches(text, pattern, RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    private static HashSet<string> Names(string text, string list) =>
        Matches(Regex.Match(text, $@"var {list} = \[(?<name>[^\]]*)\]", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Groups["name"].Value, "'(?<name>[^']+)'");
}
