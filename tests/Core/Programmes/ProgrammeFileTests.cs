using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Programmes;

public sealed class ProgrammeFileTests
{
    [Fact]
    public void All_files_that_come_with_the_product_are_right_and_say_where_each_rule_is_written()
    {
        var catalog = new ProgrammeCatalog();
        Assert.Empty(catalog.Faults);
        Assert.InRange(catalog.All.Count, 25, 100);
        Assert.All(catalog.All.SelectMany(programme => programme.Rules), rule => Assert.True(rule.Source.Length > 3 && rule.Seen.Length >= 4));
        Assert.Contains(catalog.All, programme => programme.Rules.Count == 0);
    }

    [Fact]
    public void Only_what_a_programme_published_is_a_figure_to_compare_with()
    {
        var rules = new ProgrammeCatalog().All.SelectMany(programme => programme.Rules).ToList();
        Assert.All(rules.Where(rule => rule.Mark != RuleMark.Published), rule => Assert.True(rule is { AtLeast: null, AtMost: null, Days: null, Points: null, Levels: null, Sizes: null }, rule.Text));
        Assert.Contains(rules, rule => rule is { Mark: RuleMark.Published, AtLeast: 4 });
        Assert.Contains(rules, rule => rule.Mark == RuleMark.Reported);
    }

    /// <summary>The figures that programmes have published, by the table of what was found.</summary>
    [Theory]
    [InlineData("asyncapi-ambassador", RuleCheck.Items, 4)]
    [InlineData("json-schema-ambassador", RuleCheck.Items, 4)]
    [InlineData("graphql-ambassador", RuleCheck.Items, 4)]
    [InlineData("cdf-ambassador", RuleCheck.Items, 4)]
    [InlineData("cncf-ambassador", RuleCheck.Kinds, 2)]
    [InlineData("todo-ospo-ambassador", RuleCheck.Months, 1)]
    public void Least_that_a_programme_published_is_a_rule_of_its_file(string programme, RuleCheck check, int least) =>
        Assert.Contains(new ProgrammeCatalog().Find(programme)!.Rules, rule => rule.Check == check && rule.AtLeast == least && rule.Mark == RuleMark.Published);

    [Fact]
    public void Points_levels_sizes_and_days_are_those_that_were_published_and_no_other_file_has_any()
    {
        var rules = new ProgrammeCatalog().All.SelectMany(programme => programme.Rules.Select(rule => (programme.Id, Rule: rule))).ToList();
        var elastic = rules.Where(item => item.Id == "elastic-contributor").Select(item => item.Rule).ToList();
        Assert.Equal((6, 6, 10), (elastic[0].Points![Kind.Event], elastic[0].Points![Kind.Organising], elastic[0].Points![Kind.Talk]));
        Assert.Equal((10, 10, 7, 200), (elastic[1].Sizes![Kind.Event]["attendees"], elastic[1].Sizes![Kind.Talk]["attendees"], elastic[1].Sizes![Kind.Talk]["minutes"], elastic[1].Sizes![Kind.BlogPost]["words"]));
        var dataMiner = rules.Single(item => item.Rule.Levels is not null);
        Assert.Equal(("dataminer-devops", "Advocate 750, Enabler 5000, Catalyst 15000"), (dataMiner.Id, string.Join(", ", dataMiner.Rule.Levels!.Select(level => $"{level.Key} {level.Value}"))));
        Assert.Equal((25, 50), (dataMiner.Rule.Points![Kind.ForumAnswer], dataMiner.Rule.Points[Kind.Feedback]));
        Assert.Equal(["dataminer-devops", "elastic-contributor"], rules.Where(item => item.Rule.Points is not null).Select(item => item.Id).Order(StringComparer.Ordinal));
        var days = Assert.Single(rules, item => item.Rule.Days is not null);
        Assert.Equal(("cncf-ambassador", "90 a call, 180 dismissal"), (days.Id, string.Join(", ", days.Rule.Days!.Select(day => $"{day.Key} {day.Value}"))));
        Assert.Equal(6, rules.Count(item => item.Rule.AtLeast is not null));
        Assert.DoesNotContain(rules, item => item.Rule.AtMost is not null);
    }

