using System.Globalization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>
/// Named values as they came, and everything that is wrong with them: all faults are collected, each says what came and what is allowed.
/// </summary>
public sealed class Parameters
{
    private readonly Dictionary<string, IReadOnlyList<string>> values;
    private readonly SortedDictionary<string, List<string>> faults = new(StringComparer.Ordinal);

    /// <param name="sent">Each name with all the values it came with.</param>
    /// <param name="known">The names that mean something; any other is a fault.</param>
    public Parameters(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> sent, IReadOnlyList<string> known)
    {
        values = new(StringComparer.Ordinal);
        foreach (var (name, given) in sent)
        {
            if (known.Contains(name, StringComparer.Ordinal))
                values[name] = given;
            else
                Fault(name, $"There is no parameter '{Shown(name)}'. {Spelling.Hint(name, known)}");
        }
    }

    /// <summary>By name; empty when all is well.</summary>
    public Dictionary<string, string[]> Faults => faults.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal);

    public bool IsSound => faults.Count == 0;

    public void Fault(string name, string message)
    {
        if (!faults.TryGetValue(name, out var messages))
            faults[name] = messages = [];
        if (!messages.Contains(message, StringComparer.Ordinal))
            messages.Add(message);
    }

    /// <summary>The one value, null when it was not given. Twice is a fault.</summary>
    public string? One(string name)
    {
        if (!values.TryGetValue(name, out var given) || given.Count == 0)
            return null;
        if (given.Count > 1)
            Fault(name, $"'{name}' came {given.Count} times; it may come once.");
        return given[0];
    }

    /// <summary>All values, repeated or separated by commas.</summary>
    public IReadOnlyList<string> Many(string name)
    {
        if (!values.TryGetValue(name, out var given))
            return [];
        List<string> all = [.. given.SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        if (all.Count == 0)
            Fault(name, $"'{name}' came empty; leave it out or give at least one value.");
        return all;
    }

    /// <summary>Words of the product.</summary>
    /// <param name="also">A word that is allowed besides.</param>
    public IReadOnlySet<T> Words<T>(string name, string? also = null)
        where T : struct, Enum
    {
        var words = new HashSet<T>();
        foreach (var text in Many(name))
        {
            if (EnumText<T>.TryParse(text, out var word))
                words.Add(word);
            else if (also is null || !text.Equals(also, StringComparison.OrdinalIgnoreCase))
                Refuse(name, text, $"one or more of {string.Join(", ", also is null ? EnumText<T>.All : [.. EnumText<T>.All, also])}");
        }

        return words;
    }

    /// <summary>One of a few words; the first when it was not given.</summary>
    public string Choice(string name, params ReadOnlySpan<string> allowed)
    {
        if (One(name) is not { } text)
            return allowed[0];
        foreach (var word in allowed)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                return word;
        }

        Refuse(name, text, $"one of {string.Join(", ", allowed)}");
        return allowed[0];
    }

    public int? Number(string name, int least, int most, string? also = null)
    {
        if (One(name) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Refuse(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}{also}"));
        return null;
    }

    public DateOrInstant? Moment(string name)
    {
        if (One(name) is not { } text)
            return null;
        if (ContributionIngest.Core.Model.DateOrInstant.TryParse(text, out var moment))
            return moment;
        Refuse(name, text, ContributionIngest.Core.Model.DateOrInstant.Allowed);
        return null;
    }

    public DateOnly? Day(string name)
    {
        if (One(name) is not { } text)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && ContributionIngest.Core.Model.DateOrInstant.IsSupported(day))
            return day;
        Refuse(name, text, "a day like 2026-03-31");
        return null;
    }

    public void Refuse(string name, string came, string allowed) => Fault(name, $"'{Shown(came)}' is not {allowed}.");

    /// <summary>What came is said back, but not at any length.</summary>
    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}

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
