using System.Net.Mail;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Mail;

/// <summary>Drops every mail as an <c>.eml</c> file into a folder, named after its Message-ID, so that the same mail is there once.</summary>
public sealed class OutboxMail(string folder) : IMail
{
    private const string Sender = "contributioningest@localhost";

    public async Task<MailResult> Send(Letter letter, CancellationToken cancel)
    {
        // The framework picks a name of its own, so it writes beside and the file moves into its place.
        var drop = Path.Combine(folder, ".drop-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(drop);
        try
        {
            using var message = LetterMessage.Of(letter, new MailAddress(Sender, "ContributionIngest"));
            using var client = new SmtpClient { DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory, PickupDirectoryLocation = drop };
            await client.SendMailAsync(message, cancel);
            File.Move(Directory.EnumerateFiles(drop).Single(), Path.Combine(folder, Name(letter.MessageId) + ".eml"), overwrite: true);
            return new MailResult(MailOutcome.Accepted);
        }
        catch (FormatException)
        {
            return new MailResult(MailOutcome.NoSuchAddress, "What stands there is no mail address.");
        }
        finally
        {
            Directory.Delete(drop, recursive: true);
        }
    }

    private static string Name(string id) => string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
}
