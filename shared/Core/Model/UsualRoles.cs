namespace ContributionIngest.Core.Model;

/// <summary>The person's role where nothing says another.</summary>
public static class UsualRoles
{
    public static Role Of(Kind kind) => kind switch
    {
        Kind.Talk or Kind.Workshop => Role.Speaker,
        Kind.Mentoring => Role.Mentor,
        Kind.Organising or Kind.Event => Role.Organiser,
        Kind.PullRequest or Kind.ForumAnswer or Kind.Feedback => Role.Contributor,
        Kind.Review => Role.Reviewer,
        Kind.Other => Role.Other,
        _ => Role.Author,
    };
}
