using System.ComponentModel.DataAnnotations;
using System.Net.Mail;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using NodaTime;

namespace ContributionIngest.Functions.Api.Account;

/// <summary>The caller and the caller's API keys.</summary>
internal static class MeApi
{
    private const int AuditEntries = 500;

    public static void MapAccount(this IEndpointRouteBuilder api)
    {
        api.MapGet("/me", GetAsync).Needs(Scope.Read).WithName("getMe").Produces<MeItem>().Refuses(404);
        api.MapPut("/me", PutAsync).Needs(Scope.Write).WithName("changeMe").Reads<MeChange>("""{"zone": "Europe/Berlin"}""").Produces<MeItem>().Refuses(404);
        api.MapGet("/me/keys", KeysAsync).Needs(Scope.Read).WithName("listKeys").Produces<ItemList<ApiKey>>();
        api.MapPost("/me/keys", NewKeyAsync).Needs(Scope.Write).WithName("makeKey")
            .Reads<KeyRequest>("""{"name": "laptop", "scope": "read"}""").Produces<NewKeyAnswer>(201);
        api.MapGet("/me/sessions", SessionsAsync).Needs(Scope.Read).WithName("listSessions").Produces<ItemList<SessionItem>>();
        api.MapDelete("/me/sessions/{id}", EndSessionAsync).Needs(Scope.Write).WithName("endSession").Produces(204);
        api.MapGet("/me/audit", AuditAsync).Needs(Scope.Read).WithName("getAudit").Produces<ItemList<AuditEntry>>();
        api.MapDelete("/me/keys/{id}", RevokeAsync).Needs(Scope.Write).WithName("revokeKey").Produces(204);
    }

    /// <summary>You.</summary>
    internal static async Task<IResult> GetAsync(HttpContext context, PeopleStore people, RollupRebuilder rebuilder) =>
        await people.GetAsync(Caller.Of(context).Person, context.RequestAborted) is { } person
            ? await AnswerAsync(person, rebuilder, context.RequestAborted)
            : Problems.NotFound("person");

    private static async Task<IResult> AnswerAsync(Person person, RollupRebuilder rebuilder, CancellationToken cancel) =>
        Results.Json(MeItem.Of(person, await rebuilder.StateAsync(person.Id, cancel)), AccountJson.Default.MeItem);

    // A change of zone starts here and is carried out by queue recount. A client disconnect does not cancel the writes: the counts must not
    // get out of step with the person's zone.

