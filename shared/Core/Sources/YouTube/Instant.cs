using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>Times as YouTube writes them.</summary>
internal static class Instant
{
    private const int Digits = 7;

    /// <summary>RFC 3339; feeds have up to nine digits of a second, of which we keep seven.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        text = text?.Trim();
        if (text is not { Length: >= 10 and <= 60 })
            return null;
        if (text.IndexOf('.', StringComparison.Ordinal) is var point and >= 0)
        {
            var end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (end - point - 1 > Digits)
                text = text[..(point + 1 + Digits)] + text[end..];
        }

        return char.IsAsciiDigit(text[0])
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToUniversalTime()
                : null;
    }

    public static DateTimeOffset? Time(this JsonElement of, params ReadOnlySpan<string> path) => Parse(of.Text(path));

    /// <summary>ISO 8601: <c>PT1H2M3S</c>, <c>P1DT2H3M4S</c>, <c>P1W</c>; null for none at all, as <c>P0D</c> of what has not happened yet.</summary>
    public static double? Minutes(string? duration)
    {
        if (duration is not { Length: > 2 and < 40 } || duration[0] != 'P')
            return null;
        var (seconds, number, isTime) = (0d, 0d, false);
        foreach (var c in duration.AsSpan(1))
        {
            if (char.IsAsciiDigit(c))
            {
                number = (number * 10) + (c - '0');
                continue;
            }

            if (c == 'T')
            {
                isTime = true;
                continue;
            }

            double? unit = (c, isTime) switch
            {
                ('W', false) => 7 * 86_400,
                ('D', false) => 86_400,
                ('H', true) => 3600,
                ('M', true) => 60,
                ('S', true) => 1,
                _ => null,
            };
            if (unit is null)
                return null;
            (seconds, number) = (seconds + (number * unit.Value), 0);
        }

        return seconds is > 0 and < 1e9 ? Math.Max(0.1, Math.Round(seconds / 60, 1)) : null;
    }
}
