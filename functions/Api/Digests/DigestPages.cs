using System.Globalization;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using NodaTime;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>Pages that a digest links to: the digest on the web, settings, unsubscribing, and a connection that needs attention.</summary>
internal sealed class DigestPages(
    SignedLinks signed, PeopleStore people, DigestStore digests, DigestPlanner planner, ConnectionService connecting, ConnectionStore connections, TimeProvider clock)
{
    private static readonly string[] GetAndPost = [HttpMethods.Get, HttpMethods.Post];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/digest/{token}", (string token, HttpContext context, DigestPages pages) => pages.WeekAsync(token, context)).IsOpen();
        app.MapMethods("/act/settings/{token}", GetAndPost, (string token, HttpContext context, DigestPages pages) => pages.SettingsAsync(token, context)).IsOpen();
        app.MapMethods("/unsubscribe/{token}", GetAndPost, (string token, HttpContext context, DigestPages pages) => pages.UnsubscribeAsync(token, context)).IsOpen();
        app.MapMethods("/act/connection/{token}", GetAndPost, (string token, HttpContext context, DigestPages pages) => pages.ConnectionAsync(token, context)).IsOpen();
    }

    /// <summary>The same page for links that have expired, serve another purpose, or are not ours.</summary>
    public static IResult Expired(HttpContext context)
    {
        var texts = DigestTexts.First(context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString()));
        return new MailPage(texts.Language, texts["act.again"]).Paragraph(texts["act.again.text"]).Show(context, StatusCodes.Status404NotFound).AsGuess();
    }

    /// <summary>Shows the digest without action links, so that this link alone cannot change anything.</summary>
    private async Task<IResult> WeekAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await OpenAsync(SignedLinks.Week, token, cancel) is not (var grant, { } person)
            || ContributionIngest.Core.Digests.Week.Parse(grant.About) is not { } week
            || await digests.GetAsync(person.Id, week, cancel) is not { } found
            || await digests.ContentAsync(found.Record, cancel) is not { } digest)
            return Expired(context);
        return DigestsApi.Html(context, digest, DigestLinks.None);
    }

    private async Task<IResult> SettingsAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await OpenAsync(SignedLinks.Settings, token, cancel) is not (_, { } person))
            return Expired(context);
        if (!HttpMethods.IsPost(context.Request.Method))
            return Ask(person).Show(context);
        var form = await PageForm.ReadAsync(context);
        if (!Enum.TryParse<IsoDayOfWeek>(form["day"], out var day) || !Enum.IsDefined(day) || day == IsoDayOfWeek.None
            || !int.TryParse(form["hour"], NumberStyles.None, CultureInfo.InvariantCulture, out var hour) || hour > 23)
            return Ask(person).Fault(DigestTexts.Of(person.Locale).With("act.settings.hour", person.Zone)).Show(context);
        var asked = form["locale"].ToString();
        var locale = asked is "de" or "en" && asked != DigestTexts.Of(person.Locale).Language ? asked : person.Locale;
        var preferences = person.EffectiveDigest with { Day = day, Hour = hour, SkipQuiet = form["skipQuiet"] == "yes", Off = form["off"] == "yes" };
        var after = await SavePreferencesAsync(person, preferences, locale, cancel);
        var texts = DigestTexts.Of(after.Locale);
        var (now, zone) = (clock.GetUtcNow(), DigestSchedule.Zone(after));
        var next = texts.When(DigestSchedule.Next(after, now), isDay: false, zone, MonthRollup.Day(now, zone).Year);
        return new MailPage(texts.Language, texts["act.settings.title"])
            .Paragraph(preferences.Off ? texts["act.settings.none"] : texts.With("act.settings.done", next)).Show(context);
    }

    /// <summary>A mail client's one-click unsubscribe is a POST (RFC 8058); a person arrives by GET and is asked to confirm.</summary>
    private async Task<IResult> UnsubscribeAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await OpenAsync(SignedLinks.Unsubscribe, token, cancel) is not (_, { } person))
            return Expired(context);
        var texts = DigestTexts.Of(person.Locale);
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return new MailPage(texts.Language, texts["act.unsubscribe.title"]).Paragraph(texts["act.unsubscribe.text"])
                .Form(texts["act.unsubscribe.do"]).Show(context);
        }

        var undo = (await PageForm.ReadAsync(context))["do"] == "undo";
        await SavePreferencesAsync(person, person.EffectiveDigest with { Off = !undo }, person.Locale, cancel);
        var page = new MailPage(texts.Language, undo ? texts["act.undone"] : texts["act.unsubscribe.done"]);
        return (undo ? page : page.Form(texts["act.undo"], value: "undo", isSecond: true)).Show(context);
    }

    private async Task<IResult> ConnectionAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await OpenAsync(SignedLinks.Purpose(DigestAction.Connection), token, cancel) is not (var grant, { } person)
            || await connections.GetAsync(person.Id, grant.About, cancel) is not { } found)
            return Expired(context);
        var texts = DigestTexts.Of(person.Locale);
        var title = found.Connection.Title ?? found.Connection.Origin;
        var form = HttpMethods.IsPost(context.Request.Method) ? await PageForm.ReadAsync(context) : FormCollection.Empty;
        if (!form.ContainsKey("do"))
        {
            var page = new MailPage(texts.Language, texts["act.connection.title"]).Quote(title);
            if (found.State.Problem is { } problem)
                page.Paragraph(texts.With("act.connection.text", problem.Message));
            return page.Form(texts["act.connection.do"]).Form(texts["act.connection.pause"], value: "pause", isSecond: true).Show(context);
        }

        var isPaused = form["do"] == "pause";
        if (isPaused)
            await connecting.ChangeAsync(person.Id, grant.About, c => c with { Paused = true }, null, cancel);
        else
            await connecting.HarvestNowAsync(person.Id, grant.About, cancel);
        return new MailPage(texts.Language, texts[isPaused ? "act.connection.paused" : "act.connection.done"]).Quote(title).Show(context);
    }

    private async Task<(LinkGrant Grant, Person Person)?> OpenAsync(string purpose, string token, CancellationToken cancel) =>
        await signed.UnprotectAsync(purpose, token, cancel) is { } grant && await people.GetAsync(grant.Person, cancel) is { } person ? (grant, person) : null;

    private async Task<Person> SavePreferencesAsync(Person person, DigestPreferences preferences, string locale, CancellationToken cancel)
    {
        var after = await people.ChangeAsync(person.Id, p => p with { Digest = preferences, Locale = locale }, cancel) ?? person;
        await planner.PlanAsync(after, cancel);
        return after;
    }

    private static MailPage Ask(Person person)
    {
        var texts = DigestTexts.Of(person.Locale);
        var days = Enum.GetValues<IsoDayOfWeek>().Where(d => d != IsoDayOfWeek.None).Select(d => (d.ToString(), texts.LongDay(d)));
        var fields = MailPage.Choice("day", texts["act.settings.day"], days, person.EffectiveDigest.Day.ToString())
            + MailPage.Field("hour", texts.With("act.settings.hour", person.Zone), person.EffectiveDigest.Hour.ToString(CultureInfo.InvariantCulture))
            + MailPage.Choice("locale", texts["act.settings.locale"], [("en", "English"), ("de", "Deutsch")], texts.Language)
            + MailPage.Check("skipQuiet", texts["act.settings.skipQuiet"], person.EffectiveDigest.SkipQuiet)
            + MailPage.Check("off", texts["act.settings.off"], person.EffectiveDigest.Off);
        return new MailPage(texts.Language, texts["act.settings.title"]).Form(texts["act.settings.do"], fields);
    }
}
