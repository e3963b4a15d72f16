using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>POST /ledger/several</c>: what is done with the entries that were chosen in the list, and the way back for all of them.</summary>
internal sealed class SeveralPages(LedgerReader reader, LedgerEditor editor, IHostApplicationLifetime lifetime)
{
    private const string Path = LedgerAddress.Root + "/several";
    private const int MaxEntries = 100;

    /// <summary>The entries, and what else the form has.</summary>
    private const int MaxFields = MaxEntries + 20;

    private const string Topic = "topic";
    private const string NoTopic = "noTopic";

    /// <summary>Before the name of an act, in the form that takes it back.</summary>
    private const string Undo = "undo.";

    /// <summary>Longer ones would not fit into a cookie.</summary>
    private const int MaxReturn = 300;

    public static void Map(IEndpointRouteBuilder site) =>
        site.MapPost(Path, (HttpContext context, SeveralPages pages) => pages.ActAsync(context)).Needs(Scope.Write).IsPage().WithFormOptions(valueCountLimit: MaxFields);

    private async Task<IResult> ActAsync(HttpContext context)
    {
        var form = await PageForm.ReadAsync(context);
        var (topic, isUndo) = (Normaliser.Text(form["topic"], Normaliser.TopicLength), form.Keys.Any(key => key.StartsWith(Undo, StringComparison.Ordinal)));
        var asked = (isUndo ? Undone(form) : form["entry"].OfType<string>().Select(id => (Act: form["do"].ToString(), Id: id)))
            .Where(act => Identity.IsWellFormed(act.Id) && Change(act.Act, topic) is not null).DistinctBy(act => act.Id, StringComparer.Ordinal).Take(MaxEntries).ToList();
        if (asked.Count == 0)
            return Done(context, form, Refusal(form, topic), isBad: true);

        // Each entry is written by itself. A client disconnect does not cancel this, so that not only some of them are.
        var before = new List<(string Act, string Id)>();
        Contribution? last = null;
        foreach (var (act, id) in asked)
        {
            if (await DoAsync(Caller.Of(context).Person, id, act, topic, lifetime.ApplicationStopping) is not var (entry, back))
                continue;
            before.Add((back, entry.Id));
            last = entry;
        }

        if (last is null)
            return Done(context, form, "Nothing was changed: they are so already.");
        var who = before.Count == 1 ? ContributionPages.Quoted(last) : Numbers.Contributions(before.Count);
        var said = isUndo ? $"{who} {(before.Count == 1 ? "is as it was" : "are as they were")}." : $"{who} {Said(asked[0].Act, topic, before.Count == 1)}.";
        return Done(context, form, said, undo: Back(before, topic, form["return"]));
    }

    /// <summary>Null if the entry is not there, or is so already; else the entry as it is now, and the act that takes it back.</summary>
    private async Task<(Contribution Entry, string Back)?> DoAsync(string person, string id, string act, string? topic, CancellationToken cancel)
    {
        if (await reader.GetAsync(person, id, cancel) is not { } before || IsSo(before, act, topic))
            return null;
        var (_, after) = await editor.EditAsync(person, before.Id, null, Change(act, topic)!, cancel);
        return after is null ? null : (after, BackFrom(before, act));
    }

    private static Func<Contribution, PersonalValues>? Change(string act, string? topic) => act switch
    {
        "private" or "public" => entry => PersonalValues.Of(entry) with { Private = act == "private" },
        Topic or NoTopic => topic is null ? null : entry => PersonalValues.Of(entry) with { Edits = entry.Edits with { Topics = Topics(entry, act, topic) } },
        _ => EnumText<Review>.TryParse(act, out var review) ? entry => PersonalValues.Of(entry) with { Review = review } : null,
    };

    /// <summary>What a place says itself is no edit.</summary>
    private static IReadOnlyList<string>? Topics(Contribution entry, string act, string topic)
    {
        var others = entry.WithEdits().Topics.Where(known => !known.Equals(topic, StringComparison.OrdinalIgnoreCase));
        var topics = Normaliser.Topics(act == Topic ? others.Append(topic) : others);
        return topics.SequenceEqual(entry.Harvested.Topics, StringComparer.Ordinal) ? null : topics;
    }

    private static bool IsSo(Contribution entry, string act, string? topic) => act switch
    {
        "private" or "public" => entry.Private == (act == "private"),
        Topic => entry.WithEdits().Topics.Contains(topic, StringComparer.OrdinalIgnoreCase) || entry.WithEdits().Topics.Count == Normaliser.TopicCount,
        NoTopic => !entry.WithEdits().Topics.Contains(topic, StringComparer.OrdinalIgnoreCase),
        _ => act == EnumText<Review>.Of(entry.Review),
    };

    private static string BackFrom(Contribution before, string act) => act switch
    {
        "private" => "public",
        "public" => "private",
        Topic => NoTopic,
        NoTopic => Topic,
        _ => EnumText<Review>.Of(before.Review),
    };

    private static string Said(string act, string? topic, bool isOne) => act switch
    {
        "private" or "public" => $"{(isOne ? "is" : "are")} {act} now",
        Topic => $"{(isOne ? "has" : "have")} the topic “{topic}”",
        "rejected" => $"{(isOne ? "is" : "are")} not yours any more",
        _ => $"{(isOne ? "is" : "are")} yours",
    };

    private static string Refusal(IFormCollection form, string? topic) => form["do"] == Topic && topic is null && form["entry"].Count > 0
        ? "Type the topic to add. Nothing was changed."
        : "Nothing was chosen. Tick the boxes of some contributions first.";

    /// <summary>Ids stand in one field an act, since a hundred fields would be many.</summary>
    private static UndoForm Back(IEnumerable<(string Act, string Id)> acts, string? topic, string? list)
    {
        var fields = acts.GroupBy(act => act.Act, act => act.Id, StringComparer.Ordinal).ToDictionary(group => Undo + group.Key, group => string.Join(' ', group), StringComparer.Ordinal);
        if (topic is not null)
            fields["topic"] = topic;
        if (list?.Length is > 0 and <= MaxReturn)
            fields["return"] = list;
        return new UndoForm(Path, fields);
    }

    private static IEnumerable<(string Act, string Id)> Undone(IFormCollection form) =>
        from field in form
        where field.Key.StartsWith(Undo, StringComparison.Ordinal)
        from id in field.Value.ToString().Split(' ')
        select (field.Key[Undo.Length..], id);

    /// <summary>Goes back to the list with its filters.</summary>
    private static IResult Done(HttpContext context, IFormCollection form, string text, bool isBad = false, UndoForm? undo = null)
    {
        Notices.Leave(context, text, isBad, undo);
        var list = LocalPath.Of(form["return"]);
        var isList = (list == LedgerAddress.Root || list.StartsWith(LedgerAddress.Root + "?", StringComparison.Ordinal)) && System.Text.Ascii.IsValid(list);
        return Results.LocalRedirect(isList ? list : LedgerAddress.Root);
    }
}
