namespace ContributionIngest.Core.Query;

/// <summary>Which known name somebody may have meant.</summary>
public static class Spelling
{
    /// <summary>A sentence that names the closest known name, if any is close, and all of them.</summary>
    public static string Hint(string name, IReadOnlyList<string> known)
    {
        var closest = known.MinBy(k => Distance(name, k));
        var isNear = closest is not null && Distance(name, closest) <= Math.Max(2, closest.Length / 2) && Distance(name, closest) < closest.Length;
        var near = isNear ? $"Did you mean '{closest}'? " : "";
        return $"{near}Known are {string.Join(", ", known)}.";
    }

    /// <summary>Levenshtein's, on the first 40 characters, blind to case.</summary>
    private static int Distance(string from, string to)
    {
        var a = from.Length <= 40 ? from : from[..40];
        Span<int> row = stackalloc int[to.Length + 1];
        for (var j = 0; j < row.Length; j++)
            row[j] = j;
        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i]) == char.ToLowerInvariant(to[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
