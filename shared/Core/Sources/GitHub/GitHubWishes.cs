namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>What is read of an account, by the connection's options. All but pull requests in one's own repositories is, unless it is switched off.</summary>
internal sealed record GitHubWishes(bool PullRequests, bool OwnRepositories, bool Reviews, bool Answers, bool Projects)
{
    public static IReadOnlyList<SourceOption> Options { get; } =
    [
        SourceOption.Flag("pullRequests", "whether your pull requests are read", isOn: true) with { Label = "Pull requests" },
        SourceOption.Flag("ownRepositories", "whether pull requests in your own repositories count as well") with { Label = "Pull requests in your own repositories, too" },
        SourceOption.Flag("reviews", "whether your reviews of other people's pull requests are read", isOn: true) with { Label = "Reviews of other people's pull requests" },
        SourceOption.Flag("answers", "whether your accepted answers in discussions are read", isOn: true) with { Label = "Accepted answers in discussions" },
        SourceOption.Flag("projects", "whether projects that you may maintain are proposed", isOn: true) with { Label = "Projects you may maintain, of which you are asked" },
    ];

    public static GitHubWishes Of(IReadOnlyDictionary<string, string> options)
    {
        return new GitHubWishes(IsOn("pullRequests"), IsOn("ownRepositories"), IsOn("reviews"), IsOn("answers"), IsOn("projects"));

        bool IsOn(string name) => Options.Single(option => option.Name == name).IsOn(options);
    }
}