    /// <summary>Change your name, address, time zone, locale or digest.</summary>
    /// <remarks>Absent fields are unchanged. After a change of zone, all entries are recounted in the background; until that is done, `countingAnew` is present.</remarks>
    internal static async Task<IResult> PutAsync(HttpContext context, PeopleStore people, RollupRebuilder rebuilder, DigestPlanner planner, IHostApplicationLifetime lifetime)
    {
        var (asked, refusal) = await JsonBody.ReadAsync(context, AccountJson.Default.MeChange);
        if (asked is null)
            return refusal!;
        if (asked.Zone is { } zone && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
            return Problems.Invalid("zone", $"It is '{Normaliser.Text(zone, 60)}'; a name of the IANA time zone database is expected, such as Europe/Berlin.");
        if (asked.Locale is { } locale && !MeChange.IsLocale(locale))
            return Problems.Invalid("locale", $"It is '{Normaliser.Text(locale, 60)}'; a language tag is expected, such as en or de-AT.");
        if (asked.Email is { } email && !(MailAddress.TryCreate(email, out var address) && address.Address == email))
            return Problems.Invalid("email", $"It is '{Normaliser.Text(email, 60)}'; a mail address is expected.");
        if (asked.Digest?.Day is { } day && !DigestPreferencesBody.IsDay(day))
            return Problems.Invalid("digest.day", $"It is '{Normaliser.Text(day, 60)}'; allowed are monday to sunday.");
        if (asked.Digest?.Hour is < 0 or > 23)
            return Problems.Invalid("digest.hour", $"It is {asked.Digest.Hour}; allowed are 0 to 23.");
        var cancel = lifetime.ApplicationStopping;
        if (await people.ChangeAsync(Caller.Of(context).Person, asked.Over, cancel) is not { } after)
            return Problems.NotFound("person");
        await rebuilder.SetZoneAsync(after.Id, after.Zone, cancel);
        await planner.PlanAsync(after, cancel);
        return await AnswerAsync(after, rebuilder, cancel);
    }

    /// <summary>Your API keys.</summary>
    /// <response code="200">The list does not include the keys' secrets.</response>
    internal static async Task<IResult> KeysAsync(HttpContext context, ApiKeys keys) =>
        Results.Json(new ItemList<ApiKey>(await keys.ListAsync(Caller.Of(context).Person, context.RequestAborted)), AccountJson.Default.ItemListApiKey);

    /// <summary>Create an API key.</summary>
    /// <response code="201">The key, which is shown only this once.</response>
    internal static async Task<IResult> NewKeyAsync(HttpContext context, ApiKeys keys, AuditTrail audit)
    {
        var (asked, refusal) = await JsonBody.ReadAsync(context, AccountJson.Default.KeyRequest);
        if (asked is null)
            return refusal!;
        if (Normaliser.Text(asked.Name, 60) is not { } name)
            return Problems.Invalid("name", "It is missing; a name you will recognise the key by is expected.");
        var caller = Caller.Of(context);
        var scope = asked.Scope ?? (Scope.Read | Scope.Write);
        if ((scope & ~caller.Scope) != Scope.None)
            return Problems.Invalid("scope", $"A key can grant only the scopes it has itself: {ScopeConverter.Format(caller.Scope)}.");
        var (secret, key) = await keys.CreateAsync(caller.Person, name, scope, context.RequestAborted);
        await audit.AddAsync(caller.Person, AuditTrail.KeyCreated, name, null, caller.Credential, CancellationToken.None);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new NewKeyAnswer(secret, key), AccountJson.Default.NewKeyAnswer, statusCode: 201);
    }

    /// <summary>Revoke an API key.</summary>
    internal static async Task<IResult> RevokeAsync(string id, HttpContext context, ApiKeys keys, AuditTrail audit)
    {
        var caller = Caller.Of(context);
        if (!Identity.IsWellFormed(id) || !await keys.RevokeAsync(caller.Person, id, context.RequestAborted))
            return Problems.NotFound("key");
        await audit.AddAsync(caller.Person, AuditTrail.KeyRevoked, null, null, caller.Credential, CancellationToken.None);
        return Results.NoContent();
    }

    /// <summary>The browsers you are signed in with.</summary>
    internal static async Task<IResult> SessionsAsync(HttpContext context, Sessions sessions) => Results.Json(
        new ItemList<SessionItem>([.. (await sessions.ListAsync(Caller.Of(context).Person, context.RequestAborted)).Select(SessionItem.Of)]), AccountJson.Default.ItemListSessionItem);

    /// <summary>Sign a browser out.</summary>
    internal static async Task<IResult> EndSessionAsync(string id, HttpContext context, Sessions sessions, AuditTrail audit)
    {
        var caller = Caller.Of(context);
        if (!Identity.IsWellFormed(id) || !await sessions.EndAsync(caller.Person, id, context.RequestAborted))
            return Problems.NotFound("session");
        await audit.AddAsync(caller.Person, AuditTrail.SessionEnded, null, null, caller.Credential, CancellationToken.None);
        return Results.NoContent();
    }

    /// <summary>What happened to your account.</summary>
    /// <response code="200">The last 500 sign-ins, changes of keys, sessions, addresses and connections, and acts of operators, newest first, of at most 400 days.</response>
    internal static async Task<IResult> AuditAsync(HttpContext context, AuditTrail audit) => Results.Json(
        new ItemList<AuditEntry>(await audit.ListAsync(Caller.Of(context).Person, AuditEntries, context.RequestAborted)), AccountJson.Default.ItemListAuditEntry);
}

