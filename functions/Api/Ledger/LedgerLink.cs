using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>
/// Logs an address: what its page says fills what was not typed, and what was typed lies over what the page says. An address that is in the ledger
/// already is answered with the entry that it is.
/// </summary>
internal sealed class LedgerLink(LedgerLook look, LedgerReader reader, LedgerEditor editor, TimeProvider clock)
{
    /// <summary>A page's word gives way to that of every place's own API.</summary>
    private static readonly SightingContext Pages =
        new(LedgerLogging.Manual, LedgerLogging.Manual, LedgerLogging.Manual, Verified: false, DateTimeOffset.MaxValue, []);

    /// <summary>There is an address, and something is missing without it.</summary>
    public static bool IsMeant(LedgerFields fields) => fields.Has("url") && !(fields.Has("title") && fields.Has("kind") && fields.Has("when"));

    /// <param name="key">Of the request, where it has one.</param>
    public async Task<IResult> LogAsync(HttpRequest request, string person, LedgerFields fields, string? key, CancellationToken cancel)
    {
        var typed = TypedFields.Of(fields);
        if (!fields.IsValid || typed.Url is not { } url || CanonicalUrl.Of(url) is not { } address)
            return fields.Problem;
        var path = $"{request.PathBase}{request.Path}";
        var logged = key is null ? null : await reader.GetAsync(person, IdOf(key), cancel);
        if (logged is not null && IsAt(logged, address))
            return Answer(logged, StatusCodes.Status201Created, path);
        if (logged is null && await KnownAsync(person, address, typed, path, cancel) is { } known)
            return known;
        Draft draft;
        try
        {
            draft = await look.AtAsync(new Uri(url), typed.Kind, cancel);
        }
        catch (SourceException e)
        {
            return Problems.Unread(e.Code, e.Message);
        }

        var own = CanonicalUrl.Of(draft.Url ?? url) ?? address;
        if (logged is not null)
            return IsAt(logged, own) ? Answer(logged, StatusCodes.Status201Created, path) : LedgerLogging.KeyTaken();
        if (own != address && await KnownAsync(person, own, typed, path, cancel) is { } same)
            return same;
        draft = Normaliser.Normalise(typed.Under(draft) with { NativeId = key ?? $"url {EnumText<Kind>.Of(draft.Kind)} {own}", Url = draft.Url ?? url }, clock.GetUtcNow());
        if (Missing(draft, fields) is { } missing)
            return missing;
        var written = await editor.LogAsync(person, Pages, draft, entry => typed.Over(entry, draft), cancel);

        // Under a key of its own the address was logged by another request meanwhile, or by one that read the page as it was before.
        return !written.IsSame && key is not null
            ? LedgerLogging.KeyTaken()
            : Answer(written.Entry, written.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, path);
    }

    private static string IdOf(string nativeId) => Identity.Of(LedgerLogging.Manual, LedgerLogging.Manual, nativeId);

    private static bool IsAt(Contribution entry, string address) =>
        entry.Sightings.Any(s => s.Connection == LedgerLogging.Manual && s.Url is { } url && CanonicalUrl.Of(url) == address);

    private static LedgerAnswer Answer(Contribution entry, int status, string path) => LedgerEntry.Of(entry, status, $"{path}/{entry.Id}");

    /// <summary>The entry that has the address already, if it is not typed to be of another kind; null when there is none.</summary>
    private async Task<IResult?> KnownAsync(string person, string address, TypedFields typed, string path, CancellationToken cancel)
    {
        var known = (await reader.KnownByAsync(person, address, cancel)).Where(entry => typed.Kind is null || entry.Effective().Kind == typed.Kind).ToList();
        if (known.Count == 0)
            return null;
        return known.Count == 1 && typed.IsUrlAlone
            ? Answer(known[0], StatusCodes.Status200OK, path)
            : Problems.Conflict($"The ledger has this address already: {string.Join(", ", known.Select(entry => $"{path}/{entry.Id}"))}. PATCH that entry to change what it says.");
    }

    /// <summary>Dates and names are not made up: what neither the page nor the person says is asked for.</summary>
    private static IResult? Missing(Draft draft, LedgerFields fields)
    {
        var found = draft.Title is null ? $"a page that calls itself {EnumText<Kind>.Of(draft.Kind)}" : $"“{draft.Title}” ({EnumText<Kind>.Of(draft.Kind)})";
        if (draft.Title is null)
            fields.Fault("title", $"'title' is missing and the page has none: say what it was. Found was {found}.");
        if (draft.When is null)
            fields.Fault("when", $"'when' is missing and the page does not say it: {DateOrInstant.Allowed}. Found was {found}.");
        if (draft.EndsAt < draft.When)
            fields.Fault("endsAt", "'endsAt' is before 'when'.");
        return fields.IsValid ? null : fields.Problem;
    }
}

/// <summary>What an address says it is: by the source whose place it is, else by its page's own words.</summary>
internal sealed class LedgerLook(SourceCatalog catalog, PageReader pages, TimeProvider clock)
{
    /// <param name="kind">What the person calls it; null: as the page says, an article where that says nothing.</param>
    /// <exception cref="SourceException">There is nothing to be read.</exception>
    public async Task<Draft> AtAsync(Uri address, Kind? kind, CancellationToken cancel)
    {
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
