using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources;

/// <summary>Any page of the web → what it says about itself.</summary>
public sealed class PageReader(Fetcher fetcher)
{
    internal const string Accept = "text/html, application/xhtml+xml, */*;q=0.1";

    /// <exception cref="SourceException">There is no page to be read; the message says what was found instead.</exception>
    public async Task<PageMetadata> ReadAsync(Uri address, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(address) { Accept = Accept }, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            throw new SourceException(FailureOf(answer.Outcome), answer.Code ?? "unreadable", answer.Problem ?? "The address cannot be read.", answer.RetryAt);
        return IsPage(answer)
            ? PageMetadata.Read(answer.Body, answer.Header("Content-Type"), answer.Address)
            : throw new SourceException(
                Failure.Terminal, "notAPage", $"{answer.Address.Host} answered with something that is no web page, so it does not say what it is.");
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
