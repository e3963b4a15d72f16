using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>
/// Logs an address. Its page provides what was not typed; typed values override the page. For an address already in the ledger, the existing
/// entry is returned.
/// </summary>
internal sealed class LedgerLink(AddressReader addresses, LedgerReader reader, LedgerEditor editor, TimeProvider clock)
{
    /// <summary>A page's metadata ranks below every source's own API.</summary>
    private static readonly SightingContext Pages =
        new(LedgerLogging.Manual, LedgerLogging.Manual, LedgerLogging.Manual, Verified: false, DateTimeOffset.MaxValue, []);

    /// <summary>Whether an address was given whose page is needed to complete the entry.</summary>
    public static bool IsNeeded(LedgerFields fields) => fields.Has("url") && !(fields.Has("title") && fields.Has("kind") && fields.Has("when"));

    /// <param name="key">The request's idempotency key, if any.</param>
    /// <returns>What came of it; null if there are faults in the fields.</returns>
    public async Task<LinkOutcome?> LogAsync(string person, LedgerFields fields, string? key, CancellationToken cancel)
    {
        var typed = TypedFields.Of(fields);
        if (!fields.IsValid || typed.Url is not { } url || CanonicalUrl.Of(url) is not { } address)
            return null;
        var logged = key is null ? null : await reader.GetAsync(person, IdOf(key), cancel);
        if (logged is not null && IsAt(logged, address))
            return new LinkOutcome(logged, IsNew: true);
        if (logged is null && await KnownAsync(person, address, typed, cancel) is { } known)
            return known;
        Draft draft;
        try
        {
            draft = await addresses.ReadAsync(new Uri(url), typed.Kind, cancel);
        }
        catch (SourceException e)
        {
            return new LinkOutcome(Unread: e);
        }

        var own = CanonicalUrl.Of(draft.Url ?? url) ?? address;
        if (logged is not null)
            return IsAt(logged, own) ? new LinkOutcome(logged, IsNew: true) : new LinkOutcome();
        if (own != address && await KnownAsync(person, own, typed, cancel) is { } same)
            return same;
        draft = Normaliser.Normalise(typed.FillIn(draft) with { NativeId = key ?? $"url {EnumText<Kind>.Of(draft.Kind)} {own}", Url = draft.Url ?? url }, clock.GetUtcNow());
        if (IsIncomplete(draft, fields))
            return new LinkOutcome(Found: draft);
        var written = await editor.LogAsync(person, Pages, draft, entry => typed.EditsFor(entry, draft), cancel);

        // Meanwhile another request with its own key logged the address, or one that read an earlier version of the page.
        return !written.IsSame && key is not null ? new LinkOutcome() : new LinkOutcome(written.Entry, written.IsNew);
    }

    private static string IdOf(string nativeId) => Identity.Of(LedgerLogging.Manual, LedgerLogging.Manual, nativeId);

    private static bool IsAt(Contribution entry, string address) =>
        entry.Sightings.Any(s => s.Connection == LedgerLogging.Manual && s.Url is { } url && CanonicalUrl.Of(url) == address);

    /// <summary>The entries that already have the address, unless another kind was typed; null if there are none.</summary>
    private async Task<LinkOutcome?> KnownAsync(string person, string address, TypedFields typed, CancellationToken cancel)
    {
        var known = (await reader.KnownByAsync(person, address, cancel)).Where(entry => typed.Kind is null || entry.Effective().Kind == typed.Kind).ToList();
        if (known.Count == 0)
            return null;
        return known.Count == 1 && typed.IsUrlOnly ? new LinkOutcome(known[0]) : new LinkOutcome(Known: known);
    }

    /// <summary>Dates and names are never invented: if neither the page nor the person provides them, they are faults.</summary>
    private static bool IsIncomplete(Draft draft, LedgerFields fields)
    {
        var found = draft.Title is null ? $"a page that calls itself {EnumText<Kind>.Of(draft.Kind)}" : $"“{draft.Title}” ({EnumText<Kind>.Of(draft.Kind)})";
        if (draft.Title is null)
            fields.Fault("title", $"'title' is missing and the page has none: say what it was. Found: {found}.");
        if (draft.When is null)
            fields.Fault("when", $"'when' is missing and the page does not provide it: {DateOrInstant.Allowed}. Found: {found}.");
        if (draft.EndsAt < draft.When)
            fields.Fault("endsAt", "'endsAt' is before 'when'.");
        return !fields.IsValid;
    }
}

/// <summary>What came of logging an address. Without anything in it, its idempotency key was used for something else.</summary>
/// <param name="Entry">The entry that was logged, or that has the address already.</param>
/// <param name="IsNew">It was logged by this request, or by an earlier one with the same key.</param>
/// <param name="Known">The entries that have the address already, which does not fit what was typed along with it.</param>
/// <param name="Unread">Why the page could not be read.</param>
/// <param name="Found">What the page says, which is not enough; what is missing stands in the faults of the fields.</param>
internal sealed record LinkOutcome(
    Contribution? Entry = null, bool IsNew = false, IReadOnlyList<Contribution>? Known = null, SourceException? Unread = null, Draft? Found = null);

/// <summary>Describes what an address points to: through the source it belongs to, or else by the page's own metadata.</summary>
internal sealed class AddressReader(SourceCatalog catalog, PageReader pages, TimeProvider clock)
{
    /// <param name="kind">The typed kind; null means as the page indicates, or else an article.</param>
    /// <exception cref="SourceException">The address cannot be read.</exception>
    /// <exception cref="TooBusyException">Too many large documents are being read.</exception>
    public async Task<Draft> ReadAsync(Uri address, Kind? kind, CancellationToken cancel)
    {
        using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        if (catalog.FindByHost(address.AbsoluteUri) is { } source && await source.LookupAsync(address, cancel) is { } found)
            return kind is null || kind == found.Kind ? found : found with { Kind = kind.Value, Role = LedgerLogging.UsualRole(kind.Value) };
        var page = await pages.ReadAsync(address, cancel);
        var what = kind ?? KindOf(page.Kind);
        return new Draft
        {
            NativeId = page.Address,
            Kind = what,
            Role = LedgerLogging.UsualRole(what),
            Status = page.IsCancelled ? Status.Cancelled : page.When > clock.GetUtcNow() ? Status.Scheduled : Status.Published,
            Title = page.Title,
            Url = page.Address,
            Summary = page.Summary,
            When = page.When,
            DatePrecision = page.IsDay ? DatePrecision.Day : DatePrecision.Exact,
            EndsAt = page.EndsAt,
            Author = page.Author,
            Container = page.Owner is { } owner ? new Container(owner.Name, owner.Url) : null,
            Topics = page.Topics,
        };
    }

    private static Kind KindOf(PageKind? page) => page switch
    {
        PageKind.BlogPost => Kind.BlogPost,
        PageKind.Book => Kind.Book,
        PageKind.Course => Kind.Workshop,
        PageKind.Event => Kind.Event,
        PageKind.ForumAnswer => Kind.ForumAnswer,
        PageKind.PodcastEpisode => Kind.PodcastEpisode,
        PageKind.Presentation => Kind.Talk,
        PageKind.Video => Kind.Video,
        _ => Kind.Article,
    };
}
