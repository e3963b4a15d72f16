namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>The login an account has while it is read, also where it gets another one.</summary>
internal sealed class AccountLogin(Accounts accounts, string origin, string login, string? token)
{
    private string told = login;

    public string Login { get; private set; } = login;

    /// <summary>The login is another one than was told last.</summary>
    public bool IsNew => Login != told;

    /// <summary>The login where it is new; it is not from here on.</summary>
    public string? Tell()
    {
        var news = IsNew ? Login : null;
        told = Login;
        return news;
    }

    public bool IsOf(PullRequestPage? page) => page?.Account.Origin == origin;

    /// <summary>Nothing is there under the login, or another's.</summary>
    /// <exception cref="SourceException">It is the login of the account all the same, or there is no such account any more.</exception>
    public async Task FollowAsync(string host, CancellationToken cancel)
    {
        var current = (await accounts.CurrentAsync(origin, token, cancel)).Login;
        Login = current != Login ? current : throw GitHubFailures.NotTheirs(host, Login);
    }
}
