using System.Globalization;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.FieldReports;

/// <summary>What providers, hubs and webhooks did in public bug reports, played step by step against the app.</summary>
public sealed class PlayedReportTests
{
    private const string Set = "field-reports-2";

    private static readonly IReadOnlyDictionary<string, JsonElement> Cases = ReportCases.Of(Set);

    public static TheoryData<string> Reports => [.. Cases.Keys];

    [CorporaTheory]
    [MemberData(nameof(Reports))]
    public async Task What_was_reported_ends_right(string id)
    {
        var expected = Cases[id].GetProperty("expect");
        await using var play = new ReportPlay(JsonElement.Parse(ReportCases.Input(Set, id + ".json")));
        var starts = await play.StartAsync();
        Assert.Equal(!expected.TryGetProperty("starts", out var wanted) || wanted.GetBoolean(), starts);
        if (!starts)
            return;
        await play.RunAsync();
        var entries = await play.App.LedgerAsync();
        foreach (var value in expected.EnumerateObject())
        {
            switch (value.Name)
            {
                case "starts":
                    break;
                case "ledger":
                    Assert.Equal(
                        value.Value.EnumerateArray().Select(entry => $"{entry[0].GetString()}: {entry[1].GetString()}").Order(StringComparer.Ordinal),
                        entries.Select(entry => $"{entry.At("title")}: {entry.At("status")}").Order(StringComparer.Ordinal));
                    break;
                case "titles":
                    Assert.Equal(value.Value.Strings().Order(StringComparer.Ordinal), entries.Select(entry => entry.At("title")).Order(StringComparer.Ordinal));
                    break;
                case "not_status":
                    foreach (var title in value.Value.EnumerateObject())
                        Assert.DoesNotContain(entries, entry => entry.At("title") == title.Name && title.Value.Strings().Contains(entry.At("status"), StringComparer.Ordinal));
                    break;
                case "when":
                    foreach (var title in value.Value.EnumerateObject())
                        Assert.Equal(DateTimeOffset.Parse(play.Fill(title.Value.GetString()!), CultureInfo.InvariantCulture), DateTimeOffset.Parse(entries.Single(entry => entry.At("title") == title.Name).At("when")!, CultureInfo.InvariantCulture));
                    break;
                case "summary":
                    var summary = await play.App.GetAsync($"/ledger/summary?from={play.Fill(value.Value.At("from")!)}&to={play.Fill(value.Value.At("to")!)}");
                    Assert.Equal(value.Value.At("total"), summary.At("public.total"));
                    break;
                case "health":
                    foreach (var connection in value.Value.EnumerateObject())
                        Assert.Equal(connection.Value.GetString(), (await play.App.GetAsync("/connections/" + play.Connections[connection.Name])).At("health"));
                    break;
                case "asked_at_most":
                    foreach (var place in value.Value.EnumerateObject())
                        Assert.InRange(play.Asked(place.Name), 0, place.Value.GetInt32());
                    break;
                case "answers":
                    Assert.Equal(value.Value.EnumerateArray().Select(status => status.GetInt32()), play.Answers);
                    break;
                case "csv_begins":
                    var csv = await play.App.Client.GetByteArrayAsync(new Uri("/api/ledger?format=csv", UriKind.Relative));
                    Assert.StartsWith(value.Value.GetString()!, Convert.ToHexStringLower(csv), StringComparison.Ordinal);
                    break;
                case "mailed":
                    Assert.All(value.Value.Strings(), title => Assert.Contains(play.App.Mail.Letters, mail => mail.Text.Contains(title!, StringComparison.Ordinal)));
                    break;
                default:
                    Assert.Fail($"Nobody knows what '{value.Name}' asks for.");
                    break;
            }
        }
    }
}
