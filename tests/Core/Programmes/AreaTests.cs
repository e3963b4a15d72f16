using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Areas;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Programmes;

/// <summary><c>/programmes/microsoft-mvp/areas</c>. Today is 15 June 2026, so the twelve months from 1 June 2025 to 31 May 2026 count.</summary>
public sealed class AreaTests
{
    private const string Areas = "/programmes/microsoft-mvp/areas";

    private int drafts;

    [Theory]
    [InlineData("blazor", "area", "topic", ".NET")]
    [InlineData("Asp Net_Core", "area", "topic", ".NET")]
    [InlineData("#dotnet", "area", "topic", ".NET")]
    [InlineData("azure-devops", "category", "topic", "DevOps")]
    [InlineData("java", "category", "topic", "Java")]
    [InlineData("javascript", "category", "topic", "Web Development")]
    [InlineData("power-bi", "other", "topic", "Power BI")]
    [InlineData("dynamics-365", "other", "category", null)]
    [InlineData("aspire", "notPlaced", "suggested", ".NET")]
    [InlineData("kubernetes", "notPlaced", "neutral", "Azure Kubernetes and Open Source")]
    [InlineData("javas", "notPlaced", "unknown", null)]
    [InlineData("knitting", "notPlaced", "unknown", null)]
    public async Task Topic_places_an_entry_as_a_whole_word_whatever_its_spelling(string topic, string part, string reason, string? area)
    {
        await using var app = await StartAsync();
        await app.HarvestAsync(Draft(topic));
        var place = Items(await app.GetAsync(Areas)).Single().GetProperty("place");
        Assert.Equal((part, reason, area), (place.GetProperty("part").GetString(), place.GetProperty("reason").GetString(), place.TryGetProperty("area", out var found) ? found.GetString() : null));
        Assert.Equal(reason == "unknown" ? [] : [topic], place.GetProperty("words").EnumerateArray().Select(word => word.GetString()));
    }

    [Fact]
    public async Task Neutral_topic_counts_for_who_is_nominated_where_it_belongs()
    {
        await using var app = await StartAsync("Azure Kubernetes and Open Source");
        await app.HarvestAsync(Draft("kubernetes"), Draft("blazor"));
        Assert.Equal((1, 0, 1, 0), Counts(await app.GetAsync(Areas)));
    }

    [Fact]
    public async Task Area_that_most_topics_name_is_the_entrys_and_the_others_are_listed()
    {
        await using var app = await StartAsync();
        await app.HarvestAsync(Draft("power-bi", "blazor", "csharp", "azure"));
        var place = Items(await app.GetAsync(Areas)).Single().GetProperty("place");
        Assert.Equal((".NET", "blazor csharp", "Power BI"), (place.GetProperty("area").GetString(), Words(place, "words"), Words(place, "more")));
    }

    [Fact]
    public async Task Persons_word_on_a_topic_beats_the_table_and_the_word_on_an_entry_beats_both_until_it_is_taken_back()
    {
        await using var app = await StartAsync();
        await app.HarvestAsync(Draft("Blazor"), Draft("blazor", "power-bi"), Draft("aspire"), Draft("knitting"));
        var id = Items(await app.GetAsync(Areas))[0].GetProperty("id").GetString();

        await ChangeAsync(app, $$$"""{"topics":{"blazor":"Web Development","aspire":".NET","power bi":"","knitting":"Excel"},"entries":{"{{{id}}}":"OneNote"}}""");
        var answer = await app.GetAsync(Areas);
        Assert.Equal((1, 1, 2, 0), Counts(answer));
        Assert.Equal(("person", "OneNote"), (Items(answer)[0].GetProperty("place").GetProperty("reason").GetString(), Items(answer)[0].GetProperty("place").GetProperty("area").GetString()));
        Assert.Equal("personTopic", Items(answer)[1].GetProperty("place").GetProperty("reason").GetString());
        Assert.Equal(4, answer.GetProperty("topics").EnumerateObject().Count());

        await ChangeAsync(app, $$$"""{"topics":{"BLAZOR":null,"aspire":null,"powerbi":null,"knitting":null},"entries":{"{{{id}}}":null}}""");
        Assert.Equal((2, 0, 0, 2), Counts(await app.GetAsync(Areas)));
    }

