using ContributionIngest.Core.Mail;

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

    private static string Name(string id) => string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
}
