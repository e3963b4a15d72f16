using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.People;

/// <summary>What sign-in mails need to know of the installation.</summary>
/// <param name="Host">The domain in Message-ID.</param>
/// <param name="Link">The address of the page for a token; null if the installation does not know its own address.</param>
/// <param name="IsOpen">Anybody may open an account.</param>
/// <param name="OwnerEmail">The owner's address in normal form; it counts as the owner's from the start.</param>
/// <param name="Made">Called with each mailed link, for a server whose mail stays on its own machine; otherwise null.</param>
public sealed record SignInOptions(string Host, Func<string, Uri?> Link, bool IsOpen, string? OwnerEmail, Action<string, Uri>? Made = null);

/// <summary>Makes the HTML part of a mail whose link leads to a page.</summary>
public delegate Task<string> SignInMailHtml(SignInTexts texts, Uri page);

/// <summary>
/// Mails sign-in links, through the queue that digests use, ahead of them. Whether an address is known decides only what the queue's message does:
/// asking costs and answers the same for all addresses.
/// </summary>
public sealed class SignInMailer(
    SignInAddresses addresses, SignInLinks links, PeopleStore people, Deletions deletions, MailTurns turns, SignInOptions options, SignInMailHtml html, TimeProvider clock, IMail? mail = null)
{
    /// <summary>How long a mailed link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const int MaxAttempts = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(20);

    /// <summary>A link that arrives later is of no use.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    /// <summary>Whether mail can be sent.</summary>
    public bool IsOn => turns.IsOn;

    /// <param name="address">In normal form.</param>
    /// <param name="browser">Hash of what the browser holds.</param>
    public async Task AskAsync(string address, string browser, string? returnPath, string? locale, CancellationToken cancel)
    {
        await turns.TakeFirstAsync(cancel);
        var request = new SignInRequest(Identity.Random(), address, browser, returnPath, clock.GetUtcNow(), locale);
        await turns.PutAsync(new MailMessage(null, null) { SignIn = request }, TimeSpan.Zero, cancel);
    }

    /// <summary>Mails a link that makes an address one of the person's. It signs in as well, so it works only in the browser that asked: the address may be somebody else's.</summary>
    public async Task AskToConfirmAsync(string address, string browser, string returnPath, string person, CancellationToken cancel)
    {
        await turns.TakeFirstAsync(cancel);
        var request = new SignInRequest(Identity.Random(), address, browser, returnPath, clock.GetUtcNow(), null, Person: person);
        await turns.PutAsync(new MailMessage(null, null) { SignIn = request }, TimeSpan.Zero, cancel);
    }

    /// <summary>Mails an invitation.</summary>
    /// <param name="link">Its id becomes the person's.</param>
    internal async Task InviteAsync(SignInLink link, CancellationToken cancel)
    {
        await turns.TakeFirstAsync(cancel);
        var request = new SignInRequest(link.Id, link.Address!, null, null, clock.GetUtcNow(), null) { InvitedUntil = link.Until, Name = link.Name };
        await turns.PutAsync(new MailMessage(null, null) { SignIn = request }, TimeSpan.Zero, cancel);
    }

    public async Task RunAsync(SignInRequest request, CancellationToken cancel)
    {
        var link = new SignInLink(request.Id, request.Address, request.Browser, request.Return, request.InvitedUntil ?? (request.At + Lifetime)) { Name = request.Name };
        if (mail is null)
        {
            Telemetry.MailIsOff();
            return;
        }

        if ((request.InvitedUntil is null && clock.GetUtcNow() - request.At > MaxAge) || await PersonAsync(request, cancel) is not { } person)
            return;

        // The link's row is the claim: a message that is delivered twice mails once. Nothing that may fail stands between the claim and the mail, or a
        // repetition would take the mail for sent.
        if (options.Link(links.Token(person, link)) is not { } page)
            return;
        var email = await ComposeAsync(request, (await people.GetAsync(person, cancel))?.Locale ?? request.Locale, page);
        if (!await links.CreateAsync(person, link, cancel))
            return;
        options.Made?.Invoke(request.Address, page);
        var result = await mail.SendAsync(email, cancel);
        Telemetry.Mailed(result.Outcome);
        if (result.Outcome is MailOutcome.Accepted or MailOutcome.Unknown)
            return;
        await links.UseAsync(person, link.Id, CancellationToken.None);
        if (result.Outcome == MailOutcome.Temporary && request.Attempts + 1 < MaxAttempts)
        {
            var next = new MailMessage(null, null) { SignIn = request with { Attempts = request.Attempts + 1 } };
            await turns.PutAsync(next, FirstDelay * Math.Pow(2, request.Attempts), CancellationToken.None);
        }
    }

    /// <summary>Null if no mail is sent. Somebody new gets the request's id as theirs, so that repeating it creates nobody else.</summary>
    private async Task<string?> PersonAsync(SignInRequest request, CancellationToken cancel)
    {
        if (request.Person is not null)
            return await IdAsync(request.Person, cancel);
        if (request.InvitedUntil is null && await addresses.FindAsync(request.Address, cancel) is { } known)
            return await IdAsync(known, cancel);
        if (await deletions.HasAddressAsync(request.Address, cancel))
            return null;
        if (request.InvitedUntil is not null)
            return request.Id;
        if (request.Address == options.OwnerEmail)
            return await people.IsOwnerDeletedAsync(cancel) ? null : (await people.FindOwnerAsync(cancel))?.Id;
        if (!options.IsOpen)
            return null;
        await links.RecordNewcomerAsync(request.Id, request.At + Lifetime, cancel);
        return request.Id;
    }

    /// <summary>Null if the person is deleted, or is being deleted.</summary>
    private async Task<string?> IdAsync(string person, CancellationToken cancel) =>
        await deletions.HasPersonAsync(person, cancel) ? null : (await people.GetAsync(person, cancel))?.Id;

    private async Task<Email> ComposeAsync(SignInRequest request, string? locale, Uri page)
    {
        var texts = SignInTexts.Of(locale, request);
        var text = $"""
            {texts.Lead}

            {page.AbsoluteUri}

            {texts.Terms}

            {texts.NotYou}

            """;
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Auto-Submitted"] = "auto-generated" };
        return new Email(request.Address, texts.Subject, text, await html(texts, page), $"sign-in.{Identity.Hash(request.Id)}@{options.Host}", clock.GetUtcNow(), headers);
    }
}

