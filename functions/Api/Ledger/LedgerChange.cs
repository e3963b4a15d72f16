using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>PATCH /ledger/{id}</c>: the person's word over the harvested one (JSON merge patch, RFC 7396); null gives the harvested back.</summary>
internal static class LedgerChange
{
    public static readonly string[] Known =
        ["title", "kind", "role", "when", "endsAt", "url", "topics", "metrics", "private", "note", "review"];

    /// <summary>Edit an entry.</summary>
    /// <remarks>A JSON merge patch (RFC 7396). Your word survives every harvest; null gives the harvested value back.</remarks>
    public static async Task<IResult> AnswerAsync(
        HttpContext context,
        string id,
        [FromServices] LedgerReader reader,
        [FromServices] LedgerEditor editor,
        [FromServices] PeopleStore people,
        [FromServices] TimeProvider clock)
    {
        var (cancel, person) = (context.RequestAborted, Caller.Of(context).Person);
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } seen)
            return LedgerEntry.Missing();
        var (body, problem) = await JsonBody.ReadObjectAsync(context);
        if (problem is not null)
            return problem;
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var now = clock.GetUtcNow();

        // Read once for its faults; then on the entry as it is when it is written.
        var fields = new LedgerFields(body, Known, zone, now);
        Said(seen, fields);
        if (!fields.IsValid)
            return fields.Problem;
        if (!LedgerCondition.Holds(context.Request, seen))
            return Problems.Stale();
        var tag = context.Request.Headers.IfMatch.Count == 0 ? null : LedgerEditor.Tag(seen);
        var (outcome, entry) = await editor.EditAsync(
            person, seen.Id, tag, current => Said(current, new LedgerFields(body, Known, zone, now)), cancel);
        return outcome switch
        {
            EditOutcome.Done => LedgerEntry.Of(entry!),
            EditOutcome.Stale => Problems.Stale(),
            _ => LedgerEntry.Missing(),
        };
    }

    public static PersonalValues Said(Contribution entry, LedgerFields fields)
    {
        var edits = new Edits
        {
            Title = fields.Text("title", Normaliser.TitleLength, entry.Edits.Title),
            Kind = fields.Word("kind", entry.Edits.Kind),
            Role = fields.Word("role", entry.Edits.Role),
            When = fields.Time("when", entry.Edits.When),
            EndsAt = fields.Time("endsAt", entry.Edits.EndsAt),
            Url = fields.Url("url", entry.Edits.Url),
            Topics = fields.Topics("topics", entry.Edits.Topics),
            Metrics = fields.Metrics("metrics", entry.Edits.Metrics),
        };
        var values = edits.Over(entry.Harvested);
        if (values.EndsAt < values.When && (fields.Has("endsAt") || fields.Has("when")))
            fields.Fault("endsAt", "It would end before it begins.");
        return new PersonalValues(
            edits,
            fields.Flag("private", entry.Private),
            fields.Text("note", Normaliser.SummaryLength, entry.Note),
            fields.Word<Review>("review", entry.Review) ?? Review.New);
    }
}

/// <summary>
/// <c>POST /ledger</c>: log something by hand; an address alone is enough where its page says the rest (<see cref="LedgerLink"/>). With an
/// <c>Idempotency-Key</c> the same request may be sent again and again and logs it once.
/// </summary>
internal static class LedgerLogging
{
    internal const string Manual = "manual";
    private const int LongestKey = 200;

    internal static readonly string[] Known =
        ["title", "kind", "when", "role", "status", "url", "summary", "endsAt", "topics", "metrics", "private", "note"];

    internal static readonly DescribedValue IdempotencyKey = new(
        "Idempotency-Key", typeof(string), "The same request with the same key logs it once, however often it is sent.", Least: 1, Most: LongestKey, IsHeader: true);

    /// <summary>What the person typed leads over what any place says.</summary>
    internal static readonly SightingContext Hand = new(Manual, Manual, Manual, Verified: true, DateTimeOffset.UnixEpoch, []);

