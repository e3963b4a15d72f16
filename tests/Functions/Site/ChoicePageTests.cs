using System.Net;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>Choosing for a form with room for 24. Today is 1 June 2026.</summary>
public sealed partial class ChoicePageTests
{
    [Fact]
    public async Task Suggestion_spreads_over_kinds_and_months_prefers_the_area_and_reach_and_says_why()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var drafts = Enumerable.Range(0, 40).Select(n => Draft($"Post {n:D2}", Kind.BlogPost, new DateTimeOffset(2026, 5, 30, 12, 0, 0, TimeSpan.Zero) - TimeSpan.FromDays(n / 4), ["power-bi"], 100 + n)).ToList();
        drafts.Add(Draft("The only talk", Kind.Talk, new DateTimeOffset(2026, 5, 2, 12, 0, 0, TimeSpan.Zero), ["power-bi"], null));
        drafts.Add(Draft("Alone in its month", Kind.BlogPost, new DateTimeOffset(2025, 8, 2, 12, 0, 0, TimeSpan.Zero), ["power-bi"], null));
        drafts.Add(Draft("In the area", Kind.BlogPost, new DateTimeOffset(2026, 5, 30, 12, 0, 0, TimeSpan.Zero), ["blazor"], null));
        await site.HarvestAllAsync(drafts);
        await site.OpenAsync("/programmes");
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/add");
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/mine", ("handIn", ""), ("area", ".NET"), ("employerSites", ""));
        await site.OpenAsync("/programmes/microsoft-mvp/choose");

        Assert.Contains("24 of 43", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 in .NET", site.Text, StringComparison.Ordinal);
        Assert.Contains("reported The form has room for 24.", site.Text, StringComparison.Ordinal);
        Assert.Equal(24, Chosen(site).Count);
        Assert.Contains("The only talk talk · the first of its kind", site.Text, StringComparison.Ordinal);
        Assert.Contains("Alone in its month blog post · the first of August", site.Text, StringComparison.Ordinal);
        Assert.Contains("In the area blog post · in .NET", site.Text, StringComparison.Ordinal);
        Assert.Contains("Post 39 blog post · 139 views · one of the widest reaching of its kind", site.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Chosen(site), id => id == Identity.Of("feed", "https://blog.example/feed", "Post 00"));
        var first = Chosen(site);
        await site.OpenAsync("/programmes/microsoft-mvp/choose");
        Assert.Equal(first, Chosen(site));
    }

    [Fact]
    public async Task What_the_person_ticks_is_kept_and_handed_in_until_it_is_suggested_anew()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var ids = new List<string>();
        for (var n = 1; n <= 3; n++)
            ids.Add(await site.LogAsync($"Talk {n}", when: $"2026-05-0{n}", more: $",\"url\":\"https://talks.example/{n}\""));
        await site.LogAsync("Mine alone", more: ",\"private\":true");
        await site.OpenAsync("/programmes/microsoft-mvp/choose");
        Assert.Contains("All 3 fit into the form", site.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Mine alone", site.Text, StringComparison.Ordinal);

        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/choose", ("entry", ids[1]), ("entry", "no id"));
        Assert.Contains("1 is chosen, and only it is handed in.", site.Text, StringComparison.Ordinal);
        Assert.Equal([ids[1]], Chosen(site));
        var form = await site.App.GetAsync("/programmes/microsoft-mvp/form");
        Assert.Equal(ids[1], Assert.Single(form.GetProperty("entries").EnumerateArray()).GetProperty("id").GetString());

        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/choose", ("do", "suggest"));
        Assert.Equal(3, Chosen(site).Count);
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync("/programmes/docker-captain/choose")).Status);
    }

    private static List<string> Chosen(LedgerSiteFixture site) => [.. Ticked().Matches(site.Browser.Page).Select(match => match.Groups["id"].Value)];

    private static Draft Draft(string title, Kind kind, DateTimeOffset when, IReadOnlyList<string> topics, int? views) => LedgerSiteFixture.Draft(title) with
    {
        NativeId = title,
        Kind = kind,
        Url = "https://blog.example/" + Uri.EscapeDataString(title),
        When = when,
        Topics = topics,
        Metrics = views is { } known ? new Dictionary<string, double>(StringComparer.Ordinal) { ["views"] = known } : new Dictionary<string, double>(StringComparer.Ordinal),
    };

    [GeneratedRegex("name=\"entry\" value=\"(?<id>[a-z2-7]{26})\" checked", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Ticked();
}
