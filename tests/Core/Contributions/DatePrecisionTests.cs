using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

/// <summary>A month is a month, and a year a year: neither is given a day.</summary>
public sealed class DatePrecisionTests
{
    [Theory]
    [InlineData("2017-05", "month", "2017-05-01T12:00:00Z")]
    [InlineData("2017", "year", "2017-01-01T12:00:00Z")]
    [InlineData("2017-05-20", "day", "2017-05-20T12:00:00Z")]
    [InlineData("2017-05-20T18:00:00Z", "exact", "2017-05-20T18:00:00Z")]
    public async Task Logged_date_is_kept_as_exactly_as_it_was_given(string typed, string precision, string stored)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, entry, _) = await app.SendAsync(HttpMethod.Post, "/ledger", $$"""{"title":"Tides","kind":"talk","when":"{{typed}}"}""");
        Assert.Equal((201, precision, stored), (status, entry.GetProperty("datePrecision").GetString(), entry.GetProperty("when").GetString()));
    }

    [Fact]
    public async Task Edited_date_keeps_its_precision_and_gives_it_back_with_the_harvested_one()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("a"));
        var id = (await app.GetAsync("/ledger")).GetProperty("items")[0].GetProperty("id").GetString();
        var (_, edited, _) = await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"when":"2026-03"}""");
        Assert.Equal(("month", "2026-03-01T12:00:00Z"), (edited.GetProperty("datePrecision").GetString(), edited.GetProperty("when").GetString()));
        var (_, kept, _) = await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"title":"Other"}""");
        Assert.Equal("month", kept.GetProperty("datePrecision").GetString());
        var (_, back, _) = await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"when":null}""");
        Assert.Equal("exact", back.GetProperty("datePrecision").GetString());
    }

    [Fact]
    public void Month_lies_in_its_month_in_every_time_zone()
    {
        var time = KnownDate.OfMonth(2026, 3).Time;
        Assert.All(DateTimeZoneProviders.Tzdb.Ids.Select(id => DateTimeZoneProviders.Tzdb[id]), zone => Assert.Equal(3, Instant.FromDateTimeOffset(time).InZone(zone).Month));
    }

    [Fact]
    public void Document_of_an_earlier_version_is_read_with_its_day()
    {
        var edits = JsonSerializer.Deserialize("""{"id":"a","source":"feed","firstSeen":"2026-01-01T00:00:00Z","harvested":{"kind":"talk","title":"T","when":"2026-01-01T00:00:00Z"},"edits":{"when":"2026-02-03T12:00:00Z","whenIsDay":true}}""", LedgerJson.Default.Contribution)!;
        Assert.Equal(DatePrecision.Day, edits.Effective().DatePrecision);
    }

    [Fact]
    public async Task No_export_gives_a_month_a_day()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Tides","kind":"talk","when":"2026-05"}""");
        foreach (var (format, dated) in new[] { ("markdown", "2026-05 ·"), ("csv", ",month,") })
            Assert.Contains(dated, await app.Client.GetStringAsync($"/api/ledger?format={format}"), StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN:VEVENT", await app.Client.GetStringAsync("/api/ledger?format=icalendar"), StringComparison.Ordinal);
        var form = await app.GetAsync("/programmes/microsoft-mvp/form");
        Assert.Contains("Only its month is known: May 2026.", form.GetRawText(), StringComparison.Ordinal);
    }
}
