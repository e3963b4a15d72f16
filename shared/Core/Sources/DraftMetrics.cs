using System.Globalization;

namespace ContributionIngest.Core.Sources;

/// <summary>The numbers of a draft. Unknown is absent, never zero.</summary>
internal static class DraftMetrics
{
    public static Dictionary<string, double> Of(params ReadOnlySpan<(string Name, double? Value)> values)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            if (value is { } known)
                metrics[name] = known;
        }

        return metrics;
    }

    /// <summary>A count written as text; null for anything else.</summary>
    public static double? Count(string? text) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && double.IsFinite(count) ? count : null;
}
