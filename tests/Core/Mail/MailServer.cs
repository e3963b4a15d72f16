using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ContributionIngest.Core.Mail;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>
/// Real mail servers as a process of their own, on free ports, and the mail parser of another language. <c>tests/run</c> installs them. The
/// process ends with its standard input, so also when the tests are killed.
/// </summary>
public sealed class MailServer : IAsyncLifetime
{
    public const string Collection = "Mail server";
    public const string Host = "localhost";
    public const string From = "digest@example.org";

    /// <summary>With a server that does not answer, a test fails and does not hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("mail-server-").FullName;
    private Process? process;

    /// <summary>Takes mail from everybody, over a connection that is not secure.</summary>
    public int Plain { get; private set; }

    /// <summary>Wants STARTTLS and a sign-in (<c>juna</c>, <c>right</c>); its certificate is <see cref="Certificate"/>.</summary>
    public int Secure { get; private set; }

    /// <summary>The same, but knows no sign-in other than LOGIN.</summary>
    public int Login { get; private set; }

    /// <summary>As <see cref="Secure"/>, but speaks TLS from the start.</summary>
    public int Implicit { get; private set; }

    public string Certificate => Path.Combine(folder, "certificate.pem");

    public async Task InitializeAsync()
    {
        var home = Repository.Path("artifacts", "mail");
        if (!Directory.Exists(Path.Combine(home, "node_modules", "smtp-server")))
            throw new InvalidOperationException("The mail server is not installed. Run tests/run once: it installs it.");
        await WriteCertificateAsync();
        string[] arguments = [Repository.Path("tests", "Core", "Mail", "mail-server.js"), home, Path.Combine(folder, "key.pem"), Certificate];
        process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var ports = await LineAsync();
        int Port(string name) => ports.GetProperty(name).GetInt32();
        (Plain, Secure, Login, Implicit) = (Port("plain"), Port("secure"), Port("login"), Port("implicit"));
    }

    public async Task DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The next mail that was taken.</summary>
    internal async Task<ReceivedMail> NextAsync() => new(await LineAsync());

    internal async Task<ReceivedMail> ReadAsync(string file)
    {
        await process!.StandardInput.WriteLineAsync(file);
        await process.StandardInput.FlushAsync();
        return await NextAsync();
    }

    /// <summary>Hands a letter to the server that takes mail from everybody.</summary>
    internal Task<MailResult> SendAsync(Email letter, string from = From) =>
        new SmtpMail(new SmtpSettings(Host, Plain, SmtpSecurity.None, null, null, from), new TestClock()).SendAsync(letter, CancellationToken.None).WaitAsync(Patience);

    private async Task<JsonElement> LineAsync() => JsonDocument.Parse(
        await process!.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The mail server ended by itself.")).RootElement;

    private async Task WriteCertificateAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + Host, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}

/// <summary>A mail as the other language's parser reads it.</summary>
internal sealed class ReceivedMail(JsonElement mail)
{
    /// <summary>One character an octet.</summary>
    public string Raw => mail.GetProperty("raw").GetString()!;

    public JsonElement Envelope => mail.GetProperty("envelope");

    /// <summary>Content types of the mail and its parts, outer first.</summary>
    public string[] Nodes => [.. mail.GetProperty("nodes").EnumerateArray().Select(n => n.GetString()!)];

    public string Subject => mail.GetProperty("subject").GetString()!;

    public string Text => mail.GetProperty("text").GetString()!;

    public string Html => mail.GetProperty("html").GetString()!;

    public string MessageId => mail.GetProperty("messageId").GetString()!;

    public DateTimeOffset Date => mail.GetProperty("date").GetDateTimeOffset();

    public string From => Address("from");

    public string To => Address("to");

    /// <summary>The header's values, one for each time it is there.</summary>
    public string[] Header(string name) =>
    [
        .. mail.GetProperty("headers").EnumerateArray().Where(h => h[0].GetString() == name)
            .Select(h => h[1].GetString()!).Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()),
    ];

    private string Address(string header)
    {
        var only = Assert.Single(mail.GetProperty(header).EnumerateArray());
        return $"{only.GetProperty("name").GetString()} <{only.GetProperty("address").GetString()}>";
    }
}

[CollectionDefinition(MailServer.Collection)]
public sealed class MailServerTests : ICollectionFixture<MailServer>;
