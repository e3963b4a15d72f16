using Azure.Core;
using ContributionIngest.Core;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>Where an account is looked for, and by what it is asked.</summary>
public sealed class AzureStoreTests
{
    private const string Key = "AccountName=mine;AccountKey=c2VjcmV0";

    private readonly FaultTransport transport = new();

    [Theory]
    [InlineData(Key, "https://mine.table.core.windows.net", "https://mine.queue.core.windows.net", "https://mine.blob.core.windows.net")]
    [InlineData(
        "DefaultEndpointsProtocol=https;EndpointSuffix=core.chinacloudapi.cn;" + Key,
        "https://mine.table.core.chinacloudapi.cn", "https://mine.queue.core.chinacloudapi.cn", "https://mine.blob.core.chinacloudapi.cn")]
    [InlineData(
        Key + ";TableEndpoint=http://emulator:10002/mine;QueueEndpoint=https://queues.example;BlobEndpoint=http://emulator:10000/mine;",
        "http://emulator:10002/mine", "https://queues.example", "http://emulator:10000/mine")]
    [InlineData(
        "UseDevelopmentStorage=true",
        "http://127.0.0.1:10002/devstoreaccount1", "http://127.0.0.1:10001/devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1")]
    public async Task Connection_string_determines_the_endpoints(string text, string tables, string queues, string blobs)
    {
        await AskAsync(AzureStore.FromConnectionString(text, new TestClock { Skip = TimeSpan.Zero }, transport));

        var sent = transport.Sent.ToList();
        Assert.StartsWith(tables + "/ledger(", sent[0].Address.AbsoluteUri, StringComparison.Ordinal);
        Assert.StartsWith(queues + "/harvest?", sent[1].Address.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(blobs + "/raw/a", sent[2].Address.AbsoluteUri);
        var account = text.StartsWith("Use", StringComparison.Ordinal) ? "devstoreaccount1" : "mine";
        Assert.All(sent, s => Assert.StartsWith("SharedKey", s.Headers["Authorization"], StringComparison.Ordinal));
        Assert.All(sent, s => Assert.Contains($" {account}:", s.Headers["Authorization"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AccountName=hush")]
    [InlineData("AccountKey=aHVzaA==")]
    [InlineData("AccountName=hush;AccountKey=hush!hush")]
    [InlineData("AccountName=hush;AccountKey=aHVzaA==;TableEndpoint=ftp://hush.example")]
    [InlineData("AccountName=hush;AccountKey=aHVzaA==;BlobEndpoint=file:///hush")]
    [InlineData("AccountName=hush;AccountKey=aHVzaA==;QueueEndpoint=hush")]
    [InlineData("TableEndpoint=https://hush.example;QueueEndpoint=https://hush.example;SharedAccessSignature=sig=hush")]
    [InlineData("hush")]
    public void Invalid_connection_string_is_rejected_without_being_repeated(string text)
    {
        var wrong = Assert.Throws<FormatException>(() => AzureStore.FromConnectionString(text, TimeProvider.System));

        Assert.Contains("AccountName with AccountKey", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", wrong.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("aHVzaA", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_connection_string_prevents_the_start_and_the_message_names_the_setting()
    {
        var settings = AppFixture.ReadSettings([new("AzureWebJobsStorage", "AccountName=hush")]);

        var refused = Assert.Throws<StartupException>(() => Stores.Open(settings, TimeProvider.System));

        var fault = Assert.Single(refused.Faults);
        Assert.StartsWith("AzureWebJobsStorage ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Managed_identity_authenticates_with_a_token_and_no_key()
    {
        var (blobs, queues, tables) = (new Uri("https://b.example/"), new Uri("https://q.example/"), new Uri("https://t.example/"));

        await AskAsync(AzureStore.FromCredential(blobs, queues, tables, new FixedCredential(), new TestClock { Skip = TimeSpan.Zero }, transport));

        Assert.Equal([tables.Host, queues.Host, blobs.Host], transport.Sent.Select(s => s.Address.Host));
        Assert.All(transport.Sent, s => Assert.Equal("Bearer token for https://storage.azure.com/.default", s.Headers["Authorization"]));
    }

    private async Task AskAsync(AzureStore store)
    {
        transport.Next(Faults.Answer(404, Faults.Json("ResourceNotFound")), Faults.Answer(404, "", ("x-ms-error-code", "QueueNotFound")), Faults.Answer(404));

        Assert.Null(await store.Table.GetAsync("ledger", "p", "it's", default));
        Assert.Equal(0, await store.Queue.CountAsync("harvest", default));
        Assert.Null(await store.Blobs.GetAsync("raw", "a", default));
    }

    private sealed class FixedCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new($"token for {requestContext.Scopes[0]}", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
