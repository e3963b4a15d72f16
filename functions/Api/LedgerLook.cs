using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Pages;

namespace ContributionIngest.Functions.Api;

/// <summary>What an address says it is: by the source whose place it is, else by its page's own words.</summary>
internal sealed class LedgerLook(SourceCatalog catalog, PageReader pages, TimeProvider clock)
{
    /// <param name="kind">What the person calls it; null: as the page says, an article where that says nothing.</param>
    /// <exception cref="SourceException">There is nothing to be read.</exception>
    public async Task<Draft> AtAsync(Uri address, Kind? kind, CancellationToken cancel)
    {
        if (catalog.Of(address.AbsoluteUri) is { } source && await source.LookAsync(address, cancel) is { } found)
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
