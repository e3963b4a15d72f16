using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Finds the account a person typed, and the current login of an account.</summary>
internal sealed partial class AccountResolver(GitHubApi github, GitHubOptions options)
{
    private const string Try = "Type the person's login, e.g. octocat, or the address of their profile.";

    public async Task<Account> FindAsync(string typed, string? token, CancellationToken cancel)
    {
        var login = Login(typed);
        try
        {
            return Account.Of(await github.Client(token, cancel).User.Get(login)) ?? throw GitHubFailures.Unreadable(options.Api.Host);
        }
        catch (NotFoundException)
        {
            throw SourceException.Terminal("noSuchUser", $"{options.Site.Host} knows no user '{login}'. Check the spelling. {Try}");
        }
        catch (ApiException refusal)
        {
            throw GitHubFailures.Of(refusal, github.Now);
        }
    }

    /// <summary>The account a token belongs to.</summary>
    public async Task<Account> OwnAsync(string token, CancellationToken cancel)
    {
        try
        {
            return Account.Of(await github.Client(token, cancel).User.Current()) ?? throw GitHubFailures.Unreadable(options.Api.Host);
        }
        catch (ApiException refusal)
        {
            throw GitHubFailures.Of(refusal, github.Now);
        }
    }

    /// <exception cref="SourceException">Gone: no account has that id any more.</exception>
    public async Task<Account> CurrentAsync(string id, string? token, CancellationToken cancel)
    {
        try
        {
            var user = (await github.Client(token, cancel).Connection.Get<User>(new Uri("user/" + id, UriKind.Relative), null, null, cancel)).Body;
            return Account.Of(user) is { } found && found.Origin == id ? found : throw GitHubFailures.Unreadable(options.Api.Host);
        }
        catch (ApiException refusal) when (refusal.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            throw new SourceException(
                Failure.Gone, "gone", $"The account is no longer on {options.Site.Host}. Its contributions stay in the ledger; if there is a new account, connect that.");
        }
        catch (ApiException refusal)
        {
            throw GitHubFailures.Of(refusal, github.Now);
        }
    }

    private string Login(string typed)
    {
        var text = typed.Trim();
        var name = text.TrimStart('@');
        if (LoginShape().IsMatch(name))
            return name;
        if (options.PathSegments(text) is not { } path)
            throw SourceException.Terminal("notGitHub", $"This is neither a login nor an address on {options.Site.Host}. {Try}");
        var first = path.Length > 0 ? path[0].TrimStart('@') : string.Empty;
        return path switch
        {
            [] => throw SourceException.Terminal("notAPerson", $"This is the front page of {options.Site.Host}. {Try}"),
            [.., var last] when last.EndsWith(".atom", StringComparison.OrdinalIgnoreCase) => throw SourceException.Terminal(
                "notAPerson", "This is the address of a feed. Connect it with source feed."),
            ["orgs" or "enterprises", ..] => throw SourceException.Terminal("notAPerson", $"This is the address of an organisation. {Try}"),
            [_, var repository, "pull" or "pulls" or "issues", ..] => throw SourceException.Terminal(
                "notAPerson", $"This address lies in the repository {first}/{repository} and names no person. Type the login of who made the pull request."),
            [_, var repository, ..] => throw SourceException.Terminal("notAPerson", $"This is the repository {first}/{repository}, not a person. {Try}"),
            _ when LoginShape().IsMatch(first) => first,
            _ => throw SourceException.Terminal("notAPerson", $"This address names no person. {Try}"),
        };
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", RegexOptions.None, 1000)]
    private static partial Regex LoginShape();
}

/// <summary>A person's account. The numeric id stays; the login may change, and pass to someone else.</summary>
internal sealed record Account(long Id, string Login, string? Name, string? Url)
{
    public string Origin => Id.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="SourceException">An organisation or a bot.</exception>
    public static Account? Of(User? user) => user switch
    {
        null or { Id: <= 0 } or { Login: null or "" } => null,
        { Type: AccountType.Organization } => throw SourceException.Terminal(
            "notAPerson", $"'{user.Login}' is an organisation on GitHub. Type the login of a person."),
        { Type: AccountType.Bot or AccountType.Mannequin } => throw SourceException.Terminal(
            "notAPerson", $"'{user.Login}' is a bot on GitHub, not a person. Type the login of a person."),
        _ => new Account(user.Id, user.Login, string.IsNullOrWhiteSpace(user.Name) ? null : user.Name.Trim(), user.HtmlUrl),
    };
}

/// <summary>The login of an account while it is read, even if it changes meanwhile.</summary>
internal sealed class AccountLogin(AccountResolver accounts, string origin, string login, string? token)
{
    private string reported = login;

    public string Login { get; private set; } = login;

    /// <summary>The login differs from the one last reported.</summary>
    public bool HasChanged => Login != reported;

    /// <summary>Reports a changed login, once.</summary>
    public string? TakeChange()
    {
        var changed = HasChanged ? Login : null;
        reported = Login;
        return changed;
    }

    public bool Owns(PullRequestPage? page) => page?.Account.Origin == origin;

    /// <summary>The login has no account, or another one: looks up the current login.</summary>
    /// <exception cref="SourceException">The login is still the account's, or the account is gone.</exception>
    public async Task FollowRenameAsync(string host, CancellationToken cancel)
    {
        var current = (await accounts.CurrentAsync(origin, token, cancel)).Login;
        Login = current != Login ? current : throw GitHubFailures.Hidden(host, Login);
    }
}
