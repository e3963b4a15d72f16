using ContributionIngest.Core.Mail;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

[Collection(MailServer.Collection)]
public sealed class OutboxTests(MailServer server)
{
    [Fact]
    public async Task Mail_is_one_file_named_by_its_Message_ID_however_often_it_is_sent()
    {
        using var folder = new TemporaryFolder();
        var outbox = folder.File("outbox");
        for (var time = 0; time < 3; time++)
            Assert.Equal(new MailResult(MailOutcome.Accepted), await new OutboxMail(outbox).SendAsync(Letters.Some, CancellationToken.None));

        var file = Assert.Single(Directory.EnumerateFileSystemEntries(outbox));
        Assert.Equal("2026-W22.abc_digest.example.org.eml", Path.GetFileName(file));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(outbox));
        var mail = await server.ReadAsync(file);
        Assert.Equal(["multipart/alternative", "text/plain", "text/html"], mail.Nodes);
        Assert.Equal($"<{Letters.Some.MessageId}>", mail.MessageId);
        Assert.Equal("ContributionIngest <contributioningest@localhost>", mail.From);
        Assert.Equal((Letters.Some.Subject, Letters.Some.Text, Letters.Some.Html), (mail.Subject, mail.Text, mail.Html));
    }

    [Fact]
    public async Task Unwritable_outbox_folder_is_a_temporary_failure()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("outbox"), "in the way");
        var result = await new OutboxMail(folder.File("outbox")).SendAsync(Letters.Some, CancellationToken.None);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("cannot be written", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", nameof(OutboxMail))]
    [InlineData("Smtp__Host=relay.example.org Smtp__From=digest@example.org", nameof(SmtpMail))]
    [InlineData("AzureWebJobsStorage=UseDevelopmentStorage=true", null)]
    [InlineData("AzureWebJobsStorage=UseDevelopmentStorage=true Smtp__Host=relay.example.org Smtp__From=digest@example.org", nameof(SmtpMail))]
    public void Without_a_relay_mail_goes_to_the_outbox_and_on_Azure_storage_nowhere(string given, string? expected)
    {
        using var folder = new TemporaryFolder();
        var values = given.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(g => g.Split('=', 2))
            .Append(["Data", folder.FullName]).ToDictionary(g => g[0].Replace("__", ":", StringComparison.Ordinal), g => (string?)g[1], StringComparer.Ordinal);
        var dependencies = AppDependencies.Of(AppFixture.ReadSettings(values));
        Assert.Equal(expected, dependencies.Mail?.GetType().Name);
        dependencies.Stores.Owner?.Dispose();
    }
}
