using ContributionIngest.Core.Ports;

namespace ContributionIngest.Tests.Infrastructure;

/// <summary>Mail that goes nowhere and can be read. Takes everything unless told otherwise.</summary>
internal sealed class KeptMail : IMail
{
    public List<Letter> Letters { get; } = [];

    public Func<Letter, MailResult> Answer { get; set; } = _ => new MailResult(MailOutcome.Accepted);

    public Task<MailResult> Send(Letter letter, CancellationToken cancel)
    {
        Letters.Add(letter);
        return Task.FromResult(Answer(letter));
    }
}
