namespace ContributionIngest.Core.Ports;

/// <summary>Hands one message over to whatever delivers it.</summary>
public interface IMail
{
    /// <param name="message">A whole RFC 5322 message, headers included.</param>
    Task<MailOutcome> Send(string from, string to, ReadOnlyMemory<byte> message, CancellationToken cancel);
}

/// <param name="Detail">What the other side said, for status pages; never the message itself.</param>
public sealed record MailOutcome(MailResult Result, string? Detail = null);

public enum MailResult
{
    Accepted,

    /// <summary>Worth trying again later.</summary>
    Temporary,

    /// <summary>This address or message is refused for good.</summary>
    Permanent,

    /// <summary>The line broke after the message was handed over: it may or may not have been accepted.</summary>
    Unknown,
}