    /// <summary>Log something by hand.</summary>
    /// <remarks>`title`, `kind` and `when`; or a `url` whose page says what of them is missing: an event, a video, a pull request by its source, any other page by
    /// what it says about itself. What is typed wins. An address that is in the ledger already is answered with its entry; 409 where more was typed.</remarks>
    /// <response code="201">It is logged.</response>
    /// <response code="200">It was in the ledger already; typed in full, it is known by hand now as well.</response>
    public static async Task<IResult> AnswerAsync(
        HttpContext context,
        [FromServices] LedgerEditor editor,
        [FromServices] PeopleStore people,
        [FromServices] LedgerLink link,
        [FromServices] TimeProvider clock)
    {
        var (request, cancel, person) = (context.Request, context.RequestAborted, Caller.Of(context).Person);
        var (body, problem) = await JsonBody.ReadObjectAsync(context);
        if (problem is not null)
            return problem;
        var now = clock.GetUtcNow();
        var fields = new LedgerFields(body, Known, await LedgerParameters.ZoneAsync(people, person, cancel), now);
        if (LedgerLink.IsMeant(fields))
            return await link.LogAsync(request, person, fields, Key(request, fields), cancel);
        var draft = Draft(fields, Key(request, fields) ?? Identity.Random(), now);
        var (note, isPrivate, metrics) = (fields.Text("note", Normaliser.SummaryLength), fields.Flag("private"), fields.Metrics("metrics"));
        if (!fields.IsValid)
            return fields.Problem;

        var logged = await editor.LogAsync(person, Hand, draft, known => Lay(known, note, isPrivate, metrics), cancel);
        if (!logged.IsSame)
            return KeyTaken();
        return LedgerEntry.Of(
            logged.Entry, logged.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, $"{request.PathBase}{request.Path}/{logged.Entry.Id}");
    }

    internal static Draft Draft(LedgerFields fields, string key, DateTimeOffset now)
    {
        fields.Require("title", "say what it was");
        fields.Require("kind", $"one of {string.Join(", ", EnumText<Kind>.All)}");
        fields.Require("when", ContributionIngest.Core.Model.DateOrInstant.Allowed);
        var (kind, when, ends) = (fields.Word<Kind>("kind") ?? Kind.Other, fields.Time("when"), fields.Time("endsAt"));
        if (ends?.Time < when?.Time)
            fields.Fault("endsAt", "'endsAt' is before 'when'.");
        return new Draft
        {
            NativeId = key,
            Kind = kind,
            Role = fields.Word<Role>("role") ?? UsualRole(kind),
            Status = fields.Word<Status>("status") ?? ((when?.IsDay == true ? when?.Time.AddHours(-12) : when?.Time) > now ? Status.Scheduled : Status.Published),
            Title = fields.Text("title", Normaliser.TitleLength),
            Url = fields.Url("url"),
            Summary = fields.Text("summary", Normaliser.SummaryLength),
            When = when?.Time,
            DatePrecision = when?.IsDay == true ? DatePrecision.Day : DatePrecision.Exact,
            EndsAt = ends?.Time,
            Topics = fields.Topics("topics") ?? [],
        };
    }

    internal static IResult KeyTaken() =>
        Problems.Conflict("This Idempotency-Key was used for something else. Use a new one, or PATCH the entry that was logged with it.");

    private static string? Key(HttpRequest request, LedgerFields fields)
    {
        var keys = request.Headers["Idempotency-Key"];
        if (keys.Count == 0)
            return null;
        var key = keys.Count == 1 ? keys[0]?.Trim() ?? "" : "";
        if (key.Length is 0 or > LongestKey)
            fields.Fault("Idempotency-Key", $"The header comes once and has 1 to {LongestKey} characters.");
        return "key " + key;
    }

    internal static Role UsualRole(Kind kind) => kind switch
    {
        Kind.Talk or Kind.Workshop => Role.Speaker,
        Kind.Mentoring => Role.Mentor,
        Kind.Organising or Kind.Event => Role.Organiser,
        Kind.PullRequest or Kind.ForumAnswer or Kind.Feedback => Role.Contributor,
        Kind.Other => Role.Other,
        _ => Role.Author,
    };

    /// <summary>What the person has said since then stays.</summary>
    private static PersonalValues Lay(Contribution entry, string? note, bool isPrivate, IReadOnlyDictionary<string, Metric>? metrics) =>
        PersonalValues.Of(entry) with
        {
            Private = entry.Private || isPrivate,
            Note = entry.Note ?? note,
            Edits = entry.Edits with { Metrics = entry.Edits.Metrics ?? metrics },
        };
}
