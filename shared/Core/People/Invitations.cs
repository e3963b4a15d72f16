using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.People;

/// <param name="Person">The id that the account gets.</param>
/// <param name="Link">To be passed on by hand; null if it is mailed.</param>
public sealed record MadeInvitation(string Person, DateTimeOffset Until, Uri? Link);

/// <summary>Invites people: a link that opens an account when it is followed. Until then there is nobody with that address.</summary>
public sealed class Invitations(SignInAddresses addresses, SignInLinks links, SignInMailer mailer, SignInOptions options, AuditTrail audit, Deletions deletions, TimeProvider clock)
{
    /// <summary>How long an invitation can be followed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <param name="address">In normal form.</param>
    /// <param name="by">The operator who invites.</param>
    /// <returns>Null if somebody signs in with that address already, or is being deleted.</returns>
    public async Task<MadeInvitation?> InviteAsync(string address, string? name, string by, string credential, CancellationToken cancel)
    {
        if (await addresses.FindAsync(address, cancel) is not null || await deletions.HasAddressAsync(address, cancel))
            return null;
        var link = new SignInLink(Identity.Random(), address, null, null, clock.GetUtcNow() + Lifetime) { Name = name };
        await links.RecordNewcomerAsync(link.Id, link.Until, cancel);
        Uri? page = null;
        if (mailer.IsOn)
            await mailer.InviteAsync(link, cancel);
        else if (await links.CreateAsync(link.Id, link, cancel))
            page = options.Link(links.Token(link.Id, link));
        await audit.AddAsync(by, AuditTrail.Invited, address, null, credential, cancel);
        return new MadeInvitation(link.Id, link.Until, page);
    }
}
