using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using ContributionIngest.Drivers.Mail;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>The mail service of Azure over TLS, as far as a sender sees it: hears one request, says what it was told to, and hangs up.</summary>
internal sealed class CommunicationServer : IAsyncDisposable
{
    /// <summary>It hears the request and hangs up.</summary>
    public const string Gone = "(gone)";

    public const string From = "DoNotReply@mail.example.org";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource over = new();
    private readonly X509Certificate2 certificate = Certificate();
    private readonly HttpClientTransport transport;
    private readonly Task run;

    /// <param name="reply">Of HTTP, from the status line on.</param>
    /// <param name="hold">What it waits for before it says it; null for nothing.</param>
    public CommunicationServer(string reply, Task? hold = null)
    {
        listener.Start();
        run = RunAsync(reply, hold ?? Task.CompletedTask);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(certificate);
        transport = new HttpClientTransport(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = { CertificateChainPolicy = trust } });
    }

    public Uri Endpoint => new(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}"));

    /// <summary>Completes when the server has heard the request.</summary>
    public Task Heard => heard.Task;

    /// <summary>The request line and the headers.</summary>
    public string Head { get; private set; } = "";

    public string Body { get; private set; } = "";

    /// <summary>What answers like this, with a body of that length.</summary>
    public static string Answer(int status, string body = "", string headers = "") =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} made up\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    public CommunicationMail Mail(TimeProvider clock, TokenCredential? credential = null) =>
        new(new CommunicationMailSettings(Endpoint, From), credential ?? new GivenToken(), clock, transport);

    /// <summary>Nobody listens any more.</summary>
    public void Stop() => listener.Stop();

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await run;
        listener.Dispose();
        transport.Dispose();
        certificate.Dispose();
        over.Dispose();
    }

    private async Task RunAsync(string reply, Task hold)
    {
        try
        {
            using var connection = await listener.AcceptTcpClientAsync(over.Token);
            await using var stream = new SslStream(connection.GetStream());
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, over.Token);
            await HearAsync(stream);
            heard.TrySetResult();
            await hold.WaitAsync(over.Token);
            if (reply != Gone)
                await stream.WriteAsync(Encoding.UTF8.GetBytes(reply), over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or the test is over.
        }
    }

    private async Task HearAsync(Stream stream)
    {
        var bytes = new byte[100_000];
        var length = 0;
        while (true)
        {
            length += await stream.ReadAtLeastAsync(bytes.AsMemory(length), 1, cancellationToken: over.Token);
            var text = Encoding.UTF8.GetString(bytes, 0, length);
            if (text.Split("\r\n\r\n", 2) is not [var head, var body])
                continue;
            var expected = head.Split("\r\n").Select(line => line.Split(": ", 2)).First(header => header[0] == "Content-Length")[1];
            if (Encoding.UTF8.GetByteCount(body) < int.Parse(expected, CultureInfo.InvariantCulture))
                continue;
            (Head, Body) = (head, body);
            return;
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
    }
}

/// <summary>A credential that has a token, or that fails.</summary>
internal sealed class GivenToken(Func<CancellationToken, Task>? before = null) : TokenCredential
{
    public const string Token = "zq-token-for-the-mail-service";

    public string? Scope { get; private set; }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException("The driver only sends asynchronously.");

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Scope = Assert(requestContext.Scopes);
        if (before is not null)
            await before(cancellationToken);
        return new AccessToken(Token, DateTimeOffset.MaxValue);
    }

    private static string Assert(string[] scopes) => scopes is [var scope] ? scope : throw new InvalidOperationException("One scope was expected.");
}
