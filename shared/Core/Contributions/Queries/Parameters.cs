using System.Globalization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>
/// Parameters as received, with their errors. All errors are collected; each names the value received and what is allowed.
/// </summary>
public sealed class Parameters
{
    private readonly Dictionary<string, IReadOnlyList<string>> values;
    private readonly SortedDictionary<string, List<string>> faults = new(StringComparer.Ordinal);

    /// <param name="sent">Each name with all its values.</param>
    /// <param name="known">The valid names; any other is an error.</param>
    public Parameters(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> sent, IReadOnlyList<string> known)
    {
        values = new(StringComparer.Ordinal);
        foreach (var (name, received) in sent)
        {
            if (known.Contains(name, StringComparer.Ordinal))
                values[name] = received;
            else
                Fault(name, $"There is no parameter '{Truncated(name)}'. {Spelling.Hint(name, known)}");
        }
    }

    /// <summary>Errors by parameter name; empty when all parameters are valid.</summary>
    public Dictionary<string, string[]> Faults => faults.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal);

    public bool IsValid => faults.Count == 0;

    public void Fault(string name, string message)
    {
        if (!faults.TryGetValue(name, out var messages))
            faults[name] = messages = [];
        if (!messages.Contains(message, StringComparer.Ordinal))
            messages.Add(message);
    }

    /// <summary>The single value; null when absent. More than one is an error.</summary>
    public string? One(string name)
    {
        if (!values.TryGetValue(name, out var received) || received.Count == 0)
            return null;
        if (received.Count > 1)
            Fault(name, $"'{name}' was given {received.Count} times; it may be given only once.");
        return received[0];
    }

    /// <summary>All values, from repeated parameters or separated by commas.</summary>
    public IReadOnlyList<string> Many(string name)
    {
        if (!values.TryGetValue(name, out var received))
            return [];
        List<string> all = [.. received.SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        if (all.Count == 0)
            Fault(name, $"'{name}' is empty; omit it or give at least one value.");
        return all;
    }

    /// <summary>Enum values by name.</summary>
    /// <param name="also">An additional valid name.</param>
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

    /// <summary>One of the allowed words; the first when absent.</summary>
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

    public int? Number(string name, int min, int max, string? also = null)
    {
        if (One(name) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Refuse(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}{also}"));
        return null;
    }

    public DateOrInstant? Moment(string name)
    {
        if (One(name) is not { } text)
            return null;
        if (DateOrInstant.TryParse(text, out var moment))
            return moment;
        Refuse(name, text, DateOrInstant.Allowed);
        return null;
    }

    public DateOnly? Day(string name)
    {
        if (One(name) is not { } text)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && DateOrInstant.IsSupported(day))
            return day;
        Refuse(name, text, "a day like 2026-03-31");
        return null;
    }

    public void Refuse(string name, string value, string allowed) => Fault(name, $"'{Truncated(value)}' is not {allowed}.");

    /// <summary>Truncates a value for use in an error message.</summary>
    private static string Truncated(string text) => text.Length <= 80 ? text : text[..80] + "…";
}

/// <summary>Suggests a known name for a misspelt one.</summary>
public static class Spelling
{
    /// <summary>The most characters of a name that are compared.</summary>
    private const int MaxLength = 40;

    /// <summary>Text that suggests the closest known name, if one is close, and lists all of them.</summary>
    public static string Hint(string name, IReadOnlyList<string> known)
    {
        var start = name.Length <= MaxLength ? name : name[..MaxLength];
        var closest = known.MinBy(k => Distance(start, k));
        var isNear = closest is not null && Distance(start, closest) <= Math.Max(2, closest.Length / 2) && Distance(start, closest) < closest.Length;
        var near = isNear ? $"Did you mean '{closest}'? " : "";
        return $"{near}Valid names are {string.Join(", ", known)}.";
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
