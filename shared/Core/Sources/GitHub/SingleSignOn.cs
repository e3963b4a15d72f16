using ContributionIngest.Core.Http;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// What GitHub withholds from a token that is not authorised for an organisation's single sign-on: rows, or a whole answer. The header says so.
/// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-protected-by-saml-sso
/// </summary>
internal static class SingleSignOn
{
    public const string Code = "singleSignOn";

    private const string Header = "X-GitHub-SSO";
    private const int MaxOrganisations = 20;

    /// <summary>Ids of the organisations whose rows are missing from an answer.</summary>
    public static IReadOnlyList<string> Organisations(Fetched answer) =>
        Value(answer, "partial-results", "organizations") is { } list ? [.. list.Split(',', StringSplitOptions.TrimEntries).Where(IsId)] : [];

    /// <summary>Together, separated by commas; null if there are none.</summary>
    public static string? Join(string? known, IReadOnlyList<string> more) => more.Count == 0 ? known
        : string.Join(',', (known?.Split(',') ?? []).Concat(more).Distinct(StringComparer.Ordinal).Take(MaxOrganisations));

    public static string Withheld(string organisations)
    {
        var ids = organisations.Split(',');
        var whose = ids.Length == 1 ? $"the organisation {ids[0]}, which requires" : $"the organisations {string.Join(", ", ids)}, which require";
        return $"GitHub withholds what belongs to {whose} single sign-on: authorise the token in GitHubToken for it, under “Configure SSO” in the token's settings.";
    }

    /// <summary>A sentence about an answer that was refused altogether; null if it was refused for another reason.</summary>
    public static string? Refusal(Fetched answer)
    {
        if (Value(answer, "required", "url") is not { } url)
            return answer.Header(Header)?.StartsWith("required", StringComparison.OrdinalIgnoreCase) == true ? Sentence("under “Configure SSO” in the token's settings") : null;

        // The rest of the address is a ticket of this request.
        return Sentence(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? "at " + address.GetLeftPart(UriPartial.Path)
            : "under “Configure SSO” in the token's settings");
    }

    private static string Sentence(string where) => $"GitHub does not accept the token in GitHubToken before it is authorised for single sign-on, {where}.";

    /// <summary><c>what; name=value</c>.</summary>
    private static string? Value(Fetched answer, string what, string name)
    {
        var parts = answer.Header(Header)?.Split(';', StringSplitOptions.TrimEntries) ?? [];
        return parts.Length > 1 && parts[0].Equals(what, StringComparison.OrdinalIgnoreCase)
            ? parts.Skip(1).Where(part => part.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase)).Select(part => part[(name.Length + 1)..]).FirstOrDefault()
            : null;
    }

    private static bool IsId(string text) => text.Length is > 0 and <= 20 && text.All(char.IsAsciiDigit);
}
