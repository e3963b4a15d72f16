using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>An invented ledger, always the same for the same seed: ties, edits, rejected and private entries, text that spreadsheets would run.</summary>
internal sealed class Scenario(int seed)
{
    private static readonly string[] Texts =
        ["Café au lait", "=SUM(A1)", "+49", "-1", "@home", "plain words", "with, comma", "a \"quoted\" word", "Straße über Öl", "日本語の記事", "emoji 🎉"];

    private static readonly string[] TopicPool = ["C#", "Café", "azure", "dotnet", "=topic", "rust"];

    private readonly Random random = new(seed);

    public async Task FillAsync(LedgerFixture app, int most = 60)
    {
        await app.HarvestAsync([.. Drafts(random.Next(1, most), "p")]);
        foreach (var entry in (await app.Reader.NewestAsync(app.Person, null, null, null, 500, CancellationToken.None)).Items)
        {
            if (random.Next(3) == 0)
                await app.Editor.EditAsync(app.Person, entry.Id, null, Change, CancellationToken.None);
        }
    }

    public IEnumerable<Draft> Drafts(int count, string prefix) => Enumerable.Range(0, count).Select(i => new Draft
    {
        NativeId = $"{prefix}{i}",
        Kind = (Kind)random.Next(3),
        Status = (Status)random.Next(4),
        Title = Pick(Texts) + " " + i,
        Url = random.Next(4) == 0 ? null : $"https://example.org/{prefix}/{i}",
        Summary = random.Next(3) == 0 ? null : Pick(Texts),
        When = LedgerFixture.Now.AddHours(-random.Next(24 * 40)),
        EndsAt = random.Next(5) == 0 ? LedgerFixture.Now.AddTicks(random.Next()) : null,
        Container = random.Next(2) == 0 ? null : new Container(Pick(Texts)),
        Topics = [.. TopicPool.Where(_ => random.Next(3) == 0)],
        Metrics = random.Next(2) == 0 ? new Dictionary<string, double>() : new Dictionary<string, double> { ["views"] = random.Next(1000) },
    });

    public T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private PersonalValues Change(Contribution entry) => new(
        new Edits
        {
            Title = random.Next(3) == 0 ? Pick(Texts) : null,
            Kind = random.Next(4) == 0 ? Kind.Talk : null,
            When = random.Next(4) == 0 ? LedgerFixture.Now.AddHours(-random.Next(24 * 40)) : null,
            Topics = random.Next(4) == 0 ? [Pick(TopicPool)] : null,
        },
        random.Next(4) == 0,
        random.Next(4) == 0 ? Pick(Texts) : null,
        (Review)random.Next(3));
}
