using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Web.Mail;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace ContributionIngest.Functions.Api.Pages;

/// <summary>Renders the HTML parts of mails.</summary>
internal sealed class MailRenderer(IServiceProvider services, ILoggerFactory loggers)
{
    public Task<string> DigestAsync(DigestParts parts) => RenderAsync<DigestMail>((nameof(DigestMail.Parts), parts));

    public Task<string> SignInAsync(SignInTexts texts, Uri page) => RenderAsync<SignInMail>((nameof(SignInMail.Texts), texts), (nameof(SignInMail.Page), page));

    private async Task<string> RenderAsync<TMail>(params (string Name, object? Value)[] parameters)
        where TMail : IComponent
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        var view = ParameterView.FromDictionary(parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal));
        return MailStyles.Inline(await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TMail>(view)).ToHtmlString()));
    }
}
