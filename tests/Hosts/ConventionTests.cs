using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Functions.Hosts;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

public sealed class ConventionTests
{
    private static readonly FunctionDefinitions Definitions = FunctionDefinitions.Read();

    [Theory]
    [InlineData("FUNCTIONS_")]
    [InlineData("X-Azure-Functions")]
    public void Only_the_doors_know_the_Functions_host(string word)
    {
        var hosts = Path.Combine(Repository.Root, "functions", "Hosts");
        var sources = ((string[])["functions", "shared"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.StartsWith(hosts, StringComparison.Ordinal) && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        Assert.DoesNotContain(sources, file => File.ReadAllText(file).Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void The_guard_stands_first_and_lets_nobody_at_a_timer_or_queue_function()
    {
        var guard = Definitions.All[0];
        Assert.Equal("AAA-guard", guard.Name);
        Assert.Equal("admin", guard.Http!.AuthLevel);
        Assert.Empty(guard.Http.Methods);
        var pattern = Regex.Match(guard.Http.Route, @"^\{function:regex\((?<inner>.+)\)\}/\{\*rest\}$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["inner"].Value;
        var guarded = Regex.Match(pattern, @"^\^\(\?i:(?<inner>.+)\)\$$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["inner"].Value.Split('|');
        Assert.Equal(Definitions.Triggered.Select(f => f.Name).Order(StringComparer.Ordinal), guarded);
    }

    [Fact]
    public void The_site_takes_every_path_and_stands_last()
    {
        var site = Definitions.All[^1];
        Assert.Equal("zz-site", site.Name);
        Assert.Equal(("{*path}", "anonymous", 0), (site.Http!.Route, site.Http.AuthLevel, site.Http.Methods.Count));
        Assert.Equal(site, Definitions.All.MaxBy(f => f.Name, StringComparer.OrdinalIgnoreCase));
        Assert.Equal("AAA-guard", Definitions.All.MinBy(f => f.Name, StringComparer.OrdinalIgnoreCase)!.Name);
    }

    [Fact]
    public void The_host_file_asks_for_what_the_handler_needs()
    {
        using var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "host.json")));
        var handler = host.RootElement.GetProperty("customHandler");
        Assert.True(handler.GetProperty("enableProxyingHttpRequest").GetBoolean());
        Assert.True(handler.GetProperty("enableForwardingHttpRequest").GetBoolean());
        Assert.Equal("functions", handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        var bundle = host.RootElement.GetProperty("extensionBundle");
        Assert.Equal("Microsoft.Azure.Functions.ExtensionBundle", bundle.GetProperty("id").GetString());
        Assert.Equal("[4.*, 5.0.0)", bundle.GetProperty("version").GetString());
        Assert.Equal("", Definitions.Host.RoutePrefix);
    }
}
