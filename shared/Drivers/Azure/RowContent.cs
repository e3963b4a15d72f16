namespace ContributionIngest.Drivers.Azure;

internal static class RowContent
{
    /// <summary>Whether two rows hold the same, absent values left out.</summary>
    public static bool Same(IReadOnlyDictionary<string, object?> one, IReadOnlyDictionary<string, object?> other)
    {
        foreach (var (name, value) in one)
        {
            if (value is not null && !(other.TryGetValue(name, out var counterpart) && Same(value, counterpart)))
                return false;
        }

        return one.Count(v => v.Value is not null) == other.Count(v => v.Value is not null);
    }

    private static bool Same(object value, object? counterpart) =>
        value is byte[] bytes ? counterpart is byte[] others && bytes.AsSpan().SequenceEqual(others) : value.Equals(counterpart);
}
