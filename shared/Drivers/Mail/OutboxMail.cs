using ContributionIngest.Core.Mail;
using MimeKit;

namespace ContributionIngest.Drivers.Mail;

/// <summary>
/// Writes every mail as an <c>.eml</c> file to a folder, named after its Message-ID, so that the same mail exists once. Links in a mail act for its
/// reader, so the folder is private.
/// </summary>
public sealed class OutboxMail(string folder) : IMail
{
    private const string From = "contributioningest@localhost";

    public async Task<MailResult> SendAsync(Email email, CancellationToken cancel)
    {
        if (EmailMime.Address(email.To) is not { } to)
            return new MailResult(MailOutcome.NoSuchAddress, "This is not a mail address.");
        try
        {
            using var message = EmailMime.Of(email, From, to);
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            // Written and renamed, so that only complete mails are visible.
            var file = Path.Combine(folder, Name(email.MessageId) + ".eml");
            await message.WriteToAsync(EmailMime.Format(message), file + ".part", CancellationToken.None);
            File.Move(file + ".part", file, overwrite: true);
            return new MailResult(MailOutcome.Accepted);
        }
        catch (FormatException e)
        {
            return new MailResult(MailOutcome.Permanent, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new MailResult(MailOutcome.Temporary, $"The mail folder cannot be written. {e.Message}");
        }
    }

    public async Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel)
    {
        var deleted = 0;
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder).ToList() : [])
        {
            if (!await IsToAsync(file, addresses, cancel))
                continue;
            File.Delete(file);
            deleted++;
        }

        return deleted;
    }

    /// <summary>A file that was deleted meanwhile is to nobody.</summary>
    private static async Task<bool> IsToAsync(string file, IReadOnlyCollection<string> addresses, CancellationToken cancel)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            var to = (await MimeMessage.LoadAsync(stream, cancel)).To.Mailboxes;
            return to.Any(mailbox => addresses.Any(address =>
                string.Equals(mailbox.Address, address, StringComparison.OrdinalIgnoreCase)
                || string.Equals(mailbox.GetAddress(idnEncode: true), EmailMime.Address(address)?.GetAddress(idnEncode: true), StringComparison.OrdinalIgnoreCase)));
        }
        catch (Exception e) when (e is FileNotFoundException or FormatException)
        {
            return false;
        }
    }

    private static string Name(string id) => string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
}
