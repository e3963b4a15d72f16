using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;

namespace ContributionIngest.Core.Connecting;

/// <summary>Finds what somebody means by a line: an address is one place; a name alone may be an account or a group in several places.</summary>
public sealed partial class PlaceSearch(ConnectionService connecting, SourceCatalog catalog)
{
    private static readonly Dictionary<string, string> NoOptions = new(StringComparer.Ordinal);

    /// <returns>At least one place, none of them saved.</returns>
    /// <exception cref="SourceException">Nothing is there, or it cannot be read now; the message says what to try.</exception>
    /// <exception cref="TooBusyException">Too many large documents are being read.</exception>
    public async Task<IReadOnlyList<Preview>> FindAsync(string line, CancellationToken cancel)
    {
        if (!Name().IsMatch(line))
            return [await connecting.LookAsync(catalog.FindByHost(line)?.Info.Name ?? FeedSource.Name, line, NoOptions, cancel)];
        var sources = catalog.All.Where(source => source.Info.Hosts.Count > 0).Select(source => source.Info).ToList();
        var found = await Task.WhenAll(sources.Select(source => TryAsync(source.Name, line, cancel)));
        if (found.Any(tried => tried.Found is not null))
            return [.. found.Select(tried => tried.Found).OfType<Preview>()];
        throw found.Select(tried => tried.Problem!).FirstOrDefault(problem => problem is { Failure: Failure.Transient, Code: not "missing" })
            ?? SourceException.Terminal("noSuchName", $"Nothing is called “{line}” at {string.Join(" or ", sources.Select(source => source.Hosts[0]))}. Give the whole address of the page.");
    }

    private async Task<(Preview? Found, SourceException? Problem)> TryAsync(string source, string line, CancellationToken cancel)
    {
        try
        {
            return (await connecting.LookAsync(source, line, NoOptions, cancel), null);
        }
        catch (SourceException e)
        {
            return (null, e);
        }
    }

    /// <summary>A word without what addresses have, with or without an at sign in front.</summary>
    [GeneratedRegex(@"^(@[\p{L}\p{N}._\-]{1,100}|[\p{L}\p{N}_\-]{1,100})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