/// <param name="CountingAnew">Present after a change of zone or topics, until all entries are recounted.</param>
internal sealed record MeItem(
    string Id, string? Name, string? Email, string Zone, string Locale, DigestPreferencesBody Digest, bool Operator, DateTimeOffset Since, RollupState? CountingAnew)
{
    public static MeItem Of(Person person, RollupState counting) => new(
        person.Id,
        person.Name,
        person.Email,
        person.Zone,
        person.Locale,
        DigestPreferencesBody.Of(person.EffectiveDigest),
        person.Operator,
        person.Since,
        counting.Was is null ? null : counting);
}

/// <summary>When the digest is sent. Absent fields are unchanged.</summary>
/// <param name="Day"><c>monday</c> to <c>sunday</c>.</param>
/// <param name="SkipQuiet">No mail for a week in which nothing was done and nothing changed.</param>
/// <param name="Off">Whether digests are turned off.</param>
/// <param name="Bounced">Read-only: the address does not accept mail. Setting an address clears it.</param>
internal sealed record DigestPreferencesBody(string? Day = null, [property: Range(0, 23)] int? Hour = null, bool? SkipQuiet = null, bool? Off = null, bool? Bounced = null)
{
    public static DigestPreferencesBody Of(DigestPreferences preferences) =>
        new(preferences.Day.ToString().ToLowerInvariant(), preferences.Hour, preferences.SkipQuiet, preferences.Off, preferences.Bounced ? true : null);

    public static bool IsDay(string day) => Enum.TryParse<IsoDayOfWeek>(day, ignoreCase: true, out var found) && found != IsoDayOfWeek.None && !char.IsAsciiDigit(day[0]);

    public DigestPreferences Over(DigestPreferences preferences) => preferences with
    {
        Day = Day is null ? preferences.Day : Enum.Parse<IsoDayOfWeek>(Day, ignoreCase: true),
        Hour = Hour ?? preferences.Hour,
        SkipQuiet = SkipQuiet ?? preferences.SkipQuiet,
        Off = Off ?? preferences.Off,
    };
}

/// <summary>Absent fields are unchanged.</summary>
/// <param name="Email">The address the digest is sent to. Setting it clears <c>bounced</c>.</param>
/// <param name="Zone">A name of the IANA time zone database.</param>
/// <param name="Locale">A language tag (BCP 47).</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MeChange(
    string? Name = null, string? Email = null, string? Zone = null, string? Locale = null, DigestPreferencesBody? Digest = null)
{
    public static bool IsLocale(string tag) =>
        tag.Length is >= 2 and <= 35 && tag.Split('-').All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit));

    public Person Over(Person person) => person with
    {
        Name = Normaliser.Text(Name, 100) ?? person.Name,
        Zone = Zone ?? person.Zone,
        Locale = Locale ?? person.Locale,
        Email = Email ?? person.Email,
        Digest = Digest is null && Email is null ? person.Digest : (Digest ?? new()).Over(person.EffectiveDigest) with { Bounced = Email is null && person.EffectiveDigest.Bounced },
    };
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record KeyRequest([property: Required] string? Name = null, Scope? Scope = null);

/// <param name="Key">The key itself, which is shown only this once.</param>
internal sealed record NewKeyAnswer(string Key, ApiKey Details);

/// <summary>A browser that is signed in.</summary>
/// <param name="How"><c>mail</c>, <c>link</c> (printed or passed on), <c>setup</c>, or the name of a provider.</param>
/// <param name="Browser">What the browser says it is.</param>
internal sealed record SessionItem(string Id, string How, string? Browser, DateTimeOffset Since, DateTimeOffset Until, DateOnly LastUsed)
{
    public static SessionItem Of(Session session) => new(session.Id, session.How, session.Browser, session.Since, session.Until, session.LastUsed);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(MeItem))]
[JsonSerializable(typeof(MeChange))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(ItemList<ApiKey>))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(ItemList<SessionItem>))]
[JsonSerializable(typeof(ItemList<AuditEntry>))]
internal sealed partial class AccountJson : JsonSerializerContext;
