namespace ContributionIngest.Core.Programmes;

/// <summary>
/// Levels by points, for a programme whose points begin anew every year: a level is held for the rest of the year it is reached in and the whole year after it. Who has fewer points
/// than it takes in that year falls by one level, but not below what those points reach.
/// </summary>
/// <param name="levels">Points a year for each level.</param>
public sealed class PointLevels(IReadOnlyDictionary<string, int> levels)
{
    private readonly (string Name, int Points)[] ascending = [.. levels.Select(level => (level.Key, level.Value)).OrderBy(level => level.Value)];

    /// <summary>The level that is held in the last of some years; null if none is.</summary>
    /// <param name="years">The points of each year since the person began, the last of them so far.</param>
    public string? After(IReadOnlyList<int> years)
    {
        var held = -1;
        for (var year = 0; year < years.Count; year++)
        {
            if (year > 0 && Reached(years[year - 1]) < held)
                held--;
            held = Math.Max(held, Reached(years[year]));
        }

        return held < 0 ? null : ascending[held].Name;
    }

    /// <summary>The next level and what is missing to it in this year; null at the highest.</summary>
    public (string Name, int Missing)? Next(int points)
    {
        var next = Array.FindIndex(ascending, level => level.Points > points);
        return next < 0 ? null : (ascending[next].Name, ascending[next].Points - points);
    }

    private int Reached(int points) => Array.FindLastIndex(ascending, level => level.Points <= points);
}
