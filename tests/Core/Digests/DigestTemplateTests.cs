using System.Net;
using System.Text.Json;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>Templates at the end of a digest, and what their links do.</summary>
public sealed class DigestTemplateTests
{
    [Fact]
    public async Task Three_templates_used_lately_are_offered_and_logged_from_the_mail_once_a_day()
    {
        await using var app = await DigestFixture.StartAsync();
        foreach (var title in new[] { "Fourth", "Third", "Second", "Monthly meetup" })
        {
            await UseAsync(app, title);
            await app.MoveToAsync(app.App.Clock.GetUtcNow().AddHours(1).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        }

        var again = (await app.PreviewAsync()).GetProperty("again").EnumerateArray().Select(offer => offer.GetProperty("title").GetString());
        Assert.Equal(["Monthly meetup", "Second", "Third"], again);
        var text = await app.ShownAsync("text");
        Assert.Contains("DONE AGAIN?\r\n\r\nMonthly meetup\r\n  40 attendees\r\n  Log again: https://ledger.example.org/sub/act/log/", text, StringComparison.Ordinal);

        var link = text.Split("Log again: https://ledger.example.org/sub")[1].Split('\r')[0];
        var before = (await app.App.LedgerAsync()).Count;
        var asked = await app.Site.GetStringAsync(new Uri(link, UriKind.Relative));
        Assert.Contains("<bdi>Monthly meetup</bdi>", asked, StringComparison.Ordinal);
        Assert.Contains("value=\"2026-06-01\"", asked, StringComparison.Ordinal);
        Assert.Contains("value=\"40\"", asked, StringComparison.Ordinal);
        Assert.Equal(before, (await app.App.LedgerAsync()).Count);
        foreach (var _ in new[] { 1, 2 })
            Assert.Contains("It is in your ledger.", await PostAsync(app, link, HttpStatusCode.OK, ("do", "yes"), ("when", "2026-06-01"), ("attendees", "38")), StringComparison.Ordinal);
        Assert.Equal(before + 1, (await app.App.LedgerAsync()).Count);
        await PostAsync(app, link, HttpStatusCode.OK, ("do", "yes"), ("when", "2026-05-30"), ("attendees", "40"));
        Assert.Equal(before + 2, (await app.App.LedgerAsync()).Count);
        Assert.Contains((await app.App.LedgerAsync()), entry => entry.GetProperty("metrics").GetProperty("attendees").GetProperty("value").GetInt32() == 38);

        var refused = await PostAsync(app, link, HttpStatusCode.BadRequest, ("do", "yes"), ("when", "soon"), ("attendees", "many"));
        Assert.Contains("value=\"soon\"", refused, StringComparison.Ordinal);
        Assert.Equal(before + 2, (await app.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Template_that_is_private_or_was_not_used_for_sixty_days_is_not_offered()
    {
        await using var app = await DigestFixture.StartAsync();
        await UseAsync(app, "Mine alone", ""","private":true""");
        await app.App.PostAsync("/templates", """{"title":"Never used","kind":"talk"}""");
        Assert.Equal(0, (await app.PreviewAsync()).GetProperty("again").GetArrayLength());
        await UseAsync(app, "Monthly meetup");
        Assert.Equal(1, (await app.PreviewAsync()).GetProperty("again").GetArrayLength());
        await app.MoveToAsync("2026-08-01T12:00:00Z");
        Assert.Equal(0, (await app.PreviewAsync()).GetProperty("again").GetArrayLength());
        Assert.DoesNotContain("DONE AGAIN?", await app.ShownAsync("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_of_a_deleted_template_has_expired()
    {
        await using var app = await DigestFixture.StartAsync();
        var id = await UseAsync(app, "Monthly meetup");
        var link = (await app.ShownAsync("text")).Split("Log again: https://ledger.example.org/sub")[1].Split('\r')[0];
        await app.App.SendAsync(HttpMethod.Delete, "/templates/" + id);
        using var gone = await app.Site.GetAsync(new Uri(link, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    private static async Task<string> UseAsync(DigestFixture app, string title, string more = "")
    {
        var (_, kept) = await app.App.PostAsync("/templates", $$"""{"title":{{JsonSerializer.Serialize(title)}},"kind":"organising","metrics":{"attendees":40}{{more}}}""");
        var id = kept.GetProperty("id").GetString()!;
        await app.App.PostAsync($"/templates/{id}/log", "{}");
        return id;
    }

    private static async Task<string> PostAsync(DigestFixture app, string link, HttpStatusCode expected, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await app.Site.PostAsync(new Uri(link, UriKind.Relative), content);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}
