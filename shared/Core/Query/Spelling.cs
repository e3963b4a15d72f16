namespace ContributionIngest.Core.Query;

/// <summary>Which known name somebody may have meant.</summary>
public static class Spelling
{
    /// <summary>Characters of a name that are looked at.</summary>
    private const int Longest = 40;

    /// <summary>A sentence that names the closest known name, if any is close, and all of them.</summary>
    public static string Hint(string name, IReadOnlyList<string> known)
    {
        var start = name.Length <= Longest ? name : name[..Longest];
        var closest = known.MinBy(k => Distance(start, k));
        var isNear = closest is not null && Distance(start, closest) <= Math.Max(2, closest.Length / 2) && Distance(start, closest) < closest.Length;
        var near = isNear ? $"Did you mean '{closest}'? " : "";
        return $"{near}Known are {string.Join(", ", known)}.";
    }

    /// <summary>The Levenshtein distance, ignoring case.</summary>
    public static int Distance(string from, string to)
    {
        Span<int> row = stackalloc int[to.Length + 1];
        for (var j = 0; j < row.Length; j++)
            row[j] = j;
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(from[i]) == char.ToLowerInvariant(to[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
