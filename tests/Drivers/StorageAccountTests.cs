using System.Text;
using Azure.Core;
using ContributionIngest.Core.Ports;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class StorageAccountTests
{
    [Fact]
    public void A_connection_string_names_the_public_addresses()
    {
        var account = StorageAccount.FromConnectionString("DefaultEndpointsProtocol=https;AccountName=mine;AccountKey=c2VjcmV0a2V5PT0=;EndpointSuffix=core.windows.net");

        Assert.Equal("mine", account.Name);
        Assert.Equal("secretkey==", Encoding.ASCII.GetString(account.Key!));
        Assert.Equal(
            ["https://mine.blob.core.windows.net/", "https://mine.queue.core.windows.net/", "https://mine.table.core.windows.net/"],
            new[] { account.Blob, account.Queue, account.Table }.Select(u => u.AbsoluteUri));
    }

    [Fact]
    public void The_emulator_is_known_by_its_shorthand()
    {
        var account = StorageAccount.FromConnectionString("UseDevelopmentStorage=true");

        Assert.Equal("http://127.0.0.1:10002/devstoreaccount1", account.Table.AbsoluteUri);
        Assert.Equal(64, account.Key!.Length);
    }

    [Theory]
    [InlineData("", "AccountName")]
    [InlineData("AccountName=a", "AccountKey")]
    [InlineData("AccountName=a;AccountKey=hush!hush", "AccountKey")]
    [InlineData("AccountName=a;AccountKey=aHVzaA==;TableEndpoint=ftp://x", "TableEndpoint")]
    [InlineData("hush", "without 'Name='")]
    public void What_is_wrong_with_a_connection_string_is_said_without_repeating_it(string text, string says)
    {
        var wrong = Assert.Throws<FormatException>(() => StorageAccount.FromConnectionString(text));

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_asks_with_its_token_and_no_key()
    {
        var transport = new FaultTransport();
        transport.Next(Faults.Answer(404, Faults.Json("ResourceNotFound")), Faults.Answer(404, "", ("x-ms-error-code", "QueueNotFound")), Faults.Answer(404));
        var store = new AzureStore(
            StorageAccount.FromIdentity("mine") with { Credential = new FixedCredential() }, new ManualClock(), transport);

        Assert.Null(await store.Table.Get("ledger", "p", "k", default));
        Assert.Equal(0, await store.Queue.Count("harvest", default));
        Assert.Null(await store.Blobs.Get("raw", "a", default));

        Assert.Equal(["mine.table.core.windows.net", "mine.queue.core.windows.net", "mine.blob.core.windows.net"], transport.Sent.Select(s => s.Address.Host));
        Assert.All(transport.Sent, s => Assert.Equal("Bearer token for https://storage.azure.com/.default", s.Headers["Authorization"]));
    }

    [Fact]
    public async Task The_public_address_signs_the_path_the_service_sees()
    {
        var transport = new FaultTransport();
        transport.Next(Faults.Answer(404, Faults.Json("ResourceNotFound")));
        var account = StorageAccount.FromConnectionString("AccountName=mine;AccountKey=c2VjcmV0");
        var clock = new ManualClock();

        await new AzureStore(account, clock, transport).Table.Get("ledger", "p", "it's", default);

        var sent = Assert.Single(transport.Sent);
        Assert.Equal("/ledger(PartitionKey='p',RowKey='it%27%27s')", sent.Address.AbsolutePath);
        var text = $"{sent.Headers["x-ms-date"]}\n/mine{sent.Address.AbsolutePath}";
        var signature = Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData("secret"u8, Encoding.UTF8.GetBytes(text)));
        Assert.Equal($"SharedKeyLite mine:{signature}", sent.Headers["Authorization"]);
    }

    private sealed class FixedCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new($"token for {requestContext.Scopes[0]}", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
