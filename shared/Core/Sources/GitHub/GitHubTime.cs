using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Times as GitHub writes them.</summary>
internal static class GitHubTime
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static DateTimeOffset? Time(this JsonElement of, string name) =>
        DateTimeOffset.TryParseExact(of.Text(name), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;
}
