using System.Globalization;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digests;

/// <summary>What a link in a mail lets its reader do, and for whom.</summary>
/// <param name="About">An entry, a connection, a kind or a week; empty where the link is about the person.</param>
public sealed record LinkGrant(string Person, string About);

/// <summary>
/// Links that work without sign-in: sealed, for one purpose, with an end. They say nothing to who cannot open them, and nothing about them is
/// stored.
/// </summary>
public sealed class SignedLinks(SecretProtector protector, TimeProvider clock)
{
    public const string Unsubscribe = "unsubscribe";
    public const string Settings = "settings";
    public const string Week = "week";

    /// <summary>Longer than a mail is acted upon; an unsubscription has to work for as long as the mail is kept.</summary>
    private static readonly TimeSpan ForActing = TimeSpan.FromDays(45);

    private static readonly TimeSpan ForLeaving = TimeSpan.FromDays(730);

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
        var end = clock.GetUtcNow() + (purpose == Unsubscribe ? ForLeaving : ForActing);
        var text = string.Create(CultureInfo.InvariantCulture, $"{grant.Person}|{grant.About}|{end.ToUnixTimeSeconds()}");
        return protector.ProtectAsync(Sealed(purpose), text, cancel);
    }

    /// <summary>Null for what is none of ours, was made for something else, or has ended.</summary>
    public async Task<LinkGrant?> UnprotectAsync(string purpose, string token, CancellationToken cancel)
    {
        if (await protector.UnprotectAsync(Sealed(purpose), token, cancel) is not { } text || text.Split('|') is not [var person, var about, var end])
            return null;
        return long.Parse(end, CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds() ? new LinkGrant(person, about) : null;
    }

    private static string Sealed(string purpose) => "link|" + purpose;
}

/// <summary>What a person can do right from the mail, with an entry or a connection.</summary>
public enum DigestAction
{
    NotMine,
    Private,
    Edit,
    Connection,

    /// <summary>Something of a kind that is missing is logged.</summary>
    Log,
}

/// <summary>Where the lines of a digest lead, without sign-in. What is missing is not offered.</summary>
/// <param name="Week">This digest on the web.</param>
/// <param name="Settings">Where day, hour and language are set.</param>
/// <param name="Unsubscribe">Ends the digests.</param>
/// <param name="Act">Signed and for one purpose each, by entry, connection or kind, and action.</param>
public sealed record DigestLinks(Uri? Week, Uri? Settings, Uri? Unsubscribe, Func<string, DigestAction, Uri?> Act)
{
    public static readonly DigestLinks None = new(null, null, null, (_, _) => null);
}
