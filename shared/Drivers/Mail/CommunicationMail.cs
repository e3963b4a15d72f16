using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using ContributionIngest.Core.Mail;

namespace ContributionIngest.Drivers.Mail;

/// <summary>
/// Azure Communication Services, by its REST interface (https://learn.microsoft.com/rest/api/communication/email/email/send) and with an identity instead
/// of a key. The service takes a mail with 202 and delivers it later. Once the request is handed to the network it is completed, and without an answer
/// nobody knows whether it was carried out.
/// </summary>
public sealed class CommunicationMail : IMail
{
    private const string Version = "2023-03-31";
    private const int MaxAnswer = 8 * 1024;

    /// <summary>For the token, and then for the request with its answer.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(2);

    private readonly CommunicationMailSettings settings;
    private readonly HttpPipeline pipeline;
    private readonly TimeProvider clock;

    internal CommunicationMail(CommunicationMailSettings settings, TokenCredential credential, TimeProvider clock, HttpPipelineTransport? transport = null)
    {
        (this.settings, this.clock) = (settings, clock);
        var options = new Options();

        // A repetition could be a second mail, and the time limit follows the given clock.
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Diagnostics.ApplicationId = "ContributionIngest";
        options.AddPolicy(new HandoverPolicy(), HttpPipelinePosition.BeforeTransport);
        if (transport is not null)
            options.Transport = transport;
        pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, "https://communication.azure.com/.default"));
    }

    /// <param name="clientId">Of a user-assigned identity; null for the system-assigned one.</param>
    public static CommunicationMail FromIdentity(CommunicationMailSettings settings, string? clientId, TimeProvider clock) => new(
        settings, new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId, ExcludeInteractiveBrowserCredential = true }), clock);

    public Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel) => Task.FromResult(0);

    public async Task<MailResult> SendAsync(Email email, CancellationToken cancel)
    {
        if (EmailMime.Address(email.To) is not { } to)
            return new MailResult(MailOutcome.NoSuchAddress, "This is not a mail address.");
        try
        {
            return await SendAsync(Body(email, to.GetAddress(idnEncode: true)), email.MessageId, cancel);
        }
        catch (FormatException e)
        {
            return new MailResult(MailOutcome.Permanent, e.Message);
        }
    }

    private async Task<MailResult> SendAsync(byte[] body, string messageId, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(SendTimeout, clock);
        await using var stop = cancel.Register(limit.Cancel);
        using var message = pipeline.CreateMessage();
        message.BufferResponse = false;
        message.Request.Method = RequestMethod.Post;
        message.Request.Uri.Reset(new Uri($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/emails:send?api-version={Version}"));
        message.Request.Headers.Add("Content-Type", "application/json");

        // The same for every attempt to send the same mail.
        message.Request.Headers.Add("Operation-Id", new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(messageId)).AsSpan(0, 16)).ToString());
        message.Request.Content = RequestContent.Create(body);
        var handover = new Handover(() =>
        {
            stop.Unregister();
            limit.CancelAfter(SendTimeout);
        });
        message.SetProperty(typeof(Handover), handover);
        try
        {
            limit.Token.ThrowIfCancellationRequested();
            await pipeline.SendAsync(message, limit.Token);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or OperationCanceledException or IOException or HttpRequestException or AggregateException)
        {
            return Unanswered(e, handover, cancel);
        }

        return await OutcomeAsync(message.Response, limit.Token);
    }

    private MailResult Unanswered(Exception failure, Handover handover, CancellationToken cancel)
    {
        // The messages of a failed sign-in name tenants and addresses, and say at length what was tried.
        if (!handover.IsDone)
        {
            return Temporary(failure switch
            {
                AuthenticationFailedException => "gets no mail, since this app has no identity that it could show.",
                _ when cancel.IsCancellationRequested => "was left when the program was told to stop.",
                _ => "gets no mail, since no token came in time.",
            });
        }

        var network = failure as HttpRequestException ?? failure.InnerException as HttpRequestException;
        return network?.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
            ? Temporary($"cannot be reached ({network.HttpRequestError}).")
            : new MailResult(MailOutcome.Unknown, $"{settings} did not say whether it took the mail.");
    }

    private async Task<MailResult> OutcomeAsync(Response answer, CancellationToken limit)
    {
        if (answer.Status is >= 200 and < 300)
            return new MailResult(MailOutcome.Accepted);
        var said = $"{settings} answered {await SaidAsync(answer, limit)}";
        return answer.Status switch
        {
            // Nobody knows what became of the mail.
            500 or 502 or 504 => new MailResult(MailOutcome.Unknown, said),

            // These concern every mail: a role that does not count yet, a domain that is not linked, a limit that is reached.
            401 or 403 or 404 or 408 or 429 or 503 or < 400 => new MailResult(MailOutcome.Temporary, said),
            _ => new MailResult(MailOutcome.Permanent, said),
        };
    }

    /// <summary>The status with the service's own code and message, as one line of bounded length.</summary>
    private static async Task<string> SaidAsync(Response answer, CancellationToken limit)
    {
        const int Longest = 200;
        var wait = answer.Headers.TryGetValue("Retry-After", out var after) && int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? string.Create(CultureInfo.InvariantCulture, $", to be asked again in {seconds} s")
            : string.Empty;
        var text = string.Concat((await ErrorAsync(answer, limit)).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return string.Create(CultureInfo.InvariantCulture, $"{answer.Status} {(text.Length <= Longest ? text : text[..Longest] + "…")}").TrimEnd() + wait;
    }

    private static async Task<string> ErrorAsync(Response answer, CancellationToken limit)
    {
        try
        {
            var bytes = new byte[MaxAnswer];
            var length = answer.ContentStream is { } stream ? await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, limit) : 0;
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length));
            var error = document.RootElement.GetProperty("error");
            return $"{error.GetProperty("code").GetString()}: {error.GetProperty("message").GetString()}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IOException or HttpRequestException or OperationCanceledException)
        {
            return string.Empty;
        }
    }

    private byte[] Body(Email email, string to)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("senderAddress", settings.From);
            json.WriteStartObject("recipients");
            json.WriteStartArray("to");
            json.WriteStartObject();
            json.WriteString("address", to);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("content");
            json.WriteString("subject", EmailMime.Subject(email));
            json.WriteString("plainText", email.Text);
            json.WriteString("html", email.Html);
            json.WriteEndObject();
            json.WriteStartObject("headers");
            json.WriteString("Message-ID", $"<{email.MessageId}>");
            foreach (var (name, value) in EmailMime.Headers(email))
                json.WriteString(name, value);
            json.WriteEndObject();

            // No pixel, and no link that leads over somebody else's server.
            json.WriteBoolean("userEngagementTrackingDisabled", true);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private MailResult Temporary(string what) => new(MailOutcome.Temporary, $"{settings} {what}");

    private sealed class Options : ClientOptions;

    /// <summary>Runs last before the network: by then there is a token, and what follows may have sent the mail.</summary>
    private sealed class HandoverPolicy : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            if (message.TryGetProperty(typeof(Handover), out var value) && value is Handover handover)
                handover.Begin();
        }
    }

    private sealed class Handover(Action begun)
    {
        public bool IsDone { get; private set; }

        public void Begin()
        {
            IsDone = true;
            begun();
        }
    }
}

/// <param name="Endpoint">Of the Communication Services resource.</param>
/// <param name="From">An address of a domain that is linked to the resource.</param>
public sealed record CommunicationMailSettings(Uri Endpoint, string From)
{
    /// <summary>The host.</summary>
    public override string ToString() => Endpoint.Host;
}
