using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources;

/// <summary>Fetches any web page and reads its metadata.</summary>
public sealed class PageReader(Fetcher fetcher)
{
    internal const string Accept = "text/html, application/xhtml+xml, */*;q=0.1";

    /// <exception cref="SourceException">There is no page to read; the message says what was found instead.</exception>
    public async Task<PageMetadata> ReadAsync(Uri address, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(address) { Accept = Accept }, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            throw new SourceException(FailureOf(answer.Outcome), answer.Code ?? "unreadable", answer.Problem ?? "The address cannot be read.", answer.RetryAt);
        return IsPage(answer)
            ? PageMetadata.Read(answer.Body, answer.Header("Content-Type"), answer.Address)
            : throw SourceException.Terminal("notAPage", $"{answer.Address.Host} answered with something that is not a web page.");
    }

    internal static bool IsPage(Fetched answer)
    {
        var start = answer.Body.AsSpan().TrimStart(" \t\r\n\uFEFF"u8);
        return !start.IsEmpty && start[0] == '<' && ContentType.MediaType(answer.Header("Content-Type")) is "" or "text/html" or "application/xhtml+xml";
    }

    private static Failure FailureOf(FetchOutcome outcome) => outcome switch
    {
        FetchOutcome.Gone => Failure.Gone,
        FetchOutcome.Throttled or FetchOutcome.Transient => Failure.Transient,
        _ => Failure.Terminal,
    };
}
