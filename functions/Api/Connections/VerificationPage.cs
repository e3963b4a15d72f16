using ContributionIngest.Core.Model;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.SignIn;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary><c>GET /verify/{token}</c>: where <c>rel=me</c> links of blogs lead. It is the same for every token, so it tells nobody which ones are in use.</summary>
internal static class VerificationPage
{
    private const string Path = "/verify/";

    public static void MapVerification(this IEndpointRouteBuilder site) => site.MapGet(Path + "{token}", Show).IsOpen();

    /// <summary>The address for a connection's <c>rel=me</c> link; null while no public address is set.</summary>
    public static string? Address(PublicAddress here, string connection) =>
        here.Url is null ? null : here.Url.AbsoluteUri.TrimEnd('/') + Path + VerificationToken.Of(connection);

    private static IResult Show(string token) => Identity.IsWellFormed(token)
        ? Message("This address proves whose a blog is", "A blog links here with rel=me to prove to this site that it belongs to one of its accounts. Nothing else is shown.", StatusCodes.Status200OK)
        : Message("There is no such page", "Check the address.", StatusCodes.Status404NotFound);

    private static PageResult<MessagePage> Message(string title, string text, int status) =>
        new(title, (nameof(MessagePage.Title), title), (nameof(MessagePage.Text), text)) { IsAlone = true, HasNoForms = true, Status = status };
}
