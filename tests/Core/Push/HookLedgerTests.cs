using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>What deliveries leave in the ledger, and the outside payloads with their signatures.</summary>
public sealed class HookLedgerTests
{
    private const string App = "/webhooks/github/app";

    private static readonly PullRequestPayload Opened = new(42);
    private static readonly PullRequestPayload Merged = new(42, "closed") { IsMerged = true, Updated = "2026-05-30T11:00:00Z" };

    [Fact]
    public async Task Delivered_pull_request_is_harvested_without_any_request()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));

        await hooked.DeliverAsync(path, secret, Opened);
        await hooked.App.DrainAsync();

        Assert.Empty(hooked.App.Failures);
        var item = Assert.Single(await hooked.App.LedgerAsync());
        Assert.Equal(("pullRequest", "open", "Ferries keep their lamps lit"), (Text(item, "kind"), Text(item, "status"), Text(item, "title")));
        Assert.Equal("harbour/lamps", item.GetProperty("container").GetProperty("name").GetString());
        Assert.Equal(12, item.GetProperty("metrics").GetProperty("additions").GetProperty("value").GetDouble());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redelivery_changes_no_row(bool large)
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        var payload = Opened with { Text = large ? new string('x', 60_000) : "" };
        await hooked.DeliverAsync(path, secret, payload);
        await hooked.App.DrainAsync();
        var (ledger, reports) = (await hooked.App.DumpAsync("ledger"), await hooked.App.DumpAsync("harvests"));
        Assert.Single(await hooked.App.LedgerAsync());

        for (var again = 0; again < 2; again++)
        {
            hooked.App.Clock.Advance(TimeSpan.FromHours(1));
            Assert.Equal("queued", (await hooked.DeliverAsync(path, secret, payload)).Result);
            await hooked.App.DrainAsync();
        }

        Assert.Equal(ledger, await hooked.App.DumpAsync("ledger"));
        Assert.Equal(reports, await hooked.App.DumpAsync("harvests"));
        Assert.Empty(hooked.App.Failures);
    }

    [Fact]
    public async Task Merged_pull_request_stays_merged_when_an_older_delivery_follows()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        await hooked.DeliverAsync(path, secret, Merged);
        await hooked.App.DrainAsync();
        var ledger = await hooked.App.DumpAsync("ledger");

        await hooked.DeliverAsync(path, secret, Opened);
        await hooked.DeliverAsync(path, secret, Opened with { Action = "edited", Updated = Merged.Updated, Title = "Another" });
        await hooked.App.DrainAsync();

        Assert.Equal(ledger, await hooked.App.DumpAsync("ledger"));
        Assert.Equal("merged", Text(Assert.Single(await hooked.App.LedgerAsync()), "status"));
    }

    [Fact]
    public async Task Paused_or_deleted_connection_ignores_deliveries()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var connection = await hooked.ConnectAsync(42);
        var (path, secret) = await hooked.MakeAsync(connection);
        await hooked.App.SendAsync(HttpMethod.Patch, $"/connections/{connection}", """{"paused":true}""");
        await hooked.DeliverAsync(path, secret, Opened);
        await hooked.App.DrainAsync();
        Assert.Empty(await hooked.App.LedgerAsync());

        await hooked.DeliverAsync(App, WebhookFixture.AppSecret, Opened);
        await hooked.App.SendAsync(HttpMethod.Delete, $"/connections/{connection}");
        await hooked.App.DrainAsync();
        Assert.Empty(await hooked.App.LedgerAsync());
        Assert.Empty(hooked.App.Failures);
    }

    [Fact]
    public async Task Burst_of_500_deliveries_is_accepted_and_harvested_completely()
    {
        await using var hooked = await WebhookFixture.StartAsync();
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        var answers = await Task.WhenAll(Enumerable.Range(1, 500).Select(n =>
            hooked.DeliverAsync(n % 2 == 0 ? path : App, n % 2 == 0 ? secret : WebhookFixture.AppSecret, Opened with { Number = n })));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Accepted, "queued"), (answer.Status, answer.Result)));

        await hooked.App.DrainAsync();

        Assert.Empty(hooked.App.Failures);
        Assert.Equal(500, (await hooked.App.LedgerAsync()).Count);
    }

    [CorporaFact]
    public async Task Every_payload_of_the_corpus_gets_the_expected_answer_and_exactly_its_fields_are_harvested()
    {
        var (pulls, others) = (0, 0);
        foreach (var (file, told) in Payloads())
        {
            var body = await File.ReadAllBytesAsync(Corpora.Path("github", "input", file));
            var @event = Text(told, "event")!;
            var signed = told.GetProperty("signature_256");
            var header = Text(signed, "header")!;
            await using var hooked = await WebhookFixture.StartAsync(Text(signed, "secret")!);
            var isPull = @event == "pull_request";
            if (told.TryGetProperty("pull_request", out var pull))
                await hooked.ConnectAsync(pull.GetProperty("author").GetProperty("id").GetInt64(), own: true);

            Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.DeliverAsync(App, @event, body, WebhookFixture.Sign("another", body))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.DeliverAsync(App, @event, body, null)).Status);
            var tampered = body.ToArray();
            tampered[body.Length / 2] ^= 1;
            Assert.Equal(HttpStatusCode.Unauthorized, (await hooked.DeliverAsync(App, @event, tampered, header)).Status);
            Assert.Equal(3, await hooked.DiscardedAsync());
            Assert.Equal(0, await hooked.WaitingAsync());
            var form = Encoding.ASCII.GetBytes("payload=" + WebUtility.UrlEncode(Encoding.UTF8.GetString(body)));

            var answers = ((Answered[])
            [
                await hooked.DeliverAsync(App, @event, body, header),
                await hooked.DeliverAsync(App, @event, form, WebhookFixture.Sign(Text(signed, "secret")!, form), "application/x-www-form-urlencoded"),
            ]);
            var expected = @event == "ping" ? (HttpStatusCode.OK, "pong") : (HttpStatusCode.Accepted, isPull && IsPublic(told) ? "queued" : "ignored");
            Assert.All(answers, answer => Assert.Equal(expected, (answer.Status, answer.Result)));
            await hooked.App.DrainAsync();

            Assert.Empty(hooked.App.Failures);
            var ledger = await hooked.App.LedgerAsync();
            if (isPull && IsPublic(told))
                AssertFields(pull, told.GetProperty("repository"), Assert.Single(ledger));
            else
                Assert.Empty(ledger);
            (pulls, others) = isPull ? (pulls + 1, others) : (pulls, others + 1);
        }

        Assert.InRange(pulls, 8, int.MaxValue);
        Assert.InRange(others, 40, int.MaxValue);
    }

    [CorporaFact]
    public async Task Payloads_of_the_corpus_in_any_order_end_in_the_state_of_the_newest()
    {
        var payloads = Payloads().Where(p => Text(p.Told, "event") == "pull_request" && IsPublic(p.Told)).ToList();
        var newest = payloads.GroupBy(p => $"{Text(p.Told.GetProperty("repository"), "id")}/{Text(p.Told.GetProperty("pull_request"), "number")}", StringComparer.Ordinal)
            .Select(group => group.MaxBy(p => p.Told.GetProperty("pull_request").GetProperty("updated_at").GetDateTimeOffset()).Told).ToList();
        foreach (var seed in (int[])[1, 2, 3])
        {
            await using var hooked = await WebhookFixture.StartAsync("corpus-secret");
            foreach (var author in payloads.Select(p => p.Told.GetProperty("pull_request").GetProperty("author").GetProperty("id").GetInt64()).Distinct())
                await hooked.ConnectAsync(author, own: true);
            var order = payloads.ToArray();
            new Random(seed).Shuffle(order);
            foreach (var (file, told) in order)
            {
                var body = await File.ReadAllBytesAsync(Corpora.Path("github", "input", file));
                await hooked.DeliverAsync(App, "pull_request", body, Text(told.GetProperty("signature_256"), "header"));
                await hooked.App.DrainAsync();
            }

            var ledger = await hooked.App.LedgerAsync();
            Assert.Equal(newest.Count, ledger.Count);
            foreach (var told in newest)
            {
                var url = Text(told.GetProperty("pull_request"), "html_url");
                Assert.Equal(Status(told.GetProperty("pull_request")), Text(Assert.Single(ledger, item => Text(item, "url") == url), "status"));
            }
        }
    }

    private static IEnumerable<(string File, JsonElement Told)> Payloads()
    {
        var expected = JsonDocument.Parse(File.ReadAllBytes(Corpora.Path("github", "expected.json"))).RootElement;
        return expected.EnumerateObject().Where(file => file.Value.TryGetProperty("signature_256", out _)).Select(file => (file.Name, file.Value));
    }

    private static bool IsPublic(JsonElement told) => told.GetProperty("repository") is { ValueKind: JsonValueKind.Object } repository
        && !repository.GetProperty("private").GetBoolean();

    private static string Status(JsonElement pull) =>
        pull.GetProperty("merged").ValueKind == JsonValueKind.True ? "merged" : Text(pull, "state")!;

    private static void AssertFields(JsonElement pull, JsonElement repository, JsonElement item)
    {
        Assert.Equal(("pullRequest", "github", "contributor"), (Text(item, "kind"), Text(item, "source"), Text(item, "role")));
        Assert.Equal((Text(pull, "title"), Text(pull, "html_url"), Status(pull)), (Text(item, "title"), Text(item, "url"), Text(item, "status")));
        Assert.Equal(pull.GetProperty("created_at").GetDateTimeOffset(), item.GetProperty("when").GetDateTimeOffset());
        Assert.Equal(Text(repository, "full_name"), Text(item.GetProperty("container"), "name"));
        foreach (var (name, told) in (IReadOnlyList<(string, string)>)[("additions", "additions"), ("deletions", "deletions"), ("changedFiles", "changed_files")])
            Assert.Equal(pull.GetProperty(told).GetDouble(), item.GetProperty("metrics").GetProperty(name).GetProperty("value").GetDouble());
        var topics = item.TryGetProperty("topics", out var list) ? list.EnumerateArray().Select(t => t.GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase) : [];
        Assert.All(pull.GetProperty("labels").EnumerateArray().Select(l => l.GetString()!), label => Assert.Contains(label, topics));
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetInt64().ToString(CultureInfo.InvariantCulture),
        var text => text.GetString(),
    };
}
