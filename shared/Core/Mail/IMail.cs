namespace ContributionIngest.Core.Mail;

/// <summary>One mail to one recipient. A driver adds only the envelope.</summary>
/// <param name="To">A single bare address; anything else results in <see cref="MailOutcome.NoSuchAddress"/>.</param>
/// <param name="Subject">Any text; line breaks become spaces.</param>
/// <param name="MessageId">Without angle brackets; the same for every attempt to send the same mail.</param>
/// <param name="Headers">Additional headers by name, in ASCII without line breaks.</param>
public sealed record Email(
    string To, string Subject, string Text, string Html, string MessageId, DateTimeOffset Date, IReadOnlyDictionary<string, string> Headers);

public enum MailOutcome
{
    /// <summary>The server accepted it.</summary>
    Accepted,

    /// <summary>It was certainly not sent; worth retrying later.</summary>
    Temporary,

    /// <summary>It was certainly not sent, and retrying will not help.</summary>
    Permanent,

    /// <summary>Permanent, because the address does not accept mail.</summary>
    NoSuchAddress,

    /// <summary>Unknown: the connection broke after sending had begun.</summary>
    Unknown,
}

/// <param name="Detail">The server's or network's message, in one sentence, without secrets.</param>
public sealed record MailResult(MailOutcome Outcome, string? Detail = null);

/// <summary>
/// Sends mail. Every outcome is a return value, even on cancellation: a mail whose sending has not begun is
/// <see cref="MailOutcome.Temporary"/>; one whose sending has begun is completed.
/// </summary>
public interface IMail
{
    Task<MailResult> SendAsync(Email email, CancellationToken cancel);

    /// <summary>Deletes the mails to these addresses that it keeps; one that passes mails on keeps none. The number of deleted mails.</summary>
    /// <param name="addresses">Compared without regard to case.</param>
    Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel);
}
