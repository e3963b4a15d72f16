using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>PATCH /ledger/{id}</c>: the person's edits over harvested values (JSON merge patch, RFC 7396); null restores the harvested value.</summary>
internal static class LedgerChange
{
    public static readonly string[] Known =
        ["title", "kind", "role", "when", "endsAt", "url", "topics", "metrics", "private", "note", "review"];

    /// <summary>Edit an entry.</summary>
    /// <remarks>A JSON merge patch (RFC 7396). Your edits survive every harvest; null restores the harvested value.</remarks>
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

        // Validated once here, then applied to the entry as it is when written.
        var fields = new LedgerFields(body, Known, zone, now);
        Merge(seen, fields);
        if (!fields.IsValid)
            return fields.Problem;
        if (!LedgerCondition.Holds(context.Request, seen))
            return Problems.Stale();
        var tag = context.Request.Headers.IfMatch.Count == 0 ? null : LedgerEditor.Tag(seen);
        var (outcome, entry) = await editor.EditAsync(
            person, seen.Id, tag, current => Merge(current, new LedgerFields(body, Known, zone, now)), cancel);
        return outcome switch
        {
            EditOutcome.Done => LedgerEntry.Of(entry!),
            EditOutcome.Stale => Problems.Stale(),
            _ => LedgerEntry.Missing(),
        };
    }

    public static PersonalValues Merge(Contribution entry, LedgerFields fields)
    {
        var when = fields.Time("when", entry.Edits.When);
        var edits = new Edits
        {
            Title = fields.Text("title", Normaliser.TitleLength, entry.Edits.Title),
            Kind = fields.Word("kind", entry.Edits.Kind),
            Role = fields.Word("role", entry.Edits.Role),
            When = when,
            WhenIsDay = when is not null && (fields.Has("when") ? fields.Time("when")?.IsDay == true : entry.Edits.WhenIsDay),
            EndsAt = fields.Time("endsAt", entry.Edits.EndsAt),
            Url = fields.Url("url", entry.Edits.Url),
            Topics = fields.Topics("topics", entry.Edits.Topics),
            Metrics = fields.Metrics("metrics", entry.Edits.Metrics),
        };
        var values = edits.Over(entry.Harvested);
        if (values.EndsAt < values.When && (fields.Has("endsAt") || fields.Has("when")))
            fields.Fault("endsAt", "It would end before it starts.");
        return new PersonalValues(
            edits,
            fields.Flag("private", entry.Private),
            fields.Text("note", Normaliser.SummaryLength, entry.Note),
            fields.Word<Review>("review", entry.Review) ?? Review.New);
    }
}

/// <summary>
/// <c>POST /ledger</c>: log something by hand. An address alone is enough if its page provides the rest (<see cref="LedgerLink"/>). With an
/// <c>Idempotency-Key</c>, repeating a request has no further effect.
/// </summary>
internal static class LedgerLogging
{
    internal const string Manual = "manual";
    private const int MaxKeyLength = 200;

    internal static readonly string[] Known =
        ["title", "kind", "when", "role", "status", "url", "summary", "endsAt", "topics", "metrics", "private", "note"];

    internal static readonly DescribedValue IdempotencyKey = new(
        "Idempotency-Key", typeof(string), "The same request with the same key is logged only once, however often it is sent.", Min: 1, Max: MaxKeyLength, IsHeader: true);

    /// <summary>What the person types takes precedence over every source.</summary>
    internal static readonly SightingContext Hand = new(Manual, Manual, Manual, Verified: true, DateTimeOffset.UnixEpoch, []);

    /// <summary>Log something by hand.</summary>
    /// <remarks>Give `title`, `kind` and `when`, or a `url` whose page provides those that are missing. Events, videos and pull requests are read through their source,
    /// other pages by their metadata. Typed values win. For an address already in the ledger, its entry is returned, or 409 if more than the address was typed.</remarks>
    /// <response code="201">The entry was logged.</response>
    /// <response code="200">The entry was already in the ledger; if typed in full, it is now also recorded as logged by hand.</response>
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
        if (LedgerLink.IsNeeded(fields))
            return Answer(request, fields, await link.LogAsync(person, fields, Key(request, fields), cancel));
        var draft = Draft(fields, Key(request, fields) ?? Identity.Random(), now);
        var (note, isPrivate, metrics) = (fields.Text("note", Normaliser.SummaryLength), fields.Flag("private"), fields.Metrics("metrics"));
        if (!fields.IsValid)
            return fields.Problem;

        var logged = await editor.LogAsync(person, Hand, draft, known => MergeTyped(known, note, isPrivate, metrics), cancel);
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

    private static IResult Answer(HttpRequest request, LedgerFields fields, LinkOutcome? outcome)
    {
        var path = $"{request.PathBase}{request.Path}";
        return outcome switch
        {
            null or { Found: not null } => fields.Problem,
            { Entry: { } entry } => LedgerEntry.Of(entry, outcome.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, $"{path}/{entry.Id}"),
            { Known: { } known } => Problems.Conflict($"The ledger has this address already: {string.Join(", ", known.Select(entry => $"{path}/{entry.Id}"))}. PATCH that entry to change it."),
            { Unread: { } unread } => Problems.Unread(unread.Code, unread.Message),
            _ => KeyTaken(),
        };
    }

    internal static IResult KeyTaken() =>
        Problems.Conflict("This Idempotency-Key was used for something else. Use a new one, or PATCH the entry that was logged with it.");

    internal static string? Key(HttpRequest request, LedgerFields fields)
    {
        var keys = request.Headers["Idempotency-Key"];
        if (keys.Count == 0)
            return null;
        var key = keys.Count == 1 ? keys[0]?.Trim() ?? "" : "";
        if (key.Length is 0 or > MaxKeyLength)
            fields.Fault("Idempotency-Key", $"The header must occur once and have 1 to {MaxKeyLength} characters.");
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

    /// <summary>Edits that the person has made since then are kept.</summary>
    internal static PersonalValues MergeTyped(Contribution entry, string? note, bool isPrivate, IReadOnlyDictionary<string, Metric>? metrics) =>
        PersonalValues.Of(entry) with
        {
            Private = entry.Private || isPrivate,
            Note = entry.Note ?? note,
            Edits = entry.Edits with { Metrics = entry.Edits.Metrics ?? metrics },
        };
}
