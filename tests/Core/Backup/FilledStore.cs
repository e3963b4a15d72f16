using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Benchmarks;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>A store with everything in it that a store may hold: people with ledgers, connections, hooks, grants, digests, pages, deliveries and raw answers.</summary>
internal static class FilledStore
{
    public const string Feed = "https://one.example/feed.xml";
    public const string Token = "zq-access-token-of-the-account";
    public const string Refresh = "zq-refresh-token-of-the-account";

    public static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public static async Task<AppFixture> StartAsync(TemporaryFolder? folder = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 20).Select(n => Blogs.Post(n)));
        return await AppFixture.StartAsync(blogs.Web, new TestClock(Now), folder, settings);
    }

    /// <summary>Adds people, each with a ledger, an address, a page and a key, and everything else to the first. Their keys by id.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> FillAsync(AppFixture app, int people, int entries)
    {
        var services = app.App.Services;
        var connection = await app.ConnectAsync(Feed);
        await HookAsync(app, connection);
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var number = 0; number < people; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"person-{number}");
            var person = await services.GetRequiredService<PeopleStore>().CreateAsync(
                (id, now) => new Person { Id = id, Name = name, Email = $"{name}@example.com", Zone = number % 2 == 0 ? "Europe/Berlin" : "UTC", Since = now }, default);
            await services.GetRequiredService<SignInAddresses>().AddAsync(person.Id, $"{name}@example.com", default);
            await services.GetRequiredService<ProfileNames>().SaveAsync(person.Id, new PublicPage(name, IsOn: true, "ä 😀"), default);
            await services.GetRequiredService<DigestPlanner>().PlanAsync(person, default);
            await LedgerBench.FillAsync(services.GetRequiredService<LedgerWriter>(), person.Id, app.Clock.GetUtcNow(), entries);
            await services.GetRequiredService<GrantStore>().PutAsync(person.Id, "github", name, name, new GrantedTokens(Token, Refresh, null), default);
            await services.GetRequiredService<GrantStore>().ClaimAsync(person.Id, "github", name, default);
            await services.GetRequiredService<AuditTrail>().AddAsync(person.Id, AuditTrail.SignedIn, "somewhere", null, null, default);
            await app.Store.Blobs.PutAsync("raw", $"20260614/{person.Id}/{number:D26}.gz", Encoding.UTF8.GetBytes($"answer {number}"), default);
            keys[person.Id] = (await services.GetRequiredService<ApiKeys>().CreateAsync(person.Id, "test", Scope.Read | Scope.Write, default)).Secret;
        }

        var first = keys.Keys.First();
        var digest = new DigestMessage(first);
        await app.Store.Queue.PutAsync(DigestMessage.Queue, System.Text.Json.JsonSerializer.Serialize(digest, DigestJson.Default.DigestMessage), TimeSpan.Zero, default);
        app.Clock.Advance(TimeSpan.FromDays(8));
        await app.CallAsync("Plan");
        await app.DrainAsync();
        await app.Store.Blobs.PutAsync("pushes", "20260614/shared/body", new byte[] { 1, 2, 3 }, default);
        await app.Store.Table.WriteAsync("lookups", TableWrite.Put(new Row("q|test", "typed", new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["Text"] = "ä 😀\n\"",
            ["Int"] = -7,
            ["Long"] = 1L << 60,
            ["Double"] = 0.1,
            ["Infinite"] = double.PositiveInfinity,
            ["False"] = false,
            ["Time"] = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567),
            ["Bytes"] = new byte[] { 0, 255 },
            ["Empty"] = "",
        })), default);
        return keys;
    }

    /// <summary>Gives a connection of the owner a hook. Its secret.</summary>
    public static async Task<string> HookAsync(AppFixture app, string connection)
    {
        var owner = await app.App.Services.GetRequiredService<ContributionIngest.Functions.Api.Account.Owner>().FindAsync(default);
        var connected = await app.App.Services.GetRequiredService<ConnectionStore>().GetAsync(owner!.Id, connection, default);
        return (await app.App.Services.GetRequiredService<PersonalWebhooks>().MakeAsync(owner.Id, connected!.Connection, default)).Secret;
    }

    /// <summary>Every row and blob of a store that an archive holds, as text.</summary>
    public static async Task<IReadOnlyList<string>> DumpAsync(ITable table, IBlobs blobs)
    {
        var lines = new List<string>();
        foreach (var name in (string[])["ledger", "people", "harvests", "schedule", "lookups"])
        {
            // A mail that is queued again takes a turn.
            await foreach (var row in table.ScanAsync(name, " ", "~", default).Where(row => (row.Partition, row.Key) != ("mail", "turns")))
                lines.Add($"{name} {row.Partition} {row.Key} " + string.Join(' ', row.Values.Where(value => value.Value is not null).OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key}={Text(value.Value!)}")));
        }

        foreach (var container in (string[])["digests", "raw", "pushes"])
        {
            await foreach (var name in blobs.ListAsync(container, "", default))
                lines.Add($"{container}/{name} {Convert.ToHexString((await blobs.GetAsync(container, name, default))!)}");
        }

        return lines;
    }

    /// <summary>What the app answers over a store when people with these keys export their ledgers.</summary>
    public static async Task<IReadOnlyList<string>> ExportsAsync(Stores stores, IEnumerable<string> keys)
    {
        using var folder = new TemporaryFolder();
        var settings = AppFixture.ReadSettings([new("Data", folder.FullName), new("RequestsPerMinute", "0")]);
        await using var app = ContributionIngest.Functions.Configuration.App.Build(settings, AppFixture.Dependencies(stores, new TestClock(Now)));
        await app.StartAsync();
        var exports = new List<string>();
        foreach (var key in keys)
        {
            using var client = app.GetTestClient();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            foreach (var format in (string[])["ndjson", "csv"])
                exports.Add(await client.GetStringAsync(new Uri($"/api/ledger?limit=all&review=all&format={format}", UriKind.Relative)));
        }

        return exports;
    }

    private static string Text(object value) => value is byte[] bytes ? $"bytes {Convert.ToBase64String(bytes)}"
        : string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {(value is DateTimeOffset time ? time.UtcTicks : value)}");
}
