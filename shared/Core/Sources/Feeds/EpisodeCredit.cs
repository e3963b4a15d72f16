using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// What somebody was in an episode of a podcast that is not theirs. Credits of the episode (<c>podcast:person</c>, its author) are certain; a name in the
/// title or the text may be somebody who is only talked about, and is a suggestion.
/// </summary>
/// <param name="Role">Null: what the person says, or author.</param>
internal sealed record EpisodeCredit(Role? Role, bool IsSuggestion)
{
    /// <summary>Roles of the podcast taxonomy (podcast namespace, person) beside those of the crew.</summary>
    private static readonly string[] Hosts = ["host", "co-host", "cohost", "guest host"];

    private static readonly string[] Guests = ["guest", "interviewee", "panelist", "speaker"];

    private static readonly string[] Authors = ["author", "writer", "creator"];

    /// <returns>Null if the entry does not name the person.</returns>
    public static EpisodeCredit? Of(FeedDocument feed, FeedEntry entry, PersonNames names)
    {
        if (entry.People.FirstOrDefault(person => names.AreIn(person.Name)) is { } credited)
            return new(RoleOf(credited.Role), IsSuggestion: false);

        // In Atom and JSON Feed the feed's author is that of all entries that name none.
        var isOwn = feed.Format.StartsWith("rss", StringComparison.Ordinal) || entry.Author != feed.Author;
        if (entry.Authors.Any(names.AreIn) || (isOwn && names.AreIn(entry.Author)))
            return new(null, IsSuggestion: false);
        return names.AreMentioned(entry.Title, entry.Summary) ? new(Model.Role.Speaker, IsSuggestion: true) : null;
    }

    private static Role RoleOf(string? role)
    {
        var word = role?.ToLowerInvariant() ?? "host";
        if (Hosts.Contains(word, StringComparer.Ordinal))
            return Model.Role.Host;
        if (Guests.Contains(word, StringComparer.Ordinal))
            return Model.Role.Speaker;
        return Authors.Contains(word, StringComparer.Ordinal) ? Model.Role.Author : Model.Role.Contributor;
    }
}