    [Theory]
    [InlineData("""{"topics":{"blazor":"Carpentry"}}""", "topics")]
    [InlineData("""{"topics":{" - ":".NET"}}""", "topics")]
    [InlineData("""{"entries":{"no id":".NET"}}""", "entries")]
    [InlineData("""{"entries":{"aaaaaaaaaaaaaaaaaaaaaaaaaa":""}}""", "entries")]
    public async Task Area_or_entry_that_there_is_none_of_is_refused(string body, string field)
    {
        await using var app = await StartAsync();
        var (status, problem, _) = await app.SendAsync(HttpMethod.Patch, Areas, body);
        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Get, "/programmes/docker-captain/areas")).Status);
    }

    [Fact]
    public void Area_with_another_name_now_keeps_its_place_and_has_its_old_name_in_older_lists()
    {
        var list = AreaList.Find("microsoft-mvp")!;
        var placer = new AreaPlacer(list, new AreaChoices(AreaChoices.None.Topics, new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "Azure AI Foundry" }), "AI Platform");
        Assert.Equal((AreaPart.Area, "Microsoft Foundry"), (placer.Place("a", []).Part, placer.Place("a", []).Area));
        Assert.Equal(("Azure AI Foundry", "Blank", null), (list.NameIn("2025-10", "Microsoft Foundry"), list.NameIn("2025-10", "Blank"), list.NameIn("2025-10", "On-Premises Identity")));
        Assert.Equal((94, 11), (list.Categories.Values.Sum(areas => areas.Count), list.Categories.Count));
    }

    [Fact]
    public void Every_topic_of_the_table_leads_to_an_area_of_the_current_list_and_only_one()
    {
        var list = AreaList.Find("microsoft-mvp")!;
        Assert.All(list.Topics, topics => Assert.True(topics.Area is null ? list.Categories.ContainsKey(topics.Category) : list.CategoryOf(topics.Area) == topics.Category, string.Join(", ", topics.Topics)));
        var several = list.Topics.SelectMany(topics => topics.Topics.Select(topic => (Topic: AreaList.Fold(topic), topics.Area))).GroupBy(item => item.Topic, StringComparer.Ordinal).Where(group => group.Select(item => item.Area).Distinct(StringComparer.Ordinal).Count() > 1);
        Assert.Empty(several);
        Assert.Equal(400, list.Topics.Sum(topics => topics.Topics.Count));
    }

    /// <summary>Counts anew from the file of the table, without the product's code.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Figure_equals_a_recount_for_random_ledgers(int seed)
    {
        var random = new Random(seed);
        var table = Table();
        var categories = File().RootElement.GetProperty("versions")[0].GetProperty("categories").EnumerateObject().SelectMany(category => category.Value.EnumerateArray().Select(area => (Area: area.GetString()!, Category: category.Name))).ToDictionary(item => item.Area, item => item.Category, StringComparer.Ordinal);
        var areas = categories.Keys.Order(StringComparer.Ordinal).ToList();
        var nominated = areas[random.Next(areas.Count)];
        await using var app = await StartAsync(nominated);
        string[] words = [.. table.Keys.OrderBy(_ => random.Next()).Take(40), "knitting", "tea", "java script", "dotnets"];
        await app.HarvestAsync([.. Enumerable.Range(0, 60 + random.Next(60)).Select(_ => Draft([.. Enumerable.Range(0, random.Next(4)).Select(_ => words[random.Next(words.Length)]).Distinct(StringComparer.Ordinal)]))]);
        var said = words.OrderBy(_ => random.Next()).Take(5).DistinctBy(Fold).ToDictionary(word => word, _ => random.Next(3) == 0 ? "" : areas[random.Next(areas.Count)], StringComparer.Ordinal);
        var items = Items(await app.GetAsync(Areas));
        var byHand = items.OrderBy(_ => random.Next()).Take(4).ToDictionary(item => item.GetProperty("id").GetString()!, _ => areas[random.Next(areas.Count)], StringComparer.Ordinal);
        await ChangeAsync(app, JsonSerializer.Serialize(new { topics = said, entries = byHand }));

        var answer = await app.GetAsync(Areas);
        var expected = Items(answer).Select(item => Expected(item.GetProperty("id").GetString()!, [.. item.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!)])).ToList();
        Assert.Equal((expected.Count(part => part == 0), expected.Count(part => part == 1), expected.Count(part => part == 2), expected.Count(part => part == 3)), Counts(answer));
        Assert.Equal(expected.Select(part => new[] { "area", "category", "other", "notPlaced" }[part]), Items(answer).Select(item => item.GetProperty("place").GetProperty("part").GetString()));
        var (inArea, inCategory, other, open) = Counts(answer);
        Assert.Equal($"{inArea} of {expected.Count} in {nominated}, {inCategory} elsewhere in {categories[nominated]}, {other} other, {open} not placed.", answer.GetProperty("share").GetProperty("text").GetString());
        Assert.Equal(inArea, Items(await app.GetAsync(Areas + "?part=area")).Count);
        Assert.Equal(answer.GetProperty("share").GetProperty("text").GetString(), (await app.GetAsync("/programmes/microsoft-mvp/readiness")).GetProperty("areas").GetProperty("text").GetString());

        int Expected(string id, string[] topics)
        {
            var folded = said.ToDictionary(pair => Fold(pair.Key), pair => pair.Value, StringComparer.Ordinal);
            if (byHand.TryGetValue(id, out var set))
                return Part(set);
            var own = topics.Where(topic => folded.GetValueOrDefault(Fold(topic)) is { Length: > 0 }).Select(topic => folded[Fold(topic)]).ToList();
            if (own.Count > 0)
                return Part(Mode(own));
            var rows = topics.Where(topic => !folded.ContainsKey(Fold(topic)) && table.ContainsKey(Fold(topic))).Select(topic => table[Fold(topic)]).Where(row => row.Basis != "judgement").ToList();
            var named = rows.Where(row => row.Area is not null && (!row.IsNeutral || row.Area == nominated)).Select(row => row.Area!).ToList();
            if (named.Count > 0)
                return Part(Mode(named));
            return rows.Find(row => row.Area is null) is { Category: { } category } ? category == categories[nominated] ? 1 : 2 : 3;
        }

        int Part(string area) => area == nominated ? 0 : categories[area] == categories[nominated] ? 1 : 2;

        static string Mode(List<string> named)
        {
            var best = named[0];
            foreach (var area in named)
            {
                if (named.Count(other => other == area) > named.Count(other => other == best))
                    best = area;
            }

            return best;
        }
    }

    private static JsonDocument File() => JsonDocument.Parse(System.IO.File.ReadAllBytes(Repository.Path("shared", "Core", "Areas", "Data", "microsoft-mvp.json")));

    private static Dictionary<string, (string? Area, string Category, string Basis, bool IsNeutral)> Table()
    {
        var table = new Dictionary<string, (string?, string, string, bool)>(StringComparer.Ordinal);
        foreach (var row in File().RootElement.GetProperty("topics").EnumerateArray())
        {
            foreach (var topic in row.GetProperty("topics").EnumerateArray())
            {
                var basis = row.GetProperty("basis").GetString()!;
                var key = Fold(topic.GetString()!);
                if (!table.ContainsKey(key) || basis != "judgement")
                    table[key] = (row.TryGetProperty("area", out var area) ? area.GetString() : null, row.GetProperty("category").GetString()!, basis, row.TryGetProperty("isNeutral", out _));
            }
        }

        return table;
    }

    private static string Fold(string topic) => topic.ToLowerInvariant().TrimStart('#').Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    private static async Task<LedgerFixture> StartAsync(string area = ".NET")
    {
        var app = await LedgerFixture.StartAsync();
        var (status, _, _) = await app.SendAsync(HttpMethod.Put, "/programmes/microsoft-mvp/membership", JsonSerializer.Serialize(new { area }));
        Assert.Equal(200, status);
        return app;
    }

    private static async Task ChangeAsync(LedgerFixture app, string body) => Assert.Equal(204, (await app.SendAsync(HttpMethod.Patch, Areas, body)).Status);

    private static List<JsonElement> Items(JsonElement answer) => [.. answer.GetProperty("items").EnumerateArray()];

    private static string Words(JsonElement place, string name) => string.Join(' ', place.GetProperty(name).EnumerateArray().Select(word => word.GetString()));

    private static (int Area, int Category, int Other, int NotPlaced) Counts(JsonElement answer)
    {
        var parts = answer.GetProperty("share").GetProperty("parts").EnumerateArray().ToDictionary(part => part.GetProperty("part").GetString()!, part => part.GetProperty("count").GetInt32(), StringComparer.Ordinal);
        return (parts["area"], parts["category"], parts["other"], parts["notPlaced"]);
    }

    /// <summary>One a day, back from the end of the window.</summary>
    private Draft Draft(params IReadOnlyList<string> topics) =>
        LedgerFixture.Draft((++drafts).ToString(CultureInfo.InvariantCulture)) with { Topics = topics, When = new DateTimeOffset(2026, 5, 31, 12, 0, 0, TimeSpan.Zero).AddDays(-drafts) };
}
