using System.Text;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Digests;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>The caller's digests: the stored ones, a preview, and a test mail.</summary>
internal static class DigestsApi
{
    private const int MaxShown = 200;

    public static void MapDigests(this IEndpointRouteBuilder api)
    {
        var format = new DescribedValue("format", typeof(string), "Instead of `Accept`.", Words: ["html", "text", "json"]);
        api.MapGet("/digests", ListAsync).Needs(Scope.Read).WithName("listDigests").Produces<ItemList<DigestItemAnswer>>();
        api.MapGet("/digests/{week}", GetAsync).Needs(Scope.Read).WithName("getDigest").WithMetadata(format)
            .Produces<WeekDigest>(200, "application/json", "text/html", "text/plain");
        api.MapPost("/digests/preview", PreviewAsync).Needs(Scope.Read).WithName("previewDigest")
            .WithMetadata(new DescribedValue("week", typeof(string), "For example 2026-W47; the default is the current week."), format)
            .Produces<WeekDigest>(200, "application/json", "text/html", "text/plain").Refuses(404);
        api.MapPost("/digests/test", TestAsync).Needs(Scope.Write).WithName("testDigest").Produces<MailAnswer>().Refuses(409, 502);
        api.MapPost("/digests/{week}/mail", MailAsync).Needs(Scope.Write).WithName("mailDigest").Produces(202).Sends("Location").Refuses(409);
    }

    public static IResult Html(HttpContext context, DigestParts parts) =>
        LinkedPages.Show<DigestPage>(context, parts.Language, parts.Headline, StatusCodes.Status200OK, (nameof(DigestPage.Parts), parts));

    /// <summary>Your digests.</summary>
    /// <remarks>Newest first, at most 200.</remarks>
    /// <response code="200">The digests and the state of their mails.</response>
    internal static async Task<IResult> ListAsync(HttpContext context, DigestStore digests)
    {
        var records = await digests.NewestAsync(Caller.Of(context).Person, MaxShown, context.RequestAborted);
        return Results.Json(new ItemList<DigestItemAnswer>([.. records.Select(DigestItemAnswer.Of)]), DigestsJson.Default.ItemListDigestItemAnswer);
    }

