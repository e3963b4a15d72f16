using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Sessionize;

/// <summary>
/// The events of a speaker on Sessionize, by the JSON that speakers can publish there. It has the events with their dates and the talks without, and
/// does not say which talk was given where: each event is a suggested talk, and the person says which one it was.
/// </summary>
public sealed partial class SessionizeSource(Fetcher fetcher, TimeProvider time, SessionizeOptions options) : ISource
{
    private const string HowTo = "On Sessionize, open your speaker profile, switch on the API / Embed option and give the address it shows, which begins with https://sessionize.com/api/speaker/json/.";

    private readonly SpeakerReader reader = new(fetcher, time, options);

    public SourceInfo Info { get; } = new("sessionize", [Kind.Talk])
    {
        HasNames = false,
        Hosts = ["sessionize.com", .. options.Site.AbsolutePath == "/" ? [options.Site.Authority] : Array.Empty<string>()],
    };

    public async Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel)
    {
        if (Id(typed) is not { } id)
        {
            throw SourceException.Terminal("noSpeaker", $"A profile page on Sessionize does not show where its data are. {HowTo}");
        }

        var (answer, speaker) = await reader.FetchAsync(id, null, null, cancel);
        if (answer.Outcome == FetchOutcome.Missing || answer.Outcome == FetchOutcome.Gone)
            throw SourceException.Terminal("missing", $"Sessionize has no speaker's data at this address: the id is mistyped, or the speaker has not switched it on. {HowTo}");
        return speaker is null
            ? throw SpeakerReader.Failure(answer)
            : new Place($"sessionize/{id}", reader.Address(id).AbsoluteUri, speaker.Name is { } name ? $"{name} on Sessionize" : "A speaker on Sessionize", speaker.Page);
    }

    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>There are no pushes of events.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>Pages of talks have no date.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => Task.FromResult<Draft?>(null);

    /// <summary>The id, alone or in the address of the data in any of their forms; null for a page for people.</summary>
    private string? Id(string typed)
    {
        var text = typed.Trim();
        if (SpeakerId().IsMatch(text) && text.Any(char.IsAsciiDigit))
            return text;
        var address = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !HttpAddress.IsHttp(uri) || !IsHere(uri))
            throw SourceException.Terminal("notSessionize", $"This is no address of Sessionize. {HowTo}");
        return Data().Match(uri.AbsolutePath) is { Success: true } match ? match.Groups["id"].Value : null;
    }

    private bool IsHere(Uri address) =>
        HttpAddress.WithoutWww(address.Host).Equals("sessionize.com", StringComparison.OrdinalIgnoreCase) || address.Authority.Equals(options.Site.Authority, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[A-Za-z0-9]{8,40}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SpeakerId();

    [GeneratedRegex(@"/api/speaker/[a-z]{1,20}/(?<id>[A-Za-z0-9]{1,40})/?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Data();
}

/// <summary>Which Sessionize.</summary>
public sealed record SessionizeOptions(Uri Site);
