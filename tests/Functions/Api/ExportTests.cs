using System.Globalization;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using CsvHelper;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class ExportTests
{
    private static readonly char[] Formula = ['=', '+', '-', '@', '\t', '\r'];

    [Fact]
    public Task CSV_contains_the_whole_ledger_and_no_spreadsheet_formula() => Properties.HoldAsync(25, async (app, seed) =>
    {
        await new Scenario(seed).FillAsync(app, 30);
        var entries = (await app.Reader.NewestAsync(app.Person, null, null, null, 500, CancellationToken.None)).Items;
        var csv = await app.Client.GetStringAsync(new Uri("/api/ledger?format=csv&limit=all&review=all", UriKind.Relative));

        using var reader = CsvReader.FromText(csv);
        reader.ReadHeader();
        Assert.Equal(LedgerCsv.Columns, reader.Headers);
        foreach (var entry in entries)
        {
            Assert.True(reader.Read());
            var values = entry.Effective();
            Assert.Equal(entry.Id, reader.GetString("id"));
            Assert.Equal(values.Title, Plain(reader.GetString("title")));
            Assert.Equal(values.Summary ?? "", Plain(reader.GetString("summary")));
            Assert.Equal(values.Container?.Name ?? "", Plain(reader.GetString("container")));
            Assert.Equal(entry.Note ?? "", Plain(reader.GetString("note")));
            Assert.Equal(values.Url ?? "", reader.GetString("url"));
            Assert.Equal(string.Join("; ", values.Topics), Plain(reader.GetString("topics")));
            Assert.Equal(values.When, Time(reader.GetString("when")));
            Assert.Equal(values.EndsAt, reader.GetString("endsAt") is { Length: > 0 } ends ? Time(ends) : null);
            Assert.Equal(entry.EffectiveMetrics().TryGetValue("views", out var views) ? views.Value.ToString("R", CultureInfo.InvariantCulture) : "", reader.GetString("views"));
            Assert.Equal(entry.Private ? "true" : "false", reader.GetString("private"));
            for (var field = 0; field < LedgerCsv.Columns.Count; field++)
                Assert.DoesNotContain(reader.GetString(field).FirstOrDefault('x'), Formula);
        }

        Assert.False(reader.Read());
        Assert.DoesNotContain('\n', csv.Replace("\r\n", "", StringComparison.Ordinal));
    });

    [Fact]
    public async Task Numbers_stay_numbers_in_CSV()
    {
        var entry = Entry() with { Metrics = new Dictionary<string, Metric> { ["views"] = new(-5, LedgerFixture.Now, MetricOrigin.Measured) } };
        await using var output = new MemoryStream();
        await using (var csv = new LedgerCsv(output))
            await csv.WriteAsync(entry, CancellationToken.None);
        Assert.Contains(",-5,", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topic_with_a_semicolon_is_one_topic_in_CSV()
    {
        var entry = Entry();
        await using var output = new MemoryStream();
        await using (var csv = new LedgerCsv(output))
            await csv.WriteAsync(entry with { Harvested = entry.Harvested with { Topics = ["a;b", "c"] } }, CancellationToken.None);
        Assert.Contains("\"a,b; c\"", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_lines_contain_the_same_items_as_JSON_pages()
    {
        await using var app = await LedgerFixture.StartAsync();
        await new Scenario(7).FillAsync(app);
        var (_, whole, _) = await app.SendAsync(HttpMethod.Get, "/ledger?limit=all&review=all");
        var pages = new List<string>();
        for (var path = "/ledger?review=all&limit=7"; path is not null;)
        {
            var (_, page, response) = await app.SendAsync(HttpMethod.Get, path);
            pages.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetRawText()));
            path = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<')[1].Split('>')[0]["/api".Length..] : null;
        }

        var (_, _, lines) = await app.SendAsync(HttpMethod.Get, "/ledger?limit=all&review=all", headers: ("Accept", "application/x-ndjson"));
        Assert.Equal("application/x-ndjson", lines.Content.Headers.ContentType?.MediaType);
        Assert.Equal(pages, (await lines.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(pages, whole.GetProperty("items").EnumerateArray().Select(i => i.GetRawText()));
    }

    [Theory]
    [InlineData("newest", "json", "2026-05-31T10:00:00Z", "2020-01-01T10:00:00Z")]
    [InlineData("newest", "csv", "2026-05-31T10:00:00Z", "2020-01-01T10:00:00Z")]
    [InlineData("newest", "ndjson", "2026-05-31T10:00:00Z", "2020-01-01T10:00:00Z")]
    [InlineData("oldest", "json", "2020-01-01T10:00:00Z", "2026-06-02T10:00:00Z")]
    [InlineData("oldest", "csv", "2020-01-01T10:00:00Z", "2026-06-02T10:00:00Z")]
    [InlineData("oldest", "ndjson", "2020-01-01T10:00:00Z", "2026-06-02T10:00:00Z")]
    public async Task Entry_whose_date_is_edited_during_an_export_is_exported_exactly_once(string order, string format, string passed, string ahead)
    {
        const int Many = 2500;
        await using var app = await LedgerFixture.StartAsync();
        var start = DateTimeOffset.Parse("2020-03-01T00:00:00Z", CultureInfo.InvariantCulture);
        foreach (var chunk in Enumerable.Range(0, Many).Chunk(500))
            await app.HarvestAsync([.. chunk.Select(n => LedgerFixture.Draft($"n{n}", start.AddHours(n * 12).ToString("O", CultureInfo.InvariantCulture)))]);
        var (first, last) = (await ForemostAsync(order), await ForemostAsync(order == "newest" ? "oldest" : "newest"));
        // The first one moves from where the export was to where it will be, the last one the other way, both while it is under way.
        var edits = new Queue<(string Id, string When)>([(first, ahead), (last, passed)]);
        app.Table.AfterEntries = async () =>
        {
            if (!edits.TryDequeue(out var edit))
                return;
            var when = DateTimeOffset.Parse(edit.When, CultureInfo.InvariantCulture);
            var (outcome, _) = await app.Editor.EditAsync(
                app.Person, edit.Id, null, e => PersonalValues.Of(e) with { Edits = e.Edits with { When = when } }, CancellationToken.None);
            Assert.Equal(EditOutcome.Done, outcome);
        };

        var text = await app.Client.GetStringAsync(new Uri($"/api/ledger?limit=all&order={order}&format={format}", UriKind.Relative));

        Assert.Empty(edits);
        var ids = format switch
        {
            "json" => [.. JsonDocument.Parse(text).RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString())],
            "csv" => [.. text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[0])],
            _ => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()).ToList(),
        };
        Assert.Equal((Many, Many), (ids.Count, ids.Distinct(StringComparer.Ordinal).Count()));

        async Task<string> ForemostAsync(string by) => (await app.GetAsync($"/ledger?limit=1&order={by}")).GetProperty("items")[0].GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task Export_after_a_cursor_never_returns_entries_before_it_even_if_edited_meanwhile()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(1, 9).Select(n => LedgerFixture.Draft($"n{n}", $"2026-05-0{n}T10:00:00Z"))]);
        var ids = await app.WalkAsync("limit=9");
        var cursor = (await app.GetAsync("/ledger?limit=3")).GetProperty("next").GetString();
        var edited = false;
        app.Table.AfterEntries = async () =>
        {
            if (edited)
                return;
            edited = true;
            await app.Editor.EditAsync(app.Person, ids[0], null, e => PersonalValues.Of(e) with { Private = true }, CancellationToken.None);
        };

        Assert.Equal(ids[3..], await app.WalkAsync("limit=all&cursor=" + cursor));
    }

    [Fact]
    public async Task Entries_added_behind_an_export_come_last_and_the_newest_of_them_first()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one", "2026-04-02T10:00:00Z"), LedgerFixture.Draft("two", "2026-04-01T10:00:00Z"));
        app.Table.AfterEntries = () =>
        {
            app.Table.AfterEntries = null;
            return app.HarvestAsync(LedgerFixture.Draft("may", "2026-05-01T10:00:00Z"), LedgerFixture.Draft("june", "2026-06-01T10:00:00Z"));
        };

        var items = (await app.GetAsync("/ledger?limit=all")).GetProperty("items").EnumerateArray();

        Assert.Equal(["Title of one", "Title of two", "Title of june", "Title of may"], items.Select(i => i.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Entry_added_behind_an_export_is_in_it_even_if_the_zone_changes_too()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one", "2026-04-02T10:00:00Z"));
        app.Table.AfterEntries = async () =>
        {
            app.Table.AfterEntries = null;
            await app.HarvestAsync(LedgerFixture.Draft("evening", "2026-05-31T20:00:00Z"));
            await app.SendAsync(HttpMethod.Put, "/me", """{"zone":"Asia/Tokyo"}""");
        };

        Assert.Equal(2, (await app.WalkAsync("limit=all")).Count);
    }

    [Fact]
    public async Task Export_of_a_date_range_does_not_read_the_other_entries()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 400).Select(n => LedgerFixture.Draft($"n{n}", $"2026-0{1 + (n % 2)}-01T10:00:00Z"))]);
        app.Table.Forget();
        await app.GetAsync("/ledger?limit=all&from=2026-02-01");
        Assert.InRange(app.Table.LedgerRows, 200, 205);
    }

    [Fact]
    public async Task Export_after_a_cursor_does_not_read_the_entries_before_it()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 400).Select(n => LedgerFixture.Draft($"n{n}"))]);
        var cursor = (await app.GetAsync("/ledger?limit=300")).GetProperty("next").GetString();
        app.Table.Forget();
        await app.GetAsync("/ledger?limit=all&cursor=" + cursor);
        Assert.InRange(app.Table.LedgerRows, 100, 105);
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("text/html, */*;q=0.1", "application/json")]
    [InlineData("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson")]
    [InlineData("text/*", "text/csv")]
    [InlineData("application/json;q=0, text/csv", "text/csv")]
    [InlineData("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    [InlineData("text/markdown, text/plain;q=0.5", "text/markdown")]
    [InlineData("application/rss+xml, application/atom+xml;q=0.9, application/xml;q=0.8", "application/atom+xml")]
    [InlineData("text/calendar", "text/calendar")]
    public async Task Format_is_negotiated_by_the_Accept_header(string accept, string expected)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, _, response) = await app.SendAsync(HttpMethod.Get, "/ledger", headers: ("Accept", accept));
        Assert.Equal((200, expected), (status, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("Accept", response.Headers.Vary);
        Assert.True(response.Headers.CacheControl?.Private);
    }

    [Theory]
    [InlineData("json", "application/json", null)]
    [InlineData("ndjson", "application/x-ndjson", null)]
    [InlineData("csv", "text/csv; charset=utf-8; header=present", "attachment; filename=\"contributions.csv\"")]
    [InlineData("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment; filename=\"contributions.xlsx\"")]
    [InlineData("markdown", "text/markdown; charset=utf-8; variant=CommonMark", "attachment; filename=\"contributions.md\"")]
    [InlineData("atom", "application/atom+xml", null)]
    [InlineData("icalendar", "text/calendar; charset=utf-8", "attachment; filename=\"contributions.ics\"")]
    public async Task Each_format_has_its_media_type_and_file_name(string format, string type, string? disposition)
    {
        await using var app = await LedgerFixture.StartAsync();
        foreach (var (method, query) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "&limit=all"), (HttpMethod.Head, "") })
        {
            var (status, _, response) = await app.SendAsync(method, $"/ledger?format={format}{query}", headers: ("Accept", "text/html"));
            Assert.Equal((200, type, disposition), (status, response.Content.Headers.ContentType?.ToString(), response.Content.Headers.ContentDisposition?.ToString()));
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    [InlineData("markdown")]
    [InlineData("atom")]
    [InlineData("icalendar")]
    public async Task Formats_are_written_while_entries_are_read(string format)
    {
        const int Many = 20_000;
        await using var output = new MemoryStream();
        var atHalf = 0L;
        var owner = new LedgerOwner("p", null, NodaTime.DateTimeZone.Utc);
        await (format switch
        {
            "csv" => CsvAsync(),
            "xlsx" => LedgerXlsx.WriteAsync(output, EntriesAsync(), owner, CancellationToken.None),
            "markdown" => LedgerMarkdown.WriteAsync(output, EntriesAsync(), owner, CancellationToken.None),
            "atom" => LedgerAtom.WriteAsync(output, EntriesAsync(), owner, new FeedHead("", "", null, LedgerFixture.Now, LedgerFixture.Now), CancellationToken.None),
            _ => LedgerCalendar.WriteAsync(output, EntriesAsync(), owner, CancellationToken.None),
        });
        Assert.InRange(atHalf, 0.4 * output.Length, 0.6 * output.Length);

        async Task CsvAsync()
        {
            await using var csv = new LedgerCsv(output);
            await foreach (var entry in EntriesAsync())
                await csv.WriteAsync(entry, CancellationToken.None);
        }

        async IAsyncEnumerable<Contribution> EntriesAsync()
        {
            await Task.CompletedTask;
            for (var n = 0; n < Many; n++)
            {
                if (n == Many / 2)
                    atHalf = output.Length;
                yield return Entry() with { Id = Identity.Hash($"{n}") };
            }
        }
    }

    [Fact]
    public async Task Unavailable_format_is_rejected_with_the_available_ones()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, body, _) = await app.SendAsync(HttpMethod.Get, "/ledger", headers: ("Accept", "application/pdf"));
        Assert.Equal(406, status);
        Assert.Contains("text/csv", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ledger?limit=2")]
    [InlineData("/ledger/{id}")]
    [InlineData("/ledger/{id}/history")]
    [InlineData("/ledger/summary")]
    [InlineData("/charts/heatmap.svg")]
    public async Task Unchanged_answer_is_not_sent_again(string path)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one"), LedgerFixture.Draft("two"));
        var id = (await app.WalkAsync(""))[0];
        path = path.Replace("{id}", id, StringComparison.Ordinal);
        var tag = (await app.SendAsync(HttpMethod.Get, path)).Response.Headers.ETag!.ToString();
        var again = await app.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", $"\"other\", W/{tag}"));
        Assert.Equal(304, again.Status);
        Assert.Equal(tag, again.Response.Headers.ETag!.ToString());
        var head = await app.SendAsync(HttpMethod.Head, path);
        Assert.Equal((200, tag, 0), (head.Status, head.Response.Headers.ETag!.ToString(), (await head.Response.Content.ReadAsByteArrayAsync()).Length));
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"review": "rejected", "title": "Another"}""");
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", tag))).Status);
    }

    [Fact]
    public void Item_has_the_documented_JSON()
    {
        var entry = Entry() with
        {
            Edits = new Edits { Title = "Mine" },
            Metrics = new Dictionary<string, Metric> { ["views"] = new(12.5, LedgerFixture.Now, MetricOrigin.Measured) },
            Sightings = [new Sighting { Connection = "c", Source = "feed", Url = "https://e.org/", FirstSeen = LedgerFixture.Now, LastSeen = LedgerFixture.Now.AddMilliseconds(1500), Hash = "h", Rank = "r" }],
        };
        Assert.Equal(
            """
            {"id":"abc","source":"feed","kind":"blogPost","role":"author","status":"published","title":"Mine","when":"2026-06-15T12:00:00Z",
            "datePrecision":"exact","topics":[],"metrics":{"views":{"value":12.5,"at":"2026-06-15T12:00:00Z","how":"measured"}},
            "sightings":[{"connection":"c","url":"https://e.org/","firstSeen":"2026-06-15T12:00:00Z","lastSeen":"2026-06-15T12:00:01.5Z"}],
            "private":false,"review":"new","revision":1,"edited":["title"]}
            """.Replace("\n", "", StringComparison.Ordinal),
            JsonSerializer.Serialize(new LedgerItem(entry), QueryJson.Web.LedgerItem));
    }

    private static Contribution Entry() => new()
    {
        Id = "abc",
        Source = "feed",
        FirstSeen = LedgerFixture.Now,
        Harvested = new ContributionValues { Kind = Kind.BlogPost, Title = "Theirs", When = LedgerFixture.Now },
    };

    private static string Plain(string cell) => cell.Length > 1 && cell[0] == '\'' && Formula.Contains(cell[1]) ? cell[1..] : cell;

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
