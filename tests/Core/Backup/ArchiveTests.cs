using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>An archive restores what it was made of, wherever its making or its restoration was cut off.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const string Passphrase = "zq a passphrase of some length";

    private readonly TemporaryFolder folder = new();

    private string Archive => folder.File("archive");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Backup_that_was_cut_off_anywhere_goes_on_and_holds_the_same()
    {
        await using var app = await FilledStore.StartAsync();
        await FilledStore.FillAsync(app, people: 2, entries: 2);
        var made = await Target.BackUpAsync(app.App.Services, Archive);
        var whole = await File.ReadAllBytesAsync(Archive);
        var rows = await FilledStore.DumpAsync(app.Store.Table, app.Store.Blobs);
        var cuts = Boundaries(whole).SelectMany(boundary => (int[])[boundary, boundary + 100]).Append(0).Distinct().Where(cut => cut < whole.Length).ToList();
        foreach (var cut in cuts)
        {
            var file = folder.File($"cut-{cut}");
            await File.WriteAllBytesAsync(file + ".unfinished", whole[..cut]);
            var end = await Target.BackUpAsync(app.App.Services, file);
            Assert.Equal((made.People, made.Rows, made.Blobs), (end.People, end.Rows, end.Blobs));
            Assert.False(File.Exists(file + ".unfinished"));
        }

        await using var target = new Target();
        await target.RestoreAsync(folder.File($"cut-{cuts[cuts.Count / 2]}"));
        Assert.Equal(rows, await target.DumpAsync());
    }

    [Fact]
    public async Task Restoration_that_is_cut_off_at_any_operation_goes_on_and_shows_nobody_by_halves()
    {
        await using var app = await FilledStore.StartAsync();
        await FilledStore.FillAsync(app, people: 2, entries: 2);
        await Target.BackUpAsync(app.App.Services, Archive);
        var rows = await FilledStore.DumpAsync(app.Store.Table, app.Store.Blobs);
        var isOver = false;
        for (var at = 0; !isOver; at += 7)
        {
            await using var target = new Target();
            target.Table.BreakIn = at;
            try
            {
                await target.RestoreAsync(Archive);
                isOver = true;
            }
            catch (StoreUnavailableException)
            {
                target.Table.BreakIn = null;
                var people = rows.Where(row => row.StartsWith("lookups people ", StringComparison.Ordinal)).Select(row => row.Split(' ')[2]).ToList();
                var half = await target.DumpAsync();
                foreach (var seen in people.Where(person => half.Contains($"lookups people {person} ")))
                    Assert.Equal(rows.Where(row => row.Contains(seen, StringComparison.Ordinal)), half.Where(row => row.Contains(seen, StringComparison.Ordinal) && !row.StartsWith("lookups restore", StringComparison.Ordinal)));
                await target.RestoreAsync(Archive);
            }

            Assert.Equal(rows, await target.DumpAsync());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Passphrase)]
    public async Task Archive_has_no_secret_that_can_be_read(string? passphrase)
    {
        await using var app = await FilledStore.StartAsync();
        await FilledStore.FillAsync(app, people: 2, entries: 2);
        var hook = await FilledStore.HookAsync(app, (await app.GetAsync("/connections")).GetProperty("items")[0].GetProperty("id").GetString()!);
        var secrets = await app.App.Services.GetRequiredService<ContributionIngest.Functions.Security.TravellingKeys>().ReadAsync(default);
        Assert.NotEmpty(secrets.Keys);
        Assert.NotEmpty(secrets.Ring);
        await Target.BackUpAsync(app.App.Services, Archive, passphrase);

        var text = Decoded(await File.ReadAllBytesAsync(Archive));
        Assert.Contains("person-1@example.com", text, StringComparison.Ordinal);
        string[] planted = [FilledStore.Token, FilledStore.Refresh, Passphrase, hook, .. secrets.Keys.Select(Convert.ToBase64String), .. secrets.Keys.Select(Encoding.Latin1.GetString), .. secrets.Ring.Values,
            .. secrets.Ring.Values.SelectMany(ring => Regex.Matches(ring, "[A-Za-z0-9+/=]{40,}", RegexOptions.None, Timeout.InfiniteTimeSpan).Select(match => match.Value))];
        Assert.All(planted, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Equal(passphrase is not null, text.Contains("PBKDF2-HMAC-SHA256", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Backup_with_a_passphrase_is_refused_while_the_keys_of_the_store_cannot_be_read_and_without_one_it_is_not()
    {
        const string Setting = "SecretKeys";
        using var store = new TemporaryFolder();
        await using (var app = await FilledStore.StartAsync(store, new Dictionary<string, string?>(StringComparer.Ordinal) { [Setting] = Convert.ToBase64String(new byte[32]) }))
        {
            await FilledStore.FillAsync(app, people: 1, entries: 1);
        }

        await using var another = await FilledStore.StartAsync(store);
        var refusal = await Assert.ThrowsAsync<ArchiveException>(() => Target.BackUpAsync(another.App.Services, Archive, Passphrase));
        Assert.Contains($"Set {Setting}", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Archive));
        await Target.BackUpAsync(another.App.Services, Archive);
    }

    [Fact]
    public async Task Tokens_travel_with_the_passphrase_alone_and_a_wrong_one_is_refused_before_anything_is_written()
    {
        await using var app = await FilledStore.StartAsync();
        var person = (await FilledStore.FillAsync(app, people: 2, entries: 2)).Keys.First();
        await Target.BackUpAsync(app.App.Services, Archive, Passphrase);

        await using (var wrong = new Target())
        {
            Assert.Contains("passphrase does not open", (await Assert.ThrowsAsync<ArchiveException>(() => wrong.RestoreAsync(Archive, "another passphrase"))).Message, StringComparison.Ordinal);
            Assert.Empty(await wrong.DumpAsync());
        }

        await using (var without = new Target())
        {
            Assert.False((await without.RestoreAsync(Archive)).HasSecrets);
            Assert.Null(await TokensAsync(without.Services, person));
        }

        await using var with = new Target();
        Assert.True((await with.RestoreAsync(Archive, Passphrase)).HasSecrets);
        Assert.Equal(FilledStore.Token, (await TokensAsync(with.Services, person))?.Access);
        var again = folder.File("again");
        await Target.BackUpAsync(with.Services, again, Passphrase);
        await using var third = new Target();
        await third.RestoreAsync(again, Passphrase);
        Assert.Equal(FilledStore.Token, (await TokensAsync(third.Services, person))?.Access);
    }

    [Fact]
    public async Task Restored_store_goes_on_with_what_was_queued_and_holds_no_lease()
    {
        await using var app = await FilledStore.StartAsync();
        var person = (await FilledStore.FillAsync(app, people: 1, entries: 2)).Keys.First();
        var services = app.App.Services;
        var record = (await services.GetRequiredService<DigestStore>().NewestAsync(person, 1, default)).Single();
        var (found, tag) = (await services.GetRequiredService<DigestStore>().GetAsync(person, Week.Parse(record.Week)!.Value, default))!.Value;
        await services.GetRequiredService<DigestStore>().SaveAsync(person, found with { Mail = MailState.Waiting }, tag, default);
        var owner = (await services.GetRequiredService<ContributionIngest.Functions.Api.Account.Owner>().FindAsync(default))!.Id;
        var connection = (await services.GetRequiredService<ConnectionStore>().ListAsync(owner, default)).Single().Connection.Id;
        await services.GetRequiredService<ConnectionStore>().ChangeStateAsync(owner, connection, state => state with { Lease = new Lease("run", app.Clock.GetUtcNow().AddDays(9), "shared") }, default);
        await Target.BackUpAsync(services, Archive);

        await using var target = new Target();
        await target.RestoreAsync(Archive);
        Assert.Null((await target.Services.GetRequiredService<ConnectionStore>().GetAsync(owner, connection, default))!.State.Lease);
        target.Clock.Advance(TimeSpan.FromDays(1));
        var mail = Assert.Single(await target.Store.Queue.ReceiveAsync(MailMessage.Queue, 32, TimeSpan.FromMinutes(1), default));
        Assert.Contains($"\"person\":\"{person}\",\"week\":\"{record.Week}\"", mail.Body, StringComparison.Ordinal);
        var harvest = Assert.Single(await target.Store.Queue.ReceiveAsync(HarvestQueue.Name, 32, TimeSpan.FromMinutes(1), default));
        Assert.Contains(connection, harvest.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_of_another_store_or_begun_otherwise_is_not_continued()
    {
        await using var app = await FilledStore.StartAsync();
        await FilledStore.FillAsync(app, people: 1, entries: 1);
        await Target.BackUpAsync(app.App.Services, Archive);
        File.Move(Archive, Archive + ".unfinished");
        var backup = app.App.Services.GetRequiredService<ArchiveBackup>();
        foreach (var request in (BackupRequest[])[new(Archive, "another store", "test", WithRaw: true), new(Archive, "a store", "test", WithRaw: false), new(Archive, "a store", "test", WithRaw: true, Passphrase)])
        {
            var refusal = await Assert.ThrowsAsync<ArchiveException>(() => backup.RunAsync(request, _ => Task.FromResult(new StoreSecrets([], new Dictionary<string, string>(StringComparer.Ordinal))), null, default));
            Assert.Contains("Go on in the same way, or delete it.", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<GrantedTokens?> TokensAsync(IServiceProvider services, string person)
    {
        var grants = services.GetRequiredService<GrantStore>();
        return await grants.OpenAsync(person, (await grants.ListAsync(person, default)).Single(), default);
    }

    /// <summary>Where files of a tar begin.</summary>
    private static List<int> Boundaries(byte[] archive)
    {
        var boundaries = new List<int>();
        for (var at = 0; archive[at] != 0;)
        {
            boundaries.Add(at);
            var length = Convert.ToInt32(Encoding.ASCII.GetString(archive, at + 124, 11).Trim('\0', ' '), 8);
            at += 512 + ((length + 511) / 512 * 512);
        }

        return boundaries;
    }

    /// <summary>All that is in an archive, unpacked and decoded.</summary>
    private static string Decoded(byte[] archive)
    {
        var text = new StringBuilder();
        using var tar = new TarReader(new MemoryStream(archive));
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            var bytes = content.ToArray();
            text.AppendLine(entry.Name);
            if (bytes is [0x1f, 0x8b, ..])
            {
                using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
                using var plain = new MemoryStream();
                gzip.CopyTo(plain);
                bytes = plain.ToArray();
            }

            text.AppendLine(Encoding.Latin1.GetString(bytes));
            foreach (var line in entry.Name.EndsWith(".ndjson.gz", StringComparison.Ordinal) ? Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [])
            {
                using var row = JsonDocument.Parse(line);
                foreach (var value in row.RootElement.GetProperty("v").EnumerateObject().Where(value => value.Value[0].GetString() == "x"))
                    text.AppendLine(Encoding.Latin1.GetString(value.Value[1].GetBytesFromBase64()));
            }
        }

        return text.ToString();
    }
}
