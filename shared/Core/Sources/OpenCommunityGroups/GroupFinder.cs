using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>Finds the group a person typed, or refuses with what was found and what to try.</summary>
internal sealed class GroupFinder(Fetcher fetcher, TimeProvider time, Uri site)
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const string Try = "Open the group there and give the address of its page, such as https://ocgroups.dev/cncf/group/cloud-native-anytown.";

    private readonly RobotsCheck robots = new(fetcher, time);

    public async Task<Place> FindAsync(string typed, CancellationToken cancel)
    {
        var text = typed.Trim();
        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address))
            throw SourceException.Terminal("refusedAddress", $"This is not a web address. {Try}");

        // Pages of chapters that have moved here redirect.
        var asked = GroupAddress.Of(address, site) is { } named ? named.Page(site) : address;
        var allowed = await robots.ReadAsync(asked, null, cancel);
        allowed.Demand(asked, "Its events can be logged by hand.");
        var answer = await fetcher.SendAsync(new FetchRequest(asked) { Accept = PageReader.Accept, MaximumBytes = MaxBytes }, cancel);
        if (answer.Outcome == FetchOutcome.Missing)
            throw SourceException.Terminal("missing", $"{answer.Problem} {Try}");
        if (answer.Outcome != FetchOutcome.Content)
            throw SourceException.Of(answer, Try, Try, "Only public groups can be read.");
        if (GroupAddress.Of(answer.Address, site) is not { } group)
            throw SourceException.Terminal("noGroup", $"The address leads to {answer.Address.GetLeftPart(UriPartial.Path)}, which is not the page of a group at {site.Host}. {Try}");

        var (known, name) = await KnownAsync(group, cancel);
        return new Place(known.Origin, known.Page(site).AbsoluteUri, name ?? Title(answer), group.Page(site).AbsoluteUri);
    }

    /// <summary>The slug that stays: the one in addresses for people may change, and the search for events does not know it.</summary>
    private async Task<(GroupAddress Group, string? Name)> KnownAsync(GroupAddress group, CancellationToken cancel)
    {
        var words = Uri.EscapeDataString(group.Slug.Replace('-', ' '));
        var address = group.Search(site, "groups", $"ts_query={words}&limit={EventSearch.PageSize}&offset=0");
        var answer = await fetcher.SendAsync(new FetchRequest(address) { Accept = "application/json", MaximumBytes = MaxBytes }, cancel);
        if (answer.Outcome != FetchOutcome.Content || LenientJson.Parse(answer.Body) is not { } found)
            return (group, null);
        var own = found.List("groups").FirstOrDefault(one =>
            group.Slug.Equals(one.Text("slug"), StringComparison.OrdinalIgnoreCase) || group.Slug.Equals(one.Text("slug_pretty"), StringComparison.OrdinalIgnoreCase));
        return own.Text("slug") is { } slug && GroupAddress.IsSlug(slug) ? (group with { Slug = slug.ToLowerInvariant() }, own.Text("name")) : (group, null);
    }

    private static string? Title(Fetched page)
    {
        var tags = PageTags.Read(page.Body, page.Header("Content-Type"), page.Address);
        return (tags.Meta("og:title") ?? tags.Title) is { } title ? PlainText.Fold(title, 300) : null;
    }
}
