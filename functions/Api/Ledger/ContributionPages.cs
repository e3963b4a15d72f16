using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Evidence;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Ledger;
using ContributionIngest.Web.SignIn;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>/ledger/{id}</c>: one entry, and what its buttons do at once. All but the deletion can be taken back.</summary>
internal sealed class ContributionPages(LedgerReader reader, LedgerEditor editor, PeopleStore people, ConnectionStore connections, MetricHistory history, EvidenceStore evidence)
{
    private const string Path = LedgerAddress.Root + "/{id}";

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (string id, HttpContext context, ContributionPages pages) => pages.ShowAsync(id, context)).Needs(Scope.Read).IsPage();
        site.MapPost(Path + "/private", (string id, HttpContext context, ContributionPages pages) => pages.SetPrivateAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/review", (string id, HttpContext context, ContributionPages pages) => pages.SetReviewAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/restore", (string id, HttpContext context, ContributionPages pages) => pages.RestoreAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapGet(Path + "/delete", (string id, HttpContext context, ContributionPages pages) => pages.AskToDeleteAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/delete", (string id, HttpContext context, ContributionPages pages) => pages.DeleteAsync(id, context)).Needs(Scope.Write).IsPage();
    }

    /// <summary>The answer for unknown, malformed and other people's ids.</summary>
    public static IResult Missing() => new PageResult<MessagePage>(
        "There is no such contribution",
        (nameof(MessagePage.Title), "There is no such contribution"),
        (nameof(MessagePage.Text), "It may have been deleted, or merged with another one."),
        (nameof(MessagePage.Link), LedgerAddress.Root),
        (nameof(MessagePage.LinkText), "Ledger"))
    { Section = LedgerAddress.Root, Status = StatusCodes.Status404NotFound };

    public static string PathOf(Contribution entry) => $"{LedgerAddress.Root}/{entry.Id}";

    /// <summary>A title that fits into a sentence, whose own direction (Unicode TR 9, isolates) does not turn the rest of it around.</summary>
    public static string Quoted(Contribution entry) => $"“\u2068{Normaliser.Text(entry.Effective().Title, 100)}\u2069”";

    private async Task<IResult> ShowAsync(string id, HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return Missing();
        var view = new EntryView(
            entry,
            await LedgerParameters.ZoneAsync(people, person, cancel),
            history.Of(entry.Source, await reader.SnapshotsAsync(person, entry, cancel), null, null),
            await reader.HistoryAsync(person, entry, cancel),
            [.. (await connections.ListAsync(person, cancel)).Select(found => found.Connection)])
        {
            Look = await evidence.GetAsync(person, entry.Id, cancel),
        };
        return new PageResult<EntryPage>(entry.Effective().Title, (nameof(EntryPage.View), view)) { Section = LedgerAddress.Root, IsNarrow = true };
    }

    private async Task<IResult> SetPrivateAsync(string id, HttpContext context) =>
        await SetAsync(id, "private", context, text => bool.TryParse(text, out var isPrivate) ? values => values with { Private = isPrivate } : null, entry => entry.Private ? "true" : "false", entry => entry.Private ? "is private now" : "is public now");

    private async Task<IResult> SetReviewAsync(string id, HttpContext context) =>
        await SetAsync(id, "review", context, text => EnumText<Review>.TryParse(text, out var review) ? values => values with { Review = review } : null, entry => EnumText<Review>.Of(entry.Review), entry => entry.Review == Review.Rejected ? "is not yours any more" : "is yours");

    /// <param name="act">The last part of the path.</param>
    /// <param name="read">The change that the field <c>value</c> asks for; null if it asks for none that there is.</param>
    /// <param name="write">The field that asks for what an entry is now.</param>
    /// <param name="say">What an entry is now.</param>
    private async Task<IResult> SetAsync(string id, string act, HttpContext context, Func<string?, Func<PersonalValues, PersonalValues>?> read, Func<Contribution, string> write, Func<Contribution, string> say)
    {
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } before)
            return Missing();
        if (read((await PageForm.ReadAsync(context))["value"]) is not { } change)
            return Done(context, before, "Nothing was chosen, so nothing was changed.", isBad: true);
        if (change(PersonalValues.Of(before)) == PersonalValues.Of(before))
            return Done(context, before, $"{Quoted(before)} {say(before)}.");
        var (_, after) = await editor.EditAsync(Caller.Of(context).Person, before.Id, null, current => change(PersonalValues.Of(current)), context.RequestAborted);
        return after is null
            ? Missing()
            : Done(context, after, $"{Quoted(after)} {say(after)}.", undo: new UndoForm($"{PathOf(after)}/{act}", new Dictionary<string, string>(StringComparer.Ordinal) { ["value"] = write(before) }));
    }

    /// <summary>Takes back what the person edited in one field: it gets what it had in an earlier revision.</summary>
    private async Task<IResult> RestoreAsync(string id, HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } before)
            return Missing();
        var field = form["field"].ToString();
        var revision = (await reader.HistoryAsync(person, before, cancel)).FirstOrDefault(revision => revision.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) == form["revision"]);
        if (revision is null || Restored(before.Edits, revision.Edits, field) is null)
            return Done(context, before, "There is no such value to put back. Nothing was changed.", isBad: true);
        var (_, after) = await editor.EditAsync(person, before.Id, null, current => PersonalValues.Of(current) with { Edits = Restored(current.Edits, revision.Edits, field)! }, cancel);
        if (after is null)
            return Missing();
        var undo = new Dictionary<string, string>(StringComparer.Ordinal) { ["field"] = field, ["revision"] = before.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        return Done(context, after, $"The {EntryHistory.NameOf(field)} of {Quoted(after)} is as it was.", undo: after.Revision == before.Revision ? null : new UndoForm($"{PathOf(after)}/restore", undo));
    }

    private static Edits? Restored(Edits edits, Edits earlier, string field) => field switch
    {
        "title" => edits with { Title = earlier.Title },
        "kind" => edits with { Kind = earlier.Kind },
        "role" => edits with { Role = earlier.Role },
        "when" => edits with { When = earlier.When, WhenIsDay = earlier.WhenIsDay },
        "endsAt" => edits with { EndsAt = earlier.EndsAt },
        "url" => edits with { Url = earlier.Url },
        _ => null,
    };

    private async Task<IResult> AskToDeleteAsync(string id, HttpContext context)
    {
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return Missing();
        return LedgerEditor.IsManual(entry)
            ? new PageResult<DeleteEntryPage>("Delete", (nameof(DeleteEntryPage.Entry), entry)) { Section = LedgerAddress.Root, IsNarrow = true }
            : NotDeleted(context, entry);
    }

    private async Task<IResult> DeleteAsync(string id, HttpContext context)
    {
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return Missing();
        if (await editor.RemoveAsync(Caller.Of(context).Person, entry.Id, null, context.RequestAborted) == EditOutcome.NotManual)
            return NotDeleted(context, entry);
        Notices.Leave(context, $"{Quoted(entry)} is deleted.");
        return Results.LocalRedirect(LedgerAddress.Root);
    }

    private static IResult NotDeleted(HttpContext context, Contribution entry) =>
        Done(context, entry, "A place shows it, so it would come back. Use Not mine instead. Nothing was changed.", isBad: true);

    private static IResult Done(HttpContext context, Contribution entry, string text, bool isBad = false, UndoForm? undo = null)
    {
        Notices.Leave(context, text, isBad, undo);
        return Results.LocalRedirect(PathOf(entry));
    }
}
