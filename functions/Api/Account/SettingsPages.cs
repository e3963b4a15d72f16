using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Account;
using NodaTime;

namespace ContributionIngest.Functions.Api.Account;

/// <summary><c>/settings</c>: profile, addresses, keys, sessions, and what happened to the account. Each section saves itself.</summary>
internal sealed class SettingsPages(
    PeopleStore people, ApiKeys keys, Sessions sessions, SignInAddresses addresses, AuditTrail audit, SignInMailer mailer, AskedCookie asked, AttemptCounter attempts, Exports exports,
    Owner owner, OwnerOptions ownerOptions, SignInPageOptions pageOptions, ProfileNames names, RollupRebuilder rebuilder, DigestPlanner planner, IHostApplicationLifetime lifetime)
{
    private const string Path = "/settings";
    private const int AuditEntries = 50;
    private const int MailsPerDay = 10;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, SettingsPages pages) => pages.ShowAsync(context, null)).Needs(Scope.Read).IsPage();
        site.MapPost(Path + "/profile", (HttpContext context, SettingsPages pages) => pages.SaveProfileAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/public", (HttpContext context, SettingsPages pages) => pages.SavePublicAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/zone", (HttpContext context, SettingsPages pages) => pages.SaveZoneAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/addresses", (HttpContext context, SettingsPages pages) => pages.AddAddressAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/addresses/digest", (HttpContext context, SettingsPages pages) => pages.SendDigestAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/addresses/remove", (HttpContext context, SettingsPages pages) => pages.RemoveAddressAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/keys", (HttpContext context, SettingsPages pages) => pages.MakeKeyAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/keys/{id}/revoke", (string id, HttpContext context, SettingsPages pages) => pages.RevokeKeyAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/sessions/end", (HttpContext context, SettingsPages pages) => pages.EndOthersAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/sessions/{id}/end", (string id, HttpContext context, SettingsPages pages) => pages.EndSessionAsync(id, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ShowAsync(HttpContext context, string? newKey)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        if (await people.GetAsync(caller.Person, cancel) is not { } me)
            return Problems.NotFound("person");
        return new PageResult<SettingsPage>(
            "Settings",
            (nameof(SettingsPage.Me), me),
            (nameof(SettingsPage.Zones), DateTimeZoneProviders.Tzdb.Ids.Where(id => id.Contains('/') || id == me.Zone).Order(StringComparer.Ordinal).ToList()),
            (nameof(SettingsPage.Addresses), await addresses.ListAsync(me.Id, cancel)),
            (nameof(SettingsPage.OwnerAddress), (await owner.FindAsync(cancel))?.Id == me.Id ? SignInAddresses.Normalise(ownerOptions.Email) : null),
            (nameof(SettingsPage.Keys), await keys.ListAsync(me.Id, cancel)),
            (nameof(SettingsPage.Sessions), await sessions.ListAsync(me.Id, cancel)),
            (nameof(SettingsPage.Audit), await audit.ListAsync(me.Id, AuditEntries, cancel)),
            (nameof(SettingsPage.Exports), await exports.ListAsync(me.Id, cancel)),
            (nameof(SettingsPage.Current), caller.Credential),
            (nameof(SettingsPage.NewKey), newKey),
            (nameof(SettingsPage.CanMail), mailer.IsOn))
        { Section = Path, IsNarrow = true };
    }

    private async Task<IResult> SaveProfileAsync(HttpContext context)
    {
        var (caller, form) = (Caller.Of(context), await PageForm.ReadAsync(context));
        var (name, zone, locale) = (Normaliser.Text(form["name"], 100), form["zone"].ToString(), form["locale"].ToString());
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null || locale is not ("en" or "de"))
            return Done(context, "profile", "The time zone or the language is not one of the list. Nothing was saved.", isBad: true);
        var isSameLanguage = (await people.GetAsync(caller.Person, context.RequestAborted))?.Locale.StartsWith(locale, StringComparison.OrdinalIgnoreCase) == true;
        await SaveAsync(caller, p => p with { Name = name ?? p.Name, Zone = zone, Locale = isSameLanguage ? p.Locale : locale });

        return Done(context, "profile", "The profile is saved.");
    }

    /// <summary>Of the browser, offered to who has none.</summary>
    private async Task<IResult> SaveZoneAsync(HttpContext context)
    {
        var (caller, zone) = (Caller.Of(context), (await PageForm.ReadAsync(context))["zone"].ToString());
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
            return Done(context, "profile", "This browser's zone is not known here. Choose one of the list.", isBad: true);
        await SaveAsync(caller, p => p with { Zone = zone });

        Notices.Leave(context, $"Days are counted in {zone}. The settings can change that.");
        return Results.LocalRedirect("/");
    }

    /// <summary>A client disconnect does not cancel the writes: counts and what is planned must not get out of step with the person.</summary>
    private async Task SaveAsync(Caller caller, Func<Person, Person> change)
    {
        var cancel = lifetime.ApplicationStopping;
        if (await people.ChangeAsync(caller.Person, change, cancel) is not { } after)
            return;
        await rebuilder.SetZoneAsync(after.Id, after.Zone, cancel);
        await planner.PlanAsync(after, cancel);
        await audit.AddAsync(after.Id, AuditTrail.ProfileChanged, null, null, caller.Credential, cancel);
    }

    private async Task<IResult> SavePublicAsync(HttpContext context)
    {
        var (caller, form, cancel) = (Caller.Of(context), await PageForm.ReadAsync(context), lifetime.ApplicationStopping);
        if (ProfileNames.Normalise(form["page"]) is not { } name)
            return Done(context, "public", $"A name has {ProfileNames.MinLength} to {ProfileNames.MaxLength} letters from a to z, digits or hyphens. Nothing was saved.", isBad: true);
        var page = new PublicPage(name, form["on"] == "yes", Normaliser.Text(form["about"], PublicPage.MaxAbout));
        if (await names.SaveAsync(caller.Person, page, cancel) is null)
            return Done(context, "public", $"Somebody else has the name {name}. Nothing was saved.", isBad: true);
        await audit.AddAsync(caller.Person, AuditTrail.ProfileChanged, null, null, caller.Credential, cancel);
        return Done(context, "public", page.IsOn ? $"Everybody can see /u/{name} now." : "The public page is off.");
    }

    private async Task<IResult> AddAddressAsync(HttpContext context)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        if (SignInAddresses.Normalise((await PageForm.ReadAsync(context))["address"]) is not { } address)
            return Done(context, "addresses", "A mail address has a name, an @ and a host, such as juna@example.org.", isBad: true);
        if (await attempts.CountAsync(AttemptCounter.NewAddress(caller.Person), MailsPerDay, TimeSpan.FromDays(1), cancel) is not null)
            return Done(context, "addresses", $"{MailsPerDay} addresses a day can be confirmed. Try again tomorrow.", isBad: true);
        await audit.AddAsync(caller.Person, AuditTrail.AddressAsked, address, null, caller.Credential, cancel);
        await mailer.AskToConfirmAsync(address, await asked.KeepAsync(context, address, Path), Path, caller.Person, cancel);
        var where = pageOptions.IsPrinted ? "The link is printed where the server was started: no mail server is set up" : $"A link is on its way to {address}";
        return Done(context, "addresses", $"{where}. Open it in this browser within 15 minutes; then you can sign in with {address}.");
    }

    private async Task<IResult> SendDigestAsync(HttpContext context)
    {
        var (caller, form) = (Caller.Of(context), await PageForm.ReadAsync(context));

        // A client disconnect does not cancel the writes: what is planned must follow what is saved.
        var cancel = lifetime.ApplicationStopping;
        if (SignInAddresses.Normalise(form["address"]) is not { } address || (await addresses.ListAsync(caller.Person, cancel)).All(known => known.Address != address))
            return Done(context, "addresses", "There is no such address.", isBad: true);
        if (await people.ChangeAsync(caller.Person, p => p with { Email = address, Digest = p.Digest is null ? null : p.Digest with { Bounced = false } }, cancel) is { } after)
        {
            await planner.PlanAsync(after, cancel);
            await audit.AddAsync(after.Id, AuditTrail.ProfileChanged, null, null, caller.Credential, cancel);
        }

        return Done(context, "addresses", $"The digest goes to {address}.");
    }

    private async Task<IResult> RemoveAddressAsync(HttpContext context)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        if (SignInAddresses.Normalise((await PageForm.ReadAsync(context))["address"]) is not { } address)
            return Done(context, "addresses", "There is no such address.", isBad: true);
        if ((await addresses.ListAsync(caller.Person, cancel)).Count < 2)
            return Done(context, "addresses", "This is the only address you can sign in with. Add another one first.", isBad: true);
        if (!await addresses.RemoveAsync(caller.Person, address, cancel))
            return Done(context, "addresses", "There is no such address.", isBad: true);
        await audit.AddAsync(caller.Person, AuditTrail.AddressRemoved, address, null, caller.Credential, CancellationToken.None);
        return Done(context, "addresses", $"{address} signs you in no more.");
    }

    private async Task<IResult> MakeKeyAsync(HttpContext context)
    {
        var (caller, form) = (Caller.Of(context), await PageForm.ReadAsync(context));
        if (Normaliser.Text(form["name"], 60) is not { } name)
            return Done(context, "keys", "A key needs a name that you will recognise it by.", isBad: true);
        if (!ScopeConverter.TryParse(form["scope"], out var scope) || (scope & ~caller.Scope) != Scope.None)
            return Done(context, "keys", "A key can do no more than you can.", isBad: true);
        var (secret, _) = await keys.CreateAsync(caller.Person, name, scope, context.RequestAborted);
        await audit.AddAsync(caller.Person, AuditTrail.KeyCreated, name, null, caller.Credential, CancellationToken.None);
        return await ShowAsync(context, secret);
    }

    private async Task<IResult> RevokeKeyAsync(string id, HttpContext context)
    {
        var caller = Caller.Of(context);
        if (!Identity.IsWellFormed(id) || !await keys.RevokeAsync(caller.Person, id, context.RequestAborted))
            return Done(context, "keys", "There is no such key.", isBad: true);
        await audit.AddAsync(caller.Person, AuditTrail.KeyRevoked, null, null, caller.Credential, CancellationToken.None);
        return Done(context, "keys", "The key is revoked. Programs that use it get 401 from now on.");
    }

    private async Task<IResult> EndSessionAsync(string id, HttpContext context)
    {
        var caller = Caller.Of(context);
        if (!Identity.IsWellFormed(id) || !await sessions.EndAsync(caller.Person, id, context.RequestAborted))
            return Done(context, "sessions", "There is no such session.", isBad: true);
        await audit.AddAsync(caller.Person, AuditTrail.SessionEnded, null, null, caller.Credential, CancellationToken.None);
        return Done(context, "sessions", "That browser is signed out.");
    }

    private async Task<IResult> EndOthersAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        await sessions.EndAllAsync(caller.Person, caller.Credential, context.RequestAborted);
        await audit.AddAsync(caller.Person, AuditTrail.SessionEnded, "all others", null, caller.Credential, CancellationToken.None);
        return Done(context, "sessions", "All other browsers are signed out.");
    }

    private static IResult Done(HttpContext context, string section, string text, bool isBad = false)
    {
        Notices.Leave(context, text, isBad);
        return Results.LocalRedirect($"{Path}#{section}");
    }
}
