using System.Globalization;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Digests;
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
        return LinkedPages.Show(context, texts, new LinkedView(texts["act.again"]) { Text = texts["act.again.text"] }, StatusCodes.Status404NotFound).AsGuess();
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
        return DigestsApi.Html(context, DigestParts.Of(digest, DigestLinks.None));
    }

    private async Task<IResult> SettingsAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await OpenAsync(SignedLinks.Settings, token, cancel) is not (_, { } person))
            return Expired(context);
        var texts = DigestTexts.Of(person.Locale);
        if (!HttpMethods.IsPost(context.Request.Method))
            return Ask(context, texts, person, person.EffectiveDigest, texts.Language);
        var form = await PageForm.ReadAsync(context);
        var isDay = Enum.TryParse<IsoDayOfWeek>(form["day"], out var day) && Enum.IsDefined(day) && day != IsoDayOfWeek.None;
        var isHour = int.TryParse(form["hour"], NumberStyles.None, CultureInfo.InvariantCulture, out var hour) && hour <= 23;
        var asked = form["locale"].ToString() is "de" or "en" ? form["locale"].ToString() : texts.Language;
        var known = person.EffectiveDigest;
        var wishes = known with { Day = isDay ? day : known.Day, Hour = isHour ? hour : known.Hour, SkipQuiet = form["skipQuiet"] == "yes", Off = form["off"] == "yes" };
        if (!isDay || !isHour)
            return Ask(context, texts, person, wishes, asked, isDay ? "hour" : "day");
        var after = await SavePreferencesAsync(person, wishes, asked == texts.Language ? person.Locale : asked, cancel);
        texts = DigestTexts.Of(after.Locale);
        var (now, zone) = (clock.GetUtcNow(), DigestSchedule.Zone(after));
        var next = texts.When(DigestSchedule.Next(after, now), isDay: false, zone, MonthRollup.Day(now, zone).Year);
        return LinkedPages.Show(context, texts, new LinkedView(texts["act.settings.title"]) { Text = wishes.Off ? texts["act.settings.none"] : texts.With("act.settings.done", next) });
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
            return LinkedPages.Show(context, texts, new LinkedView(texts["act.unsubscribe.title"])
            {
                Text = texts["act.unsubscribe.text"],
                Buttons = [new LinkedButton(texts["act.unsubscribe.do"], IsMain: true)],
            });
        }

        var undo = (await PageForm.ReadAsync(context))["do"] == "undo";
        await SavePreferencesAsync(person, person.EffectiveDigest with { Off = !undo }, person.Locale, cancel);
        return LinkedPages.Show(context, texts, undo
            ? new LinkedView(texts["act.undone"])
            : new LinkedView(texts["act.unsubscribe.done"]) { Buttons = [new LinkedButton(texts["act.undo"], "undo")] });
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
            return LinkedPages.Show(context, texts, new LinkedView(texts["act.connection.title"])
            {
                Quote = title,
                Text = found.State.Problem is { } problem ? texts.With("act.connection.text", problem.Message) : null,
                Buttons = [new LinkedButton(texts["act.connection.do"], IsMain: true), new LinkedButton(texts["act.connection.pause"], "pause")],
            });
        }

        var isPaused = form["do"] == "pause";
        if (isPaused)
            await connecting.ChangeAsync(person.Id, grant.About, c => c with { Paused = true }, null, cancel);
        else
            await connecting.HarvestNowAsync(person.Id, grant.About, cancel);
        return LinkedPages.Show(context, texts, new LinkedView(texts[isPaused ? "act.connection.paused" : "act.connection.done"]) { Quote = title });
    }

    private async Task<(LinkGrant Grant, Person Person)?> OpenAsync(string purpose, string token, CancellationToken cancel) =>
        await signed.UnprotectAsync(purpose, token, cancel) is { } grant && await people.GetAsync(grant.Person, cancel) is { } person ? (grant, person) : null;

    private async Task<Person> SavePreferencesAsync(Person person, DigestPreferences preferences, string locale, CancellationToken cancel)
    {
        var after = await people.ChangeAsync(person.Id, p => p with { Digest = preferences, Locale = locale }, cancel) ?? person;
        await planner.PlanAsync(after, cancel);
        return after;
    }

    private static IResult Ask(HttpContext context, DigestTexts texts, Person person, DigestPreferences wishes, string language, string? faulty = null) => LinkedPages.Show<LinkedSettingsPage>(
        context,
        texts.Language,
        texts["act.settings.title"],
        faulty is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        (nameof(LinkedSettingsPage.Texts), texts),
        (nameof(LinkedSettingsPage.Wishes), wishes),
        (nameof(LinkedSettingsPage.Zone), person.Zone),
        (nameof(LinkedSettingsPage.Language), language),
        (nameof(LinkedSettingsPage.Faulty), faulty));
}
