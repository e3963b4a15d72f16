using ContributionIngest.Core.Areas;

namespace ContributionIngest.Core.Programmes;

/// <summary>Tells what names a programme's subject: a topic is one of its words, or the title has one, as a whole word.</summary>
public sealed class ProgrammeSubject(IReadOnlyList<string> words)
{
    private readonly HashSet<string> folded = [.. words.Select(AreaList.Fold)];

    public bool IsNamedIn(string title, IReadOnlyList<string> topics) => topics.Any(topic => folded.Contains(AreaList.Fold(topic))) || words.Any(word => HasWord(title, word));

    private static bool HasWord(string title, string word)
    {
        for (var at = title.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = title.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(title[at - 1])) && (end == title.Length || !char.IsLetterOrDigit(title[end])))
                return true;
        }

        return false;
    }
}
