using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>Processes that meet an empty store, as a start of the program or <c>keys new</c> does.</summary>
public sealed class OwnerTests
{
    private readonly TestClock clock = new();

    [Fact]
    public async Task Two_processes_starting_on_an_empty_store_create_one_owner_and_print_valid_keys_whenever_the_second_starts()
    {
        for (var n = 1; ; n++)
        {
            using var folder = new TemporaryFolder();
            using var store = new SqliteStore(folder.FullName, clock);
            var table = new WatchedTable(store.Table);
            var printed = new List<string?>();
            var writes = 0;
            table.Step = () =>
            {
                if (++writes == n)
                    printed.Add(Task.Run(() => Start(store.Table, store.Queue).EnsureAsync(CancellationToken.None)).GetAwaiter().GetResult());
            };

            printed.Add(await Start(table, store.Queue).EnsureAsync(CancellationToken.None));

            if (printed.Count == 1)
                return;
            Assert.NotEmpty(printed.OfType<string>());
            foreach (var key in printed.OfType<string>())
                await IsOneAsync(store.Table, store.Queue, key);
            Assert.Null(await Start(store.Table, store.Queue).EnsureAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task Owner_left_incomplete_by_a_death_is_completed_by_the_next_process()
    {
        for (var n = 0; ; n++)
        {
            using var folder = new TemporaryFolder();
            using var store = new SqliteStore(folder.FullName, clock);
            var table = new WatchedTable(store.Table) { BreakIn = n };
            string? key = null;
            var isBroken = false;
            try
            {
                key = await Start(table, store.Queue).EnsureAsync(CancellationToken.None);
            }
            catch (StoreUnavailableException)
            {
                isBroken = true;
            }

            key ??= await Start(store.Table, store.Queue).EnsureAsync(CancellationToken.None);
            await IsOneAsync(store.Table, store.Queue, key!);
            if (!isBroken)
                return;
        }
    }

    [Fact]
    public async Task Store_of_an_earlier_version_keeps_its_owner()
    {
        using var folder = new TemporaryFolder();
        using var store = new SqliteStore(folder.FullName, clock);
        var person = await new PeopleStore(store.Table, clock).CreateAsync((id, now) => new Person { Id = id, Operator = true, Since = now }, CancellationToken.None);

        Assert.Null(await Start(store.Table, store.Queue).EnsureAsync(CancellationToken.None));

        Assert.Equal(person.Id, (await FindAsync(store.Table, store.Queue)).Id);
        Assert.Single(await new PeopleStore(store.Table, clock).AllAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Processes_starting_at_once_on_an_empty_shared_store_create_one_owner_and_print_valid_keys()
    {
        var azurite = new Azurite();
        await azurite.InitializeAsync();
        try
        {
            var stores = Enumerable.Range(0, 4).Select(_ => AzureStore.FromConnectionString(azurite.ConnectionString, clock)).ToList();
            var printed = await Task.WhenAll(stores.Select(s => Start(s.Table, s.Queue).EnsureAsync(CancellationToken.None)));
            Assert.NotEmpty(printed.OfType<string>());
            foreach (var key in printed.OfType<string>())
                await IsOneAsync(stores[0].Table, stores[0].Queue, key);
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    private Owner Start(ITable table, IQueue queue)
    {
        var settings = AppFixture.ReadSettings([new("OwnerZone", "Europe/Berlin")]);
        return new Owner(new OwnerOptions(settings.OwnerEmail, settings.OwnerZone), new PeopleStore(table, clock), new ApiKeys(table, clock), new DigestPlanner(table, queue, clock));
    }

    private async Task<Person> FindAsync(ITable table, IQueue queue) =>
        await Start(table, queue).FindAsync(CancellationToken.None) ?? throw new InvalidOperationException("There is no owner.");

    private async Task IsOneAsync(ITable table, IQueue queue, string key)
    {
        var id = Assert.Single(await new PeopleStore(table, clock).AllAsync(CancellationToken.None));
        Assert.Equal(id, (await FindAsync(table, queue)).Id);
        Assert.Equal(id, (await new ApiKeys(table, clock).FindAsync(key, CancellationToken.None))?.Person);
        Assert.Equal("Europe/Berlin", (await new LedgerReader(table).ZoneAsync(id, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Printed_link_signs_the_owner_in_once_without_a_server_being_started()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = folder.File("data"), ["PublicUrl"] = "https://ledger.example" };
        var (refused, why) = await Published.RunAsync(Program, folder.FullName, settings, "keys", "link");
        Assert.Equal((1, true), (refused, why.Contains("There is no store in", StringComparison.Ordinal)));

        settings["Data"] = folder.FullName;
        Assert.Equal(0, (await Published.RunAsync(Program, folder.FullName, settings, "keys", "new", "first")).Exit);
        var (exit, link) = await Published.RunAsync(Program, folder.FullName, settings, "keys", "link");
        Assert.Equal(0, exit);
        var address = new Uri(link.Trim());
        Assert.Equal("ledger.example", address.Host);

        await using (var app = await AppFixture.StartAsync(new ScriptedWeb(), folder: folder))
        {
            Assert.Contains("Sign in", await app.Client.GetStringAsync(address.AbsolutePath), StringComparison.Ordinal);
        }

        // A store whose keys are protected with those of the setting.
        using var another = new TemporaryFolder();
        settings["Data"] = another.FullName;
        settings["SecretKeys"] = Convert.ToBase64String(new byte[32]);
        Assert.Equal(0, (await Published.RunAsync(Program, another.FullName, settings, "keys", "new", "first")).Exit);
        Assert.Equal(0, (await Published.RunAsync(Program, another.FullName, settings, "keys", "link")).Exit);
        settings.Remove("SecretKeys");
        (refused, why) = await Published.RunAsync(Program, another.FullName, settings, "keys", "link");
        Assert.Equal((1, true), (refused, why.Contains("Set SecretKeys as the app has them.", StringComparison.Ordinal)));
        Assert.DoesNotContain("/auth/link/", why, StringComparison.Ordinal);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "functions.exe" : "functions");
}
