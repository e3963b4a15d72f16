using ContributionIngest.Core.Digests;
using ContributionIngest.Web.Digests;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>Renders the HTML part of a digest's mail.</summary>
internal sealed class DigestMailRenderer(IServiceProvider services, ILoggerFactory loggers)
{
    public async Task<string> RenderAsync(DigestParts parts)
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(DigestMail.Parts)] = parts });
        return MailStyles.Inline(await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<DigestMail>(parameters)).ToHtmlString()));
    }
}
