using System.Net;
using System.Text.Json;
using ContributionIngest.Core;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Standalone;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class SettingsTests
{
    [Fact]
    public void Three_invalid_settings_give_three_messages_with_name_value_and_allowed_values()
    {
        var faults = Assert.Throws<StartupException>(() => Read(("RawDays", "never"), ("OwnerZone", "Berlin"), ("Listen", "https://a:1"))).Faults;
        Assert.Equal(3, faults.Count);
        Assert.Contains("RawDays is 'never', allowed is a whole number from 1 to 3650.", faults);
        Assert.Contains("OwnerZone is 'Berlin', allowed is an IANA time zone such as Europe/Berlin.", faults);
        Assert.Contains(faults, fault => fault.StartsWith("Listen is 'https://a:1', allowed is http://ADDRESS:PORT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Listen", "7071")]
    [InlineData("Listen", "http://example.org:80")]
    [InlineData("Listen", "http://127.0.0.1:70000")]
    [InlineData("Listen", "http://127.0.0.1:80/path")]
    [InlineData("PublicUrl", "example.org")]
    [InlineData("PublicUrl", "https://user:pass@example.org")]
    [InlineData("AllowNetworks", "10.0.0.1/33")]
    [InlineData("OwnerEmail", "me at example.org")]
    [InlineData("HarvestBudget", "4")]
    [InlineData("HarvestBudget", "01:00:00")]
    [InlineData("AzureWebJobsStorage__accountName", "My-Account")]
    [InlineData("Contact", "a\r\nb")]
    [InlineData("SetupExpires", "tomorrow")]
    [InlineData("SetupExpires", "2026-06-08T12:00:00")]
    public void Invalid_value_is_rejected_by_name(string name, string value)
    {
        var fault = Assert.Single(Assert.Throws<StartupException>(() => Read((name, value))).Faults);
        Assert.StartsWith(name, fault, StringComparison.Ordinal);
        Assert.Contains("allowed is", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_a_standalone_server_on_this_machine()
    {
        var settings = Read();
        Assert.Equal("http://127.0.0.1:7071", settings.Listen.ToString());
        Assert.EndsWith("ContributionIngest", settings.Data, StringComparison.Ordinal);
        Assert.False(settings.Data.StartsWith(Repository.Root, StringComparison.Ordinal));
        Assert.Null(settings.Storage);
        Assert.Equal(90, settings.RawDays);
        Assert.Equal(TimeSpan.FromMinutes(4), settings.HarvestBudget);
        Assert.Empty(settings.Hints.Value);
    }

    [Fact]
    public void Valid_values_are_accepted()
    {
        var settings = Read(
            ("Listen", "http://*:80"), ("AllowNetworks", "127.0.0.0/8, fd00::/8"), ("PublicUrl", "https://x.example/sub/"), ("OwnerEmail", " a@b.example "));
        Assert.Equal(new ListenAddress("*", 80), settings.Listen);
        Assert.Equal([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("fd00::/8")], settings.AllowNetworks);
        Assert.Equal("https://x.example/sub", settings.PublicUrl!.ToString());
        Assert.Equal("a@b.example", settings.OwnerEmail);
        Assert.Equal("http://[::1]:1", Read(("Listen", "http://[::1]:1")).Listen.ToString());
    }

    [Fact]
    public void Storage_is_a_connection_string_an_account_or_three_service_addresses()
    {
        Assert.Equal("UseDevelopmentStorage=true", Read(("AzureWebJobsStorage", "UseDevelopmentStorage=true")).Storage!.ConnectionString);
        Assert.Equal(new Uri("https://acc.table.core.windows.net"), Read(("AzureWebJobsStorage__accountName", "acc")).Storage!.Tables);
        var half = Assert.Throws<StartupException>(() => Read(("AzureWebJobsStorage__queueServiceUri", "https://q.example")));
        Assert.Contains("AzureWebJobsStorage is incomplete", Assert.Single(half.Faults), StringComparison.Ordinal);
        var both = Assert.Throws<StartupException>(() => Read(("AzureWebJobsStorage", "UseDevelopmentStorage=true"), ("AzureWebJobsStorage__accountName", "acc")));
        Assert.Contains("are both set", Assert.Single(both.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RawDay", "RawDays")]
    [InlineData("OwnerMail", "OwnerEmail")]
    [InlineData("ALLOWNETWORK", "AllowNetworks")]
    [InlineData("AzureWebJobsStorage__accountname_", "AzureWebJobsStorage__accountName")]
    public void Misspelt_setting_is_pointed_out(string name, string meant)
    {
        Assert.Equal($"{name} is no setting; did you mean {meant}?", Assert.Single(Read((name, "1")).Hints.Value));
        Assert.Empty(Read(("PATH", "/bin"), ("DOTNET_ROOT", "/x")).Hints.Value);
    }

    [Fact]
    public void Sample_settings_serve_both_hosts_and_contain_nothing_empty_or_unknown()
    {
        using var sample = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "local.settings.sample.json")));
        var values = sample.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString(), StringComparer.Ordinal);
        Assert.Equal("dotnet-isolated", values["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.All(values, value => Assert.False(string.IsNullOrEmpty(value.Value), value.Key));
        Assert.Subset(Settings.Names().Append("FUNCTIONS_WORKER_RUNTIME").ToHashSet(StringComparer.Ordinal), values.Keys.ToHashSet(StringComparer.Ordinal));
        var sampled = values.Select(v => (v.Key, v.Value!)).ToArray();
        Assert.Equal(Read().ToString(), Read(sampled).ToString());
        Assert.Equal("UseDevelopmentStorage=true", Read(isWorker: true, sampled).Storage!.ConnectionString);
    }

    [Fact]
    public void Worker_always_uses_Azure_storage_whatever_Storage_says()
    {
        var none = Assert.Throws<StartupException>(() => Read(isWorker: true, ("Storage", "embedded")));
        Assert.StartsWith("AzureWebJobsStorage is not set, allowed are", Assert.Single(none.Faults), StringComparison.Ordinal);
        Assert.NotNull(Read(isWorker: true, ("Storage", "embedded"), ("AzureWebJobsStorage__accountName", "acc")).Storage);
    }

    [Fact]
    public void Azure_storage_settings_alone_do_not_replace_an_existing_embedded_store()
    {
        using var folder = new TemporaryFolder();
        (string, string)[] set = [("Data", folder.FullName), ("AzureWebJobsStorage", "UseDevelopmentStorage=true")];
        Assert.NotNull(Read(set).Storage);
        new SqliteStore(folder.FullName, TimeProvider.System).Dispose();
        var refusal = Assert.Throws<StartupException>(() => Read(set));
        Assert.Equal(
            $"AzureWebJobsStorage is set, and {folder.FullName} holds an embedded store: set Storage to 'embedded' to keep using it, or to 'azure' to stop using it.",
            Assert.Single(refusal.Faults));
        Assert.Null(Read([.. set, ("Storage", "embedded")]).Storage);
        Assert.NotNull(Read([.. set, ("Storage", "azure")]).Storage);
    }

    [Theory]
    [InlineData("app.azurewebsites.net", null, "https://app.azurewebsites.net/")]
    [InlineData("app.azurewebsites.net", "https://own.example", "https://own.example/")]
    [InlineData("localhost:7071", null, null)]
    public void Public_address_defaults_to_that_of_the_platform(string platform, string? set, string? address)
    {
        var settings = set is null ? Read(("WEBSITE_HOSTNAME", platform)) : Read(("WEBSITE_HOSTNAME", platform), ("PublicUrl", set));
        Assert.Equal(address, settings.PublicUrl?.AbsoluteUri);
    }

    [Fact]
    public void Environment_takes_precedence_over_the_local_file()
    {
        var folder = Directory.CreateTempSubdirectory();
        File.WriteAllText(
            Path.Combine(folder.FullName, "local.settings.json"),
            """{"IsEncrypted":false,"Values":{"RawDays":"7","OwnerZone":"Europe/Berlin","AzureWebJobsStorage__accountName":"acc"}}""");
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("RawDays", "8")]);
        LocalSettings.Add(configuration, folder.FullName);
        var settings = Settings.Read(configuration);
        Assert.Equal((8, "Europe/Berlin"), (settings.RawDays, settings.OwnerZone));
        Assert.NotNull(settings.Storage!.Blobs);

        File.WriteAllText(Path.Combine(folder.FullName, "local.settings.json"), """{"RawDays":"7"}""");
        Assert.Contains("\"Values\"", Assert.Throws<StartupException>(() => LocalSettings.Add(configuration, folder.FullName)).Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static Settings Read(params (string Name, string Value)[] values) => Read(isWorker: false, values);

    private static Settings Read(bool isWorker, params (string Name, string Value)[] values) => Settings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Name.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value)))
            .Build(),
        isWorker);
}
