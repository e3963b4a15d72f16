using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Contributions.Charts;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

/// <summary>Charts as pictures that somebody has looked at.</summary>
public sealed class ChartTests
{
    private static readonly Approval Approved = new("tests/Core/Contributions/Approved");

    /// <summary>Counts by day: most days are small, one stands out, and the last two lie outside of what is drawn.</summary>
    private static readonly (string Day, int Count)[] Days =
    [
        ("2026-01-20", 1), ("2026-01-21", 2), ("2026-02-01", 1), ("2026-02-02", 3), ("2026-02-14", 5), ("2026-03-01", 1), ("2026-03-02", 8),
        ("2026-03-03", 2), ("2026-03-31", 4), ("2026-04-10", 24), ("2026-01-19", 6), ("2026-04-11", 7),
    ];

    [Theory]
    [InlineData("heatmap", "from=2026-01-20&to=2026-04-10", "heatmap-part")]
    [InlineData("heatmap", "from=2026-03-01&to=2026-03-20", "heatmap-short")]
    [InlineData("heatmap", "year=2026", "heatmap-year")]
    [InlineData("weekly", "from=2026-01-20&to=2026-04-10", "weekly-part")]
    [InlineData("weekly", "year=2026", "weekly-year")]
    public async Task Chart_matches_its_approved_picture(string chart, string span, string name)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Days.SelectMany(day => Enumerable.Range(0, day.Count).Select(n => LedgerFixture.Draft(
            string.Create(CultureInfo.InvariantCulture, $"{day.Day}-{n}"), day.Day + "T10:00:00Z")))]);

        var svg = await app.Client.GetStringAsync(new Uri($"/api/charts/{chart}.svg?{span}", UriKind.Relative));

        Approved.Of(($"{name}.svg", svg));
    }

    [Fact]
    public async Task Policy_of_a_chart_allows_its_own_style_sheet_and_no_other()
    {
        await using var app = await LedgerFixture.StartAsync();
        using var answer = await app.Client.GetAsync(new Uri("/api/charts/weekly.svg", UriKind.Relative));
        var css = (await answer.Content.ReadAsStringAsync()).Split("<style>")[1].Split("</style>")[0];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(css)));
        Assert.Contains($"style-src 'sha256-{hash}';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_in_a_chart_cannot_become_markup()
    {
        var svg = new Svg(100, 100, "a", "b");

        svg.Text(0, 0, "<b title=\"c\">&");

        Assert.Contains("&lt;b title=&quot;c&quot;&gt;&amp;</text>", svg.ToString(), StringComparison.Ordinal);
    }
}
