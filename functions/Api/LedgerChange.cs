using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary><c>PATCH /ledger/{id}</c>: the person's word over the harvested one (JSON merge patch, RFC 7396); null gives the harvested back.</summary>
internal static class LedgerChange
{
    public static readonly string[] Known =
        ["title", "kind", "role", "when", "endsAt", "url", "topics", "metrics", "private", "note", "review"];

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
        var (body, problem) = await Body.ReadObjectAsync(context);
        if (problem is not null)
            return problem;
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var now = clock.GetUtcNow();

        // Read once for its faults; then on the entry as it is when it is written.
        var fields = new LedgerFields(body, Known, zone, now);
        Said(seen, fields);
        if (!fields.IsSound)
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