    [Theory]
    [InlineData("\"rules\": [\n{\"check\":\"items\",\"text\":\"4 a year.\",\"mark\":\"reported\",\"source\":\"x\",\"seen\":\"2026\",\"atLeast\":4}]", 4, "Only a published rule may have a figure that something is compared with.")]
    [InlineData("\"rules\": [\n{\"check\":\"text\",\"text\":\"A.\",\"mark\":\"published\",\"source\":\"x\",\"seen\":\"2026\"},\n{\"check\":\"text\",\"text\":\"B.\",\"mark\":\"published\",\"source\":\"\",\"seen\":\"2026\"}]", 5, "The source is empty.")]
    [InlineData("\"rules\": [\n{\"check\":\"text\",\"text\":\"A.\",\"mark\":\"published\",\"source\":\"x\",\"seen\":\"lately\"}]", 4, "'lately' is not when it was seen: a year, a month such as 2026-07, or a day.")]
    [InlineData("\"window\": {\"kind\":\"fixed\",\"mark\":\"published\",\"source\":\"x\",\"seen\":\"2026\"}", 3, "A fixed window says when it begins, such as \"begins\": \"04-01\".")]
    [InlineData("\"window\": {\"kind\":\"fixed\",\"begins\":\"02-30\",\"mark\":\"published\",\"source\":\"x\",\"seen\":\"2026\"}", 3, "A fixed window says when it begins, such as \"begins\": \"04-01\".")]
    [InlineData("\"rules\": [\n{\"check\":\"size\",\"text\":\"A.\",\"mark\":\"reported\",\"source\":\"x\",\"seen\":\"2026\",\"sizes\":{\"talk\":{\"attendees\":10}}}]", 4, "Only a published rule may have a figure that something is compared with.")]
    [InlineData("\"rules\": [\n{\"check\":\"points\",\"text\":\"A.\",\"mark\":\"published\",\"source\":\"x\",\"seen\":\"2026\",\"points\":{\"talk\":0}}]", 4, "A figure is at least 1.")]
    [InlineData("\"areas\": \"carpentry\"", 3, "There is no list of areas 'carpentry'.")]
    [InlineData("\"about\": [\"-\"]", 3, "A word is empty.")]
    [InlineData("\"window\": {\"kind\":\"rolling\",\"months\":0,\"mark\":\"published\",\"source\":\"x\",\"seen\":\"2026\"}", 3, "A window has 1 to 60 months.")]
    [InlineData("\"url\": \"javascript:alert(1)\"", 3, "'javascript:alert(1)' is not a web address.")]
    public void Faulty_file_is_refused_with_the_line_and_the_reason(string part, int line, string reason)
    {
        var (programme, fault) = ProgrammeFile.Read("mine.json", Encoding.UTF8.GetBytes($"{{\n\"id\": \"mine\", \"name\": \"Mine\",\n{part}\n}}"));
        Assert.Null(programme);
        Assert.Equal(new ProgrammeFault("mine.json", line, reason), fault);
    }

    [Theory]
    [InlineData("{\n\"id\": \"mine\",\n\"name\": 5\n}", 3)]
    [InlineData("{\n\"id\": \"mine\",\n\"name\": \"Mine\",\n\"colour\": \"red\"\n}", 4)]
    [InlineData("{\n\"id\": \"mine\"\n", 3)]
    [InlineData("{\n\"name\": \"Mine\"\n}", 3)]
    [InlineData("null", 1)]
    [InlineData("", 1)]
    public void File_of_another_shape_is_refused_at_its_line(string json, int line)
    {
        var (programme, fault) = ProgrammeFile.Read("mine.json", Encoding.UTF8.GetBytes(json));
        Assert.Null(programme);
        Assert.Equal(line, fault!.Line);
        Assert.NotEmpty(fault.Reason);
    }

    [Fact]
    public async Task Files_of_the_operator_come_beside_ours_and_replace_them_and_a_faulty_one_costs_no_other()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.json"), """{"id":"our-own","name":"Our own programme"}""");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "b.json"), """{"id":"docker-captain","name":"Captains, as we see it"}""");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "c.json"), "{");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "d.json"), new string(' ', 300_000));
        await using var app = await AppFixture.StartAsync(new ScriptedWeb(), settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Programmes"] = folder.FullName });

        var items = (await app.GetAsync("/programmes")).GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("id").GetString()!, item => item.GetProperty("name").GetString(), StringComparer.Ordinal);
        Assert.Equal(("Our own programme", "Captains, as we see it", "GitHub Star"), (items["our-own"], items["docker-captain"], items["github-star"]));
        var faults = (await app.GetAsync("/status")).GetProperty("programmeFaults").EnumerateArray().Select(fault => Path.GetFileName(fault.GetProperty("file").GetString())).ToList();
        Assert.Equal(["c.json", "d.json"], faults);
    }

    [Fact]
    public async Task Programme_is_shown_with_its_window_its_rules_and_where_they_are_written()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var programme = await app.GetAsync("/programmes/asyncapi-ambassador");
        Assert.Equal("AsyncAPI Ambassador", programme.GetProperty("name").GetString());
        Assert.Equal(("count", "anniversary"), (programme.GetProperty("wish").GetString(), programme.GetProperty("window").GetProperty("kind").GetString()));
        var rule = programme.GetProperty("rules")[0];
        Assert.Equal((4, "published", "2026-07-11"), (rule.GetProperty("atLeast").GetInt32(), rule.GetProperty("mark").GetString(), rule.GetProperty("seen").GetString()));
        Assert.Equal("initiative_driver", programme.GetProperty("types").GetProperty("organising").GetString());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await app.SendAsync(HttpMethod.Get, "/programmes/nothing")).Status);
        Assert.Equal(JsonValueKind.Undefined, (await app.GetAsync("/status")).TryGetProperty("programmeFaults", out var none) ? none.ValueKind : JsonValueKind.Undefined);
    }
}
