using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digests;

/// <summary>Whom and what a link in a mail gives access to.</summary>
/// <param name="About">An entry, a connection, a kind, a template or a week; empty if the link is about the person.</param>
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
    public static readonly TimeSpan ActionLifetime = TimeSpan.FromDays(45);

    private static readonly TimeSpan UnsubscribeLifetime = TimeSpan.FromDays(730);

    public static string Purpose(DigestAction action) => action switch
    {
        DigestAction.NotMine => "not-mine",
        DigestAction.Private => "private",
        DigestAction.Edit => "edit",
        DigestAction.Log => "log",
        _ => "connection",
    };

    public string Make(string purpose, LinkGrant grant)
    {
        var end = clock.GetUtcNow() + (purpose == Unsubscribe ? UnsubscribeLifetime : ActionLifetime);
        return protector.Protect(ProtectorPurpose(purpose), Pack(grant, end));
    }

    /// <summary>Null if the token is not ours, was made for another purpose, or has expired.</summary>
    public async Task<LinkGrant?> UnprotectAsync(string purpose, string token, CancellationToken cancel)
    {
        var (grant, end) = SecretProtector.IsCurrent(token)
            ? Unpack(protector.Unprotect(ProtectorPurpose(purpose), token))
            : OfText(await protector.UnprotectAsync(ProtectorPurpose(purpose), token, cancel));
        return end > clock.GetUtcNow().ToUnixTimeSeconds() ? grant : null;
    }

    /// <summary>As few bytes as possible, since a digest has hundreds of links: the time in seconds, the person, and the rest.</summary>
    private static byte[] Pack(LinkGrant grant, DateTimeOffset end)
    {
        var bytes = new byte[sizeof(uint) + Identity.Bytes];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, checked((uint)end.ToUnixTimeSeconds()));
        Identity.Write(grant.Person, bytes.AsSpan(sizeof(uint)));
        if (!Identity.IsWellFormed(grant.About))
            return [.. bytes, 0, .. Encoding.UTF8.GetBytes(grant.About)];
        var about = new byte[Identity.Bytes];
        Identity.Write(grant.About, about);
        return [.. bytes, 1, .. about];
    }

    private static (LinkGrant? Grant, long End) Unpack(ReadOnlySpan<byte> bytes)
    {
        const int Tag = sizeof(uint) + Identity.Bytes;
        if (bytes.Length <= Tag)
            return (null, 0);
        var rest = bytes[(Tag + 1)..];
        return (new LinkGrant(Identity.Read(bytes[sizeof(uint)..Tag]), bytes[Tag] == 1 ? Identity.Read(rest) : Encoding.UTF8.GetString(rest)), BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }

    /// <summary>As earlier versions wrote it.</summary>
    private static (LinkGrant? Grant, long End) OfText(string? text) =>
        text?.Split('|') is [var person, var about, var end] ? (new LinkGrant(person, about), long.Parse(end, CultureInfo.InvariantCulture)) : (null, 0);

    private static string ProtectorPurpose(string purpose) => "link|" + purpose;
}

/// <summary>What a person can do directly from the mail.</summary>
public enum DigestAction
{
    NotMine,
    Private,
    Edit,
    Connection,

    /// <summary>Log an entry of a kind that is missing, or a template.</summary>
    Log,

    /// <summary>See where one stands with a programme, signed in.</summary>
    Programme,
}

/// <summary>The links of a digest, which work without sign-in. A null link is not shown.</summary>
/// <param name="Week">This digest on the web.</param>
/// <param name="Settings">The page that sets day, hour and language.</param>
/// <param name="Unsubscribe">Stops the digests.</param>
/// <param name="Act">Returns a signed single-purpose link, given an entry, connection, kind, template or programme, and an action.</param>
public sealed record DigestLinks(Uri? Week, Uri? Settings, Uri? Unsubscribe, Func<string, DigestAction, Uri?> Act)
{
    public static readonly DigestLinks None = new(null, null, null, (_, _) => null);
}
