using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>Each person is in an archive as at one moment, whoever writes meanwhile; and is put back alone without harm to others.</summary>
public sealed class ConsistencyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Archive => folder.File("archive");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task People_whose_ledgers_are_written_meanwhile_come_whole()
    {
        await using var app = await FilledStore.StartAsync();
        var people = (await FilledStore.FillAsync(app, people: 4, entries: 20)).Keys.ToList();
        var writer = app.App.Services.GetRequiredService<LedgerWriter>();

        var writing = people.Select(person => Task.Run(async () =>
        {
            for (var number = 0; number < 40; number++)
            {
                Draft[] drafts = [LedgerFixture.Draft($"new-{number}", "2026-05-01T10:00:00Z"), LedgerFixture.Draft($"newer-{number}", "2026-06-01T10:00:00Z")];
                await writer.UpsertAsync(person, LedgerFixture.Observer("a"), drafts, drafts, default);
            }
        })).ToList();
        var backup = Target.BackUpAsync(app.App.Services, Archive);
        await Task.WhenAll(writing);
        while (!backup.IsCompleted)
        {
            if (await Task.WhenAny(backup, app.Clock.ArmedAsync(left => left > TimeSpan.Zero)) != backup)
                app.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Empty((await backup).Changing);
        await using var target = new Target();
        await target.RestoreAsync(Archive);
        foreach (var person in people)
        {
            var expected = await target.Services.GetRequiredService<RollupRebuilder>().ExpectedAsync(person, default);
            var entries = await target.Store.Table.RangeAsync("ledger", person, "e|", "e}", null, default).CountAsync();
            Assert.Equal(entries, await target.Services.GetRequiredService<LedgerReader>().CountAsync(person, default));
            Assert.True(expected.Count > 0);
        }
    }

    [Fact]
    public async Task Whoever_never_stops_changing_is_named_and_everybody_else_is_there()
    {
        await using var app = await FilledStore.StartAsync();
        var people = (await FilledStore.FillAsync(app, people: 3, entries: 2)).Keys.Order(StringComparer.Ordinal).ToList();
        var restless = people[1];
        var maker = new PartMaker(
            new RestlessTable(app.Table, restless), app.Store.Blobs, app.App.Services.GetRequiredService<ContributionIngest.Core.Connections.ConnectionStore>(),
            app.App.Services.GetRequiredService<ContributionIngest.Core.Push.WebhookStore>(), app.App.Services.GetRequiredService<ContributionIngest.Core.Push.SubscriptionStore>(), app.Clock);
        var clock = new TestClock(app.Clock.GetUtcNow()) { Skip = TimeSpan.FromHours(1) };
        var backup = new ArchiveBackup(maker, app.App.Services.GetRequiredService<PeopleStore>(), clock);

        var end = await backup.RunAsync(new BackupRequest(Archive, "a store", "test", WithRaw: true), _ => throw new InvalidOperationException(), null, default);

        Assert.Equal([restless], end.Changing);
        await using var target = new Target();
        Assert.Equal([restless], (await target.RestoreAsync(Archive)).Changing);
        var restored = await target.Services.GetRequiredService<PeopleStore>().AllAsync(default);
        Assert.DoesNotContain(restless, restored);
        Assert.Equal(people.Count, restored.Count);
    }

    [Fact]
    public async Task One_person_comes_back_as_they_were_and_nobody_else_changes()
    {
        await using var app = await FilledStore.StartAsync();
        var people = (await FilledStore.FillAsync(app, people: 3, entries: 5)).Keys.ToList();
        var services = app.App.Services;
        await Target.BackUpAsync(services, Archive);
        var before = await Of(people[0]);
        var others = await NotOf(people[0]);

        // The accident: entries, a connection's rows and the page are lost, and there is something new.
        await foreach (var row in app.Store.Table.RangeAsync("ledger", people[0], "e|", "e}", 3, default))
            await app.Store.Table.WriteAsync("ledger", TableWrite.Delete(row), default);
        await app.Store.Table.WriteAsync("ledger", TableWrite.Put(new Row(people[0], "e|0|new", new Dictionary<string, object?>(StringComparer.Ordinal) { ["x"] = 1 })), default);
        await services.GetRequiredService<SignInAddresses>().AddAsync(people[0], "wrong@example.com", default);

        var result = await Target.RestoreAsync(services, Archive, person: "person-0@example.com");

        Assert.Equal(before, await Of(people[0]));
        Assert.Equal(others, await NotOf(people[0]));
        Assert.True(File.Exists(result.Replaced));
        Assert.Equal(0, result.Taken);

        // And back to what was before that.
        await Target.RestoreAsync(services, result.Replaced, person: people[0]);
        Assert.NotNull(await app.Store.Table.GetAsync("ledger", people[0], "e|0|new", default));
        await Target.RestoreAsync(services, Archive, person: people[0]);

        async Task<List<string>> Of(string person) => [.. (await FilledStore.DumpAsync(app.Store.Table, app.Store.Blobs)).Where(row => row.Contains(person, StringComparison.Ordinal))];

        async Task<List<string>> NotOf(string person) => [.. (await FilledStore.DumpAsync(app.Store.Table, app.Store.Blobs)).Where(row => !row.Contains(person, StringComparison.Ordinal))];
    }

    [Fact]
    public async Task One_person_comes_back_without_what_is_somebody_elses_by_now_and_no_digest_is_mailed_twice()
    {
        await using var app = await FilledStore.StartAsync();
        var people = (await FilledStore.FillAsync(app, people: 2, entries: 5)).Keys.ToList();
        var services = app.App.Services;
        var digests = services.GetRequiredService<DigestStore>();
        var week = Week.Parse((await digests.NewestAsync(people[0], 1, default)).Single().Week)!.Value;
        await SetAsync(MailState.Waiting);
        await Target.BackUpAsync(services, Archive);
        await SetAsync(MailState.Sent);
        var addresses = services.GetRequiredService<SignInAddresses>();
        await addresses.RemoveAsync(people[0], "person-0@example.com", default);
        Assert.True(await addresses.AddAsync(people[1], "person-0@example.com", default));

        var result = await Target.RestoreAsync(services, Archive, person: people[0]);

        Assert.Equal(2, result.Taken);
        Assert.Equal(people[1], await addresses.FindAsync("person-0@example.com", default));
        Assert.Equal(MailState.Sent, (await digests.GetAsync(people[0], week, default))!.Value.Record.Mail);
        Assert.Empty(await app.Store.Queue.ReceiveAsync(MailMessage.Queue, 32, TimeSpan.FromMinutes(1), default));

        async Task SetAsync(MailState state)
        {
            var (record, tag) = (await digests.GetAsync(people[0], week, default))!.Value;
            await digests.SaveAsync(people[0], record with { Mail = state }, tag, default);
        }
    }

    /// <summary>Somebody's ledger gets another row whenever it is read.</summary>
    private sealed class RestlessTable(ITable inner, string person) : ITable
    {
        private int number;

        public async IAsyncEnumerable<Row> RangeAsync(string table, string partition, string from, string to, int? limit, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            if (table == "ledger" && partition == person)
                await inner.WriteAsync(table, TableWrite.Put(new Row(person, "z|restless", new Dictionary<string, object?>(StringComparer.Ordinal) { ["n"] = number++ })), cancel);
            await foreach (var row in inner.RangeAsync(table, partition, from, to, limit, cancel))
                yield return row;
        }

        public Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel) => inner.GetAsync(table, partition, key, cancel);

        public IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, CancellationToken cancel) => inner.ScanAsync(table, from, to, cancel);

        public Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel) => inner.WriteAsync(table, write, cancel);

        public Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel) => inner.TransactAsync(table, writes, cancel);
    }
}
