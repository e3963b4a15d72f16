namespace ContributionIngest.Core.Mail;

/// <summary>One mail to one person. A driver adds the envelope, nothing else.</summary>
/// <param name="To">One address and nothing else; what is none comes back as <see cref="MailOutcome.NoSuchAddress"/>.</param>
/// <param name="Subject">Any text; line breaks become blanks.</param>
/// <param name="MessageId">Without angle brackets; the same for the same mail, however often it is tried.</param>
/// <param name="Headers">Further headers by name, in ASCII without line breaks.</param>
public sealed record Email(
    string To, string Subject, string Text, string Html, string MessageId, DateTimeOffset Date, IReadOnlyDictionary<string, string> Headers);

public enum MailOutcome
{
    /// <summary>The server took it.</summary>
    Accepted,

    /// <summary>It certainly did not leave; worth trying again later.</summary>
    Temporary,

    /// <summary>It certainly did not leave, and never will.</summary>
    Permanent,

    /// <summary>Permanent, and it is the address that takes no mail.</summary>
    NoSuchAddress,

    /// <summary>Nobody knows: the connection broke off after the mail had begun to leave.</summary>
    Unknown,
}

/// <param name="Detail">What the server or the network said, in one sentence, without secrets.</param>
public sealed record MailResult(MailOutcome Outcome, string? Detail = null);

/// <summary>
/// Sends mail. Outcomes are values, also when the caller cancels: a mail that has not begun to leave by then is
/// <see cref="MailOutcome.Temporary"/>, and one that has is seen through.
/// </summary>
public interface IMail
{
    Task<MailResult> SendAsync(Email letter, CancellationToken cancel);
}
