using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Api.Account;

/// <param name="Secret">Known to this browser alone; the link that it asked for holds a hash of it.</param>
/// <param name="Return">The path to go on to.</param>
internal sealed record AskedLink(string Secret, string Address, string Return);

/// <summary>What a browser last asked a link for, in a cookie of its own: the link works in this browser only.</summary>
internal sealed class AskedCookie(SecretProtector protector)
{
    private const string Name = "asked";
    private const string Purpose = "asked for a sign-in link";

    private static readonly CookieBuilder Options = new()
    {
        Path = "/auth", HttpOnly = true, SameSite = SameSiteMode.Lax, SecurePolicy = CookieSecurePolicy.SameAsRequest, MaxAge = SignInMailer.Lifetime,
    };

    /// <summary>Keeps what is asked for. Links that this browser asked for before keep working.</summary>
    /// <returns>The hash that the link is to hold.</returns>
    public async Task<string> KeepAsync(HttpContext context, string address, string returnPath)
    {
        var secret = (await ReadAsync(context))?.Secret ?? Identity.Random();
        context.Response.Cookies.Append(Name, protector.Protect(Purpose, $"{secret}\n{address}\n{returnPath}"), Options.Build(context));
        return Identity.Hash(secret);
    }

    /// <summary>Null if this browser did not ask for 15 minutes.</summary>
    public async Task<AskedLink?> ReadAsync(HttpContext context) =>
        context.Request.Cookies.TryGetValue(Name, out var cookie) && cookie is not null
            && await protector.UnprotectAsync(Purpose, cookie, context.RequestAborted) is { } text
            && text.Split('\n') is [var secret, var address, var returnPath]
            ? new AskedLink(secret, address, returnPath)
            : null;
}