/// <summary>The sentences of the mail.</summary>
public sealed record SignInTexts(string Language, string Subject, string Lead, string Button, string Terms, string NotYou)
{
    private static readonly SignInTexts English = new(
        "en",
        "Sign in to ContributionIngest",
        "Here is the link to sign in that was asked for.",
        "Sign in",
        "It works once, for 15 minutes, in the browser where it was asked for.",
        "If you did not ask for it, leave it: without the link nobody gets in.");

    private static readonly SignInTexts German = new(
        "de",
        "Anmelden bei ContributionIngest",
        "Hier ist der Link zum Anmelden, der angefordert wurde.",
        "Anmelden",
        "Er gilt einmal, 15 Minuten lang, in dem Browser, in dem er angefordert wurde.",
        "Wenn du ihn nicht angefordert hast, lass ihn liegen: ohne den Link kommt niemand hinein.");

    internal static SignInTexts Of(string? locale, SignInRequest request)
    {
        var isGerman = locale?.StartsWith("de", StringComparison.OrdinalIgnoreCase) == true;
        if (request.InvitedUntil is not null)
        {
            return English with
            {
                Subject = "Your invitation to ContributionIngest",
                Lead = "You are invited to keep the record of what you give to your community: connect your blog, code, videos and meetups once, and everything you publish lands in one ledger.",
                Button = "Open your account",
                Terms = "The link works once, for seven days.",
                NotYou = "If you do not know what this is about, leave it: without the link nothing happens.",
            };
        }

        return (isGerman, request.Person is not null) switch
        {
            (false, false) => English,
            (true, false) => German,
            (false, true) => English with { Subject = "Confirm your address", Lead = "Confirm that this address is yours. Then you can sign in with it.", Button = "Confirm the address", NotYou = "If you did not ask for it, leave it: nothing changes without the link." },
            _ => German with { Subject = "Bestätige deine Adresse", Lead = "Bestätige, dass diese Adresse dir gehört. Dann kannst du dich mit ihr anmelden.", Button = "Adresse bestätigen", NotYou = "Wenn du das nicht angefordert hast, lass den Link liegen: ohne ihn ändert sich nichts." },
        };
    }
}
