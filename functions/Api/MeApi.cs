using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Auth;
using NodaTime;

namespace ContributionIngest.Functions.Api;

/// <summary>The caller and the caller's API keys.</summary>
internal static class MeApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/me", Get).Needs(Scope.Read);
        api.MapPut("/me", Put).Needs(Scope.Write);
        api.MapGet("/me/keys", Keys).Needs(Scope.Read);
        api.MapPost("/me/keys", NewKey).Needs(Scope.Write);
        api.MapDelete("/me/keys/{id}", Revoke).Needs(Scope.Write);
    }

    private static async Task<IResult> Get(HttpContext context, PeopleStore people) =>
        await people.Get(Caller.Of(context).Person, context.RequestAborted) is { } person
            ? Results.Json(MeItem.Of(person), ApiJson.Default.MeItem)
            : Problems.NotFound("person");

    private static async Task<IResult> Put(HttpContext context, PeopleStore people)
    {
        var (asked, refusal) = await Body.Read(context, ApiJson.Default.MeChange);
        if (asked is null)
            return refusal!;
        if (asked.Zone is { } zone && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
            return Problems.Invalid("zone", $"It is '{Normaliser.Text(zone, 60)}'; a name of the IANA time zone database is expected, such as Europe/Berlin.");
        if (asked.Locale is { } locale && !MeChange.IsLocale(locale))
            return Problems.Invalid("locale", $"It is '{Normaliser.Text(locale, 60)}'; a language tag is expected, such as en or de-AT.");
        var after = await people.Change(Caller.Of(context).Person, asked.Over, context.RequestAborted);
        return after is null ? Problems.NotFound("person") : Results.Json(MeItem.Of(after), ApiJson.Default.MeItem);
    }

    private static async Task<IResult> Keys(HttpContext context, ApiKeys keys) =>
        Results.Json(new KeyList(await keys.List(Caller.Of(context).Person, context.RequestAborted)), ApiJson.Default.KeyList);

    private static async Task<IResult> NewKey(HttpContext context, ApiKeys keys)
    {
        var (asked, refusal) = await Body.Read(context, ApiJson.Default.KeyRequest);
        if (asked is null)
            return refusal!;
        if (Normaliser.Text(asked.Name, 60) is not { } name)
            return Problems.Invalid("name", "It is missing; a name you will recognise the key by is expected.");
        var caller = Caller.Of(context);
        var scope = asked.Scope ?? (Scope.Read | Scope.Write);
        if ((scope & ~caller.Scope) != Scope.None)
            return Problems.Invalid("scope", $"A key can hand on only what it may do itself: {ScopeConverter.Words(caller.Scope)}.");
        var (secret, key) = await keys.Create(caller.Person, name, scope, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new NewKeyAnswer(secret, key), ApiJson.Default.NewKeyAnswer, statusCode: 201);
    }

    private static async Task<IResult> Revoke(string id, HttpContext context, ApiKeys keys) =>
        Identity.IsWellFormed(id) && await keys.Revoke(Caller.Of(context).Person, id, context.RequestAborted)
            ? Results.NoContent()
            : Problems.NotFound("key");
}

internal sealed record MeItem(string Id, string? Name, string? Email, string Zone, string Locale, bool Operator, DateTimeOffset Since)
{
    public static MeItem Of(Person person) =>
        new(person.Id, person.Name, person.Email, person.Zone, person.Locale, person.Operator, person.Since);
}

/// <summary>What is not given stays as it is.</summary>
internal sealed record MeChange(string? Name = null, string? Zone = null, string? Locale = null)
{
    public static bool IsLocale(string tag) =>
        tag.Length is >= 2 and <= 35 && tag.Split('-').All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit));

    public Person Over(Person person) => person with
    {
        Name = Normaliser.Text(Name, 100) ?? person.Name,
        Zone = Zone ?? person.Zone,
        Locale = Locale ?? person.Locale,
    };
}

internal sealed record KeyRequest(string? Name = null, Scope? Scope = null);

internal sealed record KeyList(IReadOnlyList<ApiKey> Items);

/// <param name="Key">The key itself; it is shown here and never again.</param>
internal sealed record NewKeyAnswer(string Key, ApiKey Details);
