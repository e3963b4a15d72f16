using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Connections;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>Pages that connect places: type addresses or names, see what was found for each, connect.</summary>
internal sealed class ConnectPages(PlaceSearch search, ConnectionService connecting, ConnectionStore connections, PeopleStore people, SourceCatalog catalog, OAuthClients clients)
{
    private const string Path = "/connections";
    private const int AtOnce = 4;
    private const int MaxFile = 1024 * 1024;
    private const int MaxAuthors = 12;
    private const string AuthorOption = "author";

    private static readonly Dictionary<string, string> NoOptions = new(StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path + "/add", (OAuthClients clients) => Page(clients, null, [])).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/look", (HttpContext context, ConnectPages pages) => pages.LookAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/look/line", (HttpContext context, ConnectPages pages) => pages.LookAtLineAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/opml", (HttpContext context, ConnectPages pages) => pages.OpenAsync(context)).Needs(Scope.Write).WithFormOptions(multipartBodyLengthLimit: MaxFile).IsPage();
        site.MapPost(Path, (HttpContext context, ConnectPages pages) => pages.ConnectAsync(context)).Needs(Scope.Write).WithFormOptions(valueCountLimit: (5 * FirstRunPage.MaxLines) + 10).IsPage();
    }

    /// <param name="typed">What stands in the field.</param>
    public static PageResult<FirstRunPage> Page(OAuthClients clients, string? typed, IReadOnlyList<FoundPlace> found, string? problem = null) => new(
        "Where do you publish?", (nameof(FirstRunPage.Typed), typed), (nameof(FirstRunPage.Found), found), (nameof(FirstRunPage.Problem), problem), (nameof(FirstRunPage.Clients), clients.All))
    {
        Section = Path,
        IsNarrow = true,
        Status = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
    };

    private async Task<IResult> LookAsync(HttpContext context)
    {
        var typed = (await PageForm.ReadAsync(context))["places"].ToString();
        var lines = Lines(typed);
        if (lines.Count == 0)
            return Page(clients, typed, [], "Type at least one address, name or handle, such as blog.example.org.");
        if (lines.Count > FirstRunPage.MaxLines)
            return Page(clients, typed, [], $"These are {lines.Count} lines. Up to {FirstRunPage.MaxLines} are looked at together.");
        var own = await OwnAsync(context);
        var found = new IReadOnlyList<FoundPlace>[lines.Count];
        await Parallel.ForAsync(0, lines.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = context.RequestAborted }, async (at, cancel) => found[at] = await FindAsync(lines[at], own, cancel));
        return Page(clients, typed, [.. found.SelectMany(places => places)]);
    }

    /// <summary>One line of several: the page asks for each by itself, and shows what was found as it arrives.</summary>
    private async Task<IResult> LookAtLineAsync(HttpContext context)
    {
        var lines = Lines((await PageForm.ReadAsync(context))["places"].ToString());
        return lines.Count == 1
            ? new PartResult<FoundPlaces>((nameof(FoundPlaces.Places), await FindAsync(lines[0], await OwnAsync(context), context.RequestAborted)))
            : Results.StatusCode(StatusCodes.Status400BadRequest);
    }

    private async Task<IResult> OpenAsync(HttpContext context)
    {
        var form = await PageForm.ReadAsync(context);
        if (form.Files.Count == 0)
            return Page(clients, null, [], $"Choose a file of at most {MaxFile / 1024 / 1024} MB.");
        await using var file = form.Files[0].OpenReadStream();
        var addresses = await Opml.ReadAsync(file);
        var typed = string.Join('\n', addresses);
        return addresses.Count switch
        {
            0 => Page(clients, null, [], "There are no feeds in this file. Feed readers and podcast players export OPML files, which end in .opml or .xml."),
            > FirstRunPage.MaxLines => Page(clients, typed, [], $"The file has {addresses.Count} addresses. Keep those where you publish yourself, at most {FirstRunPage.MaxLines}, and look."),
            _ => Page(clients, typed, []),
        };
    }

    private static List<string> Lines(string typed) => [.. typed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    private async Task<(IReadOnlyList<ConnectionSnapshot> Known, string? Name)> OwnAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        return (await connections.ListAsync(person, cancel), (await people.GetAsync(person, cancel))?.Name);
    }

    private async Task<IReadOnlyList<FoundPlace>> FindAsync(string line, (IReadOnlyList<ConnectionSnapshot> Known, string? Name) own, CancellationToken cancel)
    {
        try
        {
            var found = await search.FindAsync(line, cancel);
            return [.. found.Select(preview =>
            {
                var authors = AuthorsOf(preview);
                return new FoundPlace(line, preview, null, own.Known.Any(c => c.Connection.Ending is null && c.Connection.Source == preview.Source && c.Connection.Origin == preview.Place.Origin))
                {
                    IsOneOfSeveral = found.Count > 1,
                    Authors = authors,
                    Author = authors.Select(author => author.Name).FirstOrDefault(name => own.Name is not null && string.Equals(name, own.Name.Trim(), StringComparison.OrdinalIgnoreCase)),
                };
            })];
        }
        catch (Exception e) when (e is SourceException or TooBusyException)
        {
            return [new FoundPlace(line, null, e.Message)];
        }
    }

    /// <summary>Names with a comma cannot be chosen, because the option is a list.</summary>
    private IReadOnlyList<(string Name, int Count)> AuthorsOf(Preview preview) => !catalog.Get(preview.Source).Info.Options.Any(option => option.Name == AuthorOption)
        ? []
        : [.. preview.Drafts.Select(draft => draft.Author?.Trim()).Where(author => author is { Length: > 0 } && !author.Contains(',', StringComparison.Ordinal))
            .GroupBy(author => author!, StringComparer.OrdinalIgnoreCase).Select(named => (named.Key, named.Count())).OrderByDescending(named => named.Item2).ThenBy(named => named.Key, StringComparer.OrdinalIgnoreCase).Take(MaxAuthors)];

    private async Task<IResult> ConnectAsync(HttpContext context)
    {
        var (caller, cancel) = (Caller.Of(context), context.RequestAborted);
        var form = await PageForm.ReadAsync(context);
        var (connected, problems) = (new List<string>(), new List<string>());

        // Without script the box stays unticked when somebody chooses whose posts to take.
        var wanted = form["offered"].OfType<string>().Where(place => form[$"{AuthorOption}-{Identity.Hash(place)}"].ToString().Length > 0);
        foreach (var place in form["place"].OfType<string>().Concat(wanted).Distinct(StringComparer.Ordinal))
        {
            if (place.Split(' ', 2) is not [var source, var line] || !catalog.Contains(source))
                continue;
            try
            {
                var author = form[$"{AuthorOption}-{Identity.Hash(place)}"].ToString();
                var options = author.Length == 0 || source != FeedSource.Name ? NoOptions : new Dictionary<string, string>(StringComparer.Ordinal) { [AuthorOption] = author };
                var (made, _) = await connecting.ConnectAsync(caller.Person, source, line, options, caller.Credential, cancel);
                connected.Add(made.Connection.Title ?? made.Connection.Origin);
            }
            catch (Exception e) when (e is SourceException or TooBusyException)
            {
                problems.Add($"{Normaliser.Text(line, 100)}: {e.Message}");
            }
        }

        var said = (connected.Count, problems.Count) switch
        {
            (0, 0) => "Nothing was chosen, so nothing was connected.",
            (_, 0) => $"{string.Join(", ", connected)} {(connected.Count == 1 ? "is" : "are")} connected.",
            (0, _) => string.Join(' ', problems),
            _ => $"{string.Join(", ", connected)} connected. {string.Join(' ', problems)}",
        };
        Notices.Leave(context, Normaliser.Text(said, 500)!, isBad: connected.Count == 0);

        // Home fills while the past is read.
        return Results.LocalRedirect(connected.Count == 0 ? Path : "/");
    }
}
