using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>Finds the talks that an entry may be the recording or the recap of. It only proposes: words that two titles share are no proof.</summary>
public sealed class LikelyWholes(LedgerLines lines)
{
    private const int Most = 3;

    /// <summary>Fewer words say too little.</summary>
    private const int MinWords = 3;

    /// <summary>Recordings are often published months later.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromDays(550);

    private static readonly TimeSpan After = TimeSpan.FromDays(2);

    private static readonly Kind[] Wholes = [Kind.Talk, Kind.Workshop, Kind.Event, Kind.Organising];

    private static readonly Kind[] Parts = [Kind.Video, Kind.BlogPost, Kind.Article, Kind.PodcastEpisode];

    /// <summary>The nearest in time first; empty for what belongs to something already, or could not.</summary>
    public async Task<IReadOnlyList<LedgerLine>> FindAsync(string person, Contribution entry, CancellationToken cancel)
    {
        var values = entry.Effective();
        if (!Parts.Contains(values.Kind) || !MonthRollup.IsCounted(entry) || entry.Parts is not null)
            return [];
        var words = Words(values.Title);
        var found = new List<LedgerLine>();
        await foreach (var line in lines.NewestFirstAsync(person, values.When - Before, values.When + After, cancel))
        {
            if (Wholes.Contains(line.Kind) && line.IsCounted && line.Id != entry.Id && entry.NotPartOf?.Contains(line.Id) != true && IsLike(Words(line.Title), words))
                found.Add(line);
        }

        return [.. found.OrderBy(line => (values.When - line.When).Duration()).Take(Most)];
    }

    /// <summary>All words of the talk's title are in the other one, which may name the event or the speaker besides.</summary>
    private static bool IsLike(HashSet<string> whole, HashSet<string> part) => whole.Count >= MinWords && whole.IsSubsetOf(part);

    private static HashSet<string> Words(string title) =>
        [.. SearchText.Of(title).Split([.. " \t\u00a0-–—_:;,.!?()[]{}/|\"'“”‘’«»"], StringSplitOptions.RemoveEmptyEntries)];
}