    /// <summary>One digest.</summary>
    /// <remarks>As it was made. If the key may write, HTML and text contain links to pages that change things without sign-in.</remarks>
    /// <param name="week">An ISO week, such as 2026-W47.</param>
    internal static async Task<IResult> GetAsync(string week, HttpContext context, DigestStore digests, PeopleStore people, DigestAddresses addresses)
    {
        var (id, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (Week.Parse(week) is not { } asked || await digests.GetAsync(id, asked, cancel) is not { } found
            || await digests.ContentAsync(found.Record, cancel) is not { } digest || await people.GetAsync(id, cancel) is not { } person)
            return Problems.NotFound("digest");
        return await ShowAsync(context, person, digest, addresses);
    }

    /// <summary>Preview a digest as it would be now.</summary>
    /// <remarks>Neither stored nor mailed. If the key may write, HTML and text contain links to pages that change things without sign-in.</remarks>
    internal static async Task<IResult> PreviewAsync(HttpContext context, DigestRun run, PeopleStore people, DigestAddresses addresses, TimeProvider clock)
    {
        var cancel = context.RequestAborted;
        if (await people.GetAsync(Caller.Of(context).Person, cancel) is not { } person)
            return Problems.NotFound("person");
        var asked = context.Request.Query["week"].ToString();
        var today = MonthRollup.Day(clock.GetUtcNow(), DigestSchedule.Zone(person));
        if (asked.Length > 0 && Week.Parse(asked) is null)
            return Problems.Invalid("week", $"It is '{Normaliser.Text(asked, 40)}'; a week such as {Week.Of(today)} is expected, or nothing for the current one.");
        var digest = await run.PreviewAsync(person, Week.Parse(asked) ?? Week.Of(today), cancel);
        return await ShowAsync(context, person, digest, addresses);
    }

    /// <summary>Mail yourself the current week as a test.</summary>
    /// <remarks>It is sent immediately.</remarks>
    /// <response code="200">The mail server accepted it. If none is set and the program runs standalone, the mail is in the data folder's outbox.</response>
    internal static async Task<IResult> TestAsync(HttpContext context, DigestRun run, PeopleStore people, DigestMailer mailer, TimeProvider clock)
    {
        var cancel = context.RequestAborted;
        if (await people.GetAsync(Caller.Of(context).Person, cancel) is not { Email: not null } person)
            return Problems.Conflict("There is no address to send it to. Set one: PUT /api/me {\"email\": …}.");
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var after = await people.ChangeAsync(person.Id, p => p with { Tries = new TestMails(today, p.Tries?.Day == today ? p.Tries.Count + 1 : 1) }, cancel);
        if (after?.Tries is not { Count: <= TestMails.MaxPerDay })
            return Problems.Conflict($"At most {TestMails.MaxPerDay} test mails can be sent a day; the next one can be sent tomorrow.");
        var week = Week.Of(MonthRollup.Day(clock.GetUtcNow(), DigestSchedule.Zone(person)));
        var result = await mailer.SendTestAsync(person, await run.PreviewAsync(person, week, cancel), cancel);
        return result.Outcome == MailOutcome.Accepted
            ? Results.Json(new MailAnswer(person.Email, "sent"), DigestsJson.Default.MailAnswer)
            : Problems.MailFailed(result.Detail ?? "The mail was not sent.");
    }

    /// <summary>Mail a digest (again).</summary>
    /// <remarks>For a mail that was refused, not wanted at the time, or never confirmed; the latter may have arrived. It is sent when its turn comes.</remarks>
    /// <param name="week">An ISO week, such as 2026-W47.</param>
    /// <response code="202">The mail is queued.</response>
    internal static async Task<IResult> MailAsync(string week, HttpContext context, DigestMailer mailer)
    {
        if (Week.Parse(week) is not { } asked)
            return Problems.NotFound("digest");
        return await mailer.ResendAsync(Caller.Of(context).Person, asked, context.RequestAborted) switch
        {
            null => Problems.NotFound("digest"),
            { } problem when problem.Length > 0 => Problems.Conflict(problem),
            _ => Results.Accepted($"/api/digests/{asked}"),
        };
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Person person, WeekDigest digest, DigestAddresses addresses)
    {
        var asked = context.Request.Query["format"].ToString();
        if (asked is not ("" or "html" or "text" or "json"))
            return Problems.Invalid("format", $"It is '{Normaliser.Text(asked, 40)}'; allowed are html, text and json.");
        var accept = context.Request.Headers.Accept.ToString();
        var format = asked.Length > 0 ? asked : accept.Contains("text/html", StringComparison.Ordinal) ? "html" : accept.Contains("text/plain", StringComparison.Ordinal) ? "text" : "json";
        context.Response.Headers.Vary = "Accept";
        context.Response.Headers.CacheControl = "no-store";
        if (format == "json")
            return Results.Json(digest, DigestsJson.Default.WeekDigest);

        // Anyone who follows the links can make changes, so a read-only key gets none.
        var mayWrite = Caller.Of(context).Scope.HasFlag(Scope.Write);
        var parts = DigestParts.Of(digest, mayWrite ? addresses.Links(person, digest) : DigestLinks.None);
        return format == "html" ? Html(context, parts) : Results.Text(DigestText.Of(parts), "text/plain", Encoding.UTF8);
    }
}

/// <param name="Quiet">Whether nothing was done and nothing changed.</param>
/// <param name="MailAt">When the mail's state last changed.</param>
/// <param name="Reason">Why there is no mail, or the mail server's message.</param>
internal sealed record DigestItemAnswer(string Week, DateTimeOffset MadeAt, int Total, bool Quiet, MailState Mail, DateTimeOffset MailAt, string? Reason)
{
    public static DigestItemAnswer Of(DigestRecord record) =>
        new(record.Week, record.MadeAt, record.Total, record.IsQuiet, record.Mail, record.At, record.Reason);
}

internal sealed record MailAnswer(string To, string State);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ItemList<DigestItemAnswer>))]
[JsonSerializable(typeof(MailAnswer))]
[JsonSerializable(typeof(WeekDigest))]
internal sealed partial class DigestsJson : JsonSerializerContext;
