using System.Globalization;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>A person's account. The numeric id stays; the login is whoever's it is today.</summary>
internal sealed record Account(long Id, string Login, string? Name, string? Url)
{
    public string Origin => Id.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="SourceException">It is an organisation's or a bot's.</exception>
    public static Account? Of(User? told) => told switch
    {
        null or { Id: <= 0 } or { Login: null or "" } => null,
        { Type: AccountType.Organization } => throw new SourceException(
            Failure.Terminal, "notAPerson", $"'{told.Login}' is an organisation on GitHub. Type the login of a person, whose pull requests are wanted."),
        { Type: AccountType.Bot or AccountType.Mannequin } => throw new SourceException(
            Failure.Terminal, "notAPerson", $"'{told.Login}' is a program on GitHub and no person. Type the login of a person."),
        _ => new Account(told.Id, told.Login, string.IsNullOrWhiteSpace(told.Name) ? null : told.Name.Trim(), told.HtmlUrl),
    };
}
