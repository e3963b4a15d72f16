using System.Globalization;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digests;

/// <summary>Whom and what a link in a mail gives access to.</summary>
/// <param name="About">An entry, a connection, a kind or a week; empty if the link is about the person.</param>
public sealed record LinkGrant(string Person, string About);

/// <summary>
/// Links that work without sign-in. They are encrypted, serve one purpose and expire. Without the key they reveal nothing, and nothing about them
/// is stored.
/// </summary>
public sealed class SignedLinks(SecretProtector protector, TimeProvider clock)
{
    public const string Unsubscribe = "unsubscribe";
    public const string Settings = "settings";
    public const string Week = "week";

    /// <summary>Longer than people act on a mail. An unsubscribe link has to work for as long as the mail is kept.</summary>
    private static readonly TimeSpan ActionLifetime = TimeSpan.FromDays(45);

    private static readonly TimeSpan UnsubscribeLifetime = TimeSpan.FromDays(730);

    public static string Purpose(DigestAction action) => action switch
    {
        DigestAction.NotMine => "not-mine",
        DigestAction.Private => "private",
        DigestAction.Edit => "edit",
        DigestAction.Log => "log",
        _ => "connection",
    };

    public Task<string> MakeAsync(string purpose, LinkGrant grant, CancellationToken cancel)
    {
        var end = clock.GetUtcNow() + (purpose == Unsubscribe ? UnsubscribeLifetime : ActionLifetime);
        var text = string.Create(CultureInfo.InvariantCulture, $"{grant.Person}|{grant.About}|{end.ToUnixTimeSeconds()}");
        return protector.ProtectAsync(ProtectorPurpose(purpose), text, cancel);
    }

    /// <summary>Null if the token is not ours, was made for another purpose, or has expired.</summary>
    public async Task<LinkGrant?> UnprotectAsync(string purpose, string token, CancellationToken cancel)
    {
        if (await protector.UnprotectAsync(ProtectorPurpose(purpose), token, cancel) is not { } text || text.Split('|') is not [var person, var about, var end])
            return null;
        return long.Parse(end, CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds() ? new LinkGrant(person, about) : null;
    }

    private static string ProtectorPurpose(string purpose) => "link|" + purpose;
}

/// <summary>What a person can do directly from the mail.</summary>
public enum DigestAction
{
    NotMine,
    Private,
    Edit,
    Connection,

    /// <summary>Log an entry of a kind that is missing.</summary>
    Log,
}

/// <summary>The links of a digest, which work without sign-in. A null link is not shown.</summary>
/// <param name="Week">This digest on the web.</param>
/// <param name="Settings">The page that sets day, hour and language.</param>
/// <param name="Unsubscribe">Stops the digests.</param>
/// <param name="Act">Returns a signed single-purpose link, given an entry, connection or kind, and an action.</param>
public sealed record DigestLinks(Uri? Week, Uri? Settings, Uri? Unsubscribe, Func<string, DigestAction, Uri?> Act)
{
    public static readonly DigestLinks None = new(null, null, null, (_, _) => null);
}
