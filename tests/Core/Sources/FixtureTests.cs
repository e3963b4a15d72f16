using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources;

/// <summary>
/// A folder <c>tests/fixtures/&lt;source&gt;/&lt;case&gt;</c> is a test. <c>exchange.json</c> says what is read and what the place answers:
/// <c>{now, settings, origin, address, options, answers: [{request: "GET https://…", status, headers, body: file}]}</c>; <c>expected.json</c> is what
/// one whole first read has to bring: <c>{drafts, coverage, repairs}</c>. A request that is not scripted is an error.
/// </summary>
public sealed class FixtureTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var source in Directory.GetDirectories(Repository.Path("tests", "fixtures")).Order(StringComparer.Ordinal))
            {
                foreach (var found in Directory.GetDirectories(source).Order(StringComparer.Ordinal))
                    cases.Add(Path.GetFileName(source), Path.GetFileName(found));
            }

            return cases;
        }
    }

    [Fact]
    public void Every_source_has_a_fixture_and_every_fixture_a_source()
    {
        using var web = new ScriptedWeb();
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, TimeProvider.System, "test");
        var listed = ContributionIngest.Functions.Configuration.SourceList.Of(fetcher, TimeProvider.System, Settings([])).All;
        var missing = typeof(ISource).Assembly.GetTypes().Where(type => type is { IsAbstract: false } && typeof(ISource).IsAssignableFrom(type))
            .Except(listed.Select(source => source.GetType())).Select(type => $"{type.Name} has no line in SourceList.");
        Assert.Empty(missing);
        var recorded = Cases.Select(found => (string)found[0]).ToHashSet();
        Assert.Empty(listed.Where(source => !recorded.Remove(source.Info.Name)).Select(source => $"{source.Info.Name} has no case under tests/fixtures."));
        Assert.Empty(recorded.Select(name => $"tests/fixtures/{name} belongs to no source."));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Recorded_exchange_produces_the_expected_drafts(string source, string name)
    {
        var folder = Repository.Path("tests", "fixtures", source, name);
        var exchange = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "exchange.json")))!;
        var answers = exchange["answers"]!.AsArray().ToDictionary(answer => (string)answer!["request"]!, answer => answer!);
        var unasked = answers.Keys.ToHashSet();
        using var web = new ScriptedWeb(request =>
        {
            var key = $"{request.Method} {request.RequestUri!.AbsoluteUri}";
            unasked.Remove(key);
            return answers.TryGetValue(key, out var answer) ? Answer(folder, answer) : throw new InvalidOperationException($"Nobody scripted {key}.");
        });
        var clock = new TestClock(DateTimeOffset.Parse((string)exchange["now"]!, System.Globalization.CultureInfo.InvariantCulture));
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, clock, "test/1");
        var options = exchange["options"]?.AsObject().ToDictionary(option => option.Key, option => (string)option.Value!) ?? [];
        var settings = exchange["settings"]?.AsObject().ToDictionary(setting => setting.Key, setting => (string?)setting.Value) ?? [];
        var reading = new SourceRequest((string)exchange["origin"]!, (string)exchange["address"]!, null, options, Credentials.None);

        var pages = new List<SourcePage>();
        await foreach (var page in ContributionIngest.Functions.Configuration.SourceList.Of(fetcher, clock, Settings(settings)).Get(source).ReadAsync(reading, default))
            pages.Add(page);

        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected.json")))!;
        var found = PageJson.Of(pages);
        Assert.True(JsonNode.DeepEquals(expected, found), "It brought:\n" + found.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        Assert.Empty(unasked);
    }

    private static SourceSettings Settings(Dictionary<string, string?> values) =>
        AppFixture.ReadSettings(values).Sources;

    private static HttpResponseMessage Answer(string folder, JsonNode answer)
    {
        var headers = answer["headers"]?.AsObject().Select(header => (header.Key, (string)header.Value!)).ToArray() ?? [];
        var body = (string?)answer["body"] is { } file ? File.ReadAllBytes(Path.Combine(folder, file)) : [];
        return ScriptedWeb.Answer((int?)answer["status"] ?? 200, body, null, headers);
    }
}
