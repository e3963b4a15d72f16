using System.Buffers.Text;
using System.Text;
using ContributionIngest.Core.Contributions;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class ParameterTests
{
    [Fact]
    public async Task All_invalid_parameters_are_reported_at_once_with_value_and_allowed_values()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, body, _) = await app.SendAsync(HttpMethod.Get, "/ledger?kind=blog&limit=0&form=2026&order=up&from=yesterday&cursor=x&status=done,open&limit=7&format=xml&source=gitub");
        Assert.Equal(400, status);
        var errors = body.GetProperty("errors");
        Assert.Equal(
            ["cursor", "form", "format", "from", "kind", "limit", "order", "source", "status"], errors.EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
        Assert.Contains("'blog'", errors.GetProperty("kind")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("blogPost, pullRequest", errors.GetProperty("kind")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'from'?", errors.GetProperty("form")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("2 times", errors.GetProperty("limit")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("'done'", errors.GetProperty("status")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("connect", "Did you mean 'connection'?")]
    [InlineData("KINDS", "Did you mean 'kind'?")]
    [InlineData("sttus", "Did you mean 'status'?")]
    [InlineData("zzzz", null)]
    [InlineData("conclusive", null)]
    [InlineData("statement", null)]
    public async Task Closest_valid_name_is_suggested_if_it_is_near(string name, string? hint)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (_, body, _) = await app.SendAsync(HttpMethod.Get, $"/ledger?{name}=x");
        var message = body.GetProperty("errors").GetProperty(name)[0].GetString()!;
        Assert.Contains("Valid names are from, to", message, StringComparison.Ordinal);
        if (hint is null)
            Assert.DoesNotContain("Did you mean", message, StringComparison.Ordinal);
        else
            Assert.Contains(hint, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limit=501")]
    [InlineData("limit=-1")]
    [InlineData("limit=1.5")]
    [InlineData("from=2026-13-01")]
    [InlineData("from=2026-01-01T00:00:00")]
    [InlineData("to=9999-12-31")]
    [InlineData("review=maybe")]
    [InlineData("kind=")]
    [InlineData("connection=../people")]
    [InlineData("Limit=5")]
    public async Task Invalid_parameter_is_rejected(string query)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, body, _) = await app.SendAsync(HttpMethod.Get, "/ledger?" + query);
        Assert.Equal(400, status);
        Assert.True(body.GetProperty("errors").TryGetProperty(query.Split('=')[0], out _));
    }

    [Theory]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00+01:00")]
    [InlineData("kind=blogPost&kind=video,talk&status=OPEN")]
    [InlineData("review=new,accepted&q=&order=oldest&limit=ALL")]
    [InlineData("review=all&source=manual&connection=manual&topic=a%20b")]
    public async Task Valid_parameters_are_accepted(string query)
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Get, "/ledger?" + query)).Status);
    }

    [Fact]
    public async Task Cursor_is_accepted_only_in_the_form_of_an_entry_key()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one"));
        var id = new string('a', 26);
        var key = LedgerKeys.Entry(LedgerFixture.Now, id);
        Assert.Equal(200, await AskAsync(key));
        foreach (var forged in new[]
        {
            "", "e|", "k|" + id, "m|2026-01", "r|" + id + "|000001", key + "|", key.ToUpperInvariant(), key[..^1], key.Replace('|', '}'),
            "e|9999999999999999999|" + id, "e|0000000000000000000|" + id, "e|-000000000000000001|" + id, "e|+00000000000000001|" + id,
        })
            Assert.Equal(400, await AskAsync(forged));
        Assert.Equal(400, (await app.SendAsync(HttpMethod.Get, "/ledger?cursor=" + new string('A', 5000))).Status);

        async Task<int> AskAsync(string text) =>
            (await app.SendAsync(HttpMethod.Get, $"/ledger?order=oldest&cursor={ContributionIngest.Core.Model.CheckedText.Write(text)}")).Status;
    }

    [Fact]
    public async Task Forged_cursor_does_not_lead_out_of_the_requested_days()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("old", "2026-01-01T00:00:00Z"), LedgerFixture.Draft("new", "2026-06-01T00:00:00Z"));
        var cursor = ContributionIngest.Core.Contributions.Queries.Cursor.Write(LedgerKeys.Entry(LedgerFixture.Now, new string('a', 26)));
        Assert.Equal(["Title of old"], (await app.GetAsync($"/ledger?to=2026-02-01&cursor={cursor}")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Ledger_is_hidden_without_a_key_and_from_other_people()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("mine"));
        var id = (await app.WalkAsync("")).Single();
        app.Client.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(401, (await app.SendAsync(HttpMethod.Get, "/ledger")).Status);
        await app.EnterAsync();
        Assert.Empty(await app.WalkAsync(""));
        var foreign = await app.SendAsync(HttpMethod.Get, "/ledger/" + id);
        var malformed = await app.SendAsync(HttpMethod.Get, "/ledger/e%7C0000");
        Assert.Equal((404, 404), (foreign.Status, malformed.Status));
        Assert.Equal(foreign.Body.GetRawText(), malformed.Body.GetRawText());
    }
}
