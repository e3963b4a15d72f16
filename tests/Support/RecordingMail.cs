using ContributionIngest.Core.Mail;

namespace ContributionIngest.Tests.Support;

/// <summary>Notes every email and answers as the test says.</summary>
internal sealed class RecordingMail : IMail
{
    public static readonly MailResult Accepted = new(MailOutcome.Accepted);

    private readonly List<Email> letters = [];

    /// <summary>May throw, as a process does that ends there; the email has left by then.</summary>
    public Func<Email, MailResult> Answer { get; set; } = _ => Accepted;

    public IReadOnlyList<Email> Letters
    {
        get
        {
            lock (letters)
                return [.. letters];
        }
    }

    public Task<MailResult> SendAsync(Email email, CancellationToken cancel)
    {
        lock (letters)
            letters.Add(email);
        return Task.FromResult(Answer(email));
    }

    /// <summary>What has left has left.</summary>
    public Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel) => Task.FromResult(0);
}

/// <summary>What a process leaves behind that ends in the middle.</summary>
internal sealed class DeathException() : Exception("The process ended here.");
