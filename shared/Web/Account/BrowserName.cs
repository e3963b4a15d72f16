namespace ContributionIngest.Web.Account;

/// <summary>What people call their browser.</summary>
internal static class BrowserName
{
    /// <summary>The more special ones first: most browsers also say that they are Chrome, and all that they are Safari.</summary>
    private static readonly (string Token, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Token, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    /// <param name="agent">The header <c>User-Agent</c> (RFC 9110 section 10.1.5).</param>
    /// <returns>Such as "Firefox on Windows"; the header as it is, if it is unknown.</returns>
    public static string Of(string? agent)
    {
        if (agent is null)
            return "A browser that does not say what it is";
        var (browser, system) = (Find(Browsers, agent), Find(Systems, agent));
        return browser is null || system is null ? agent : $"{browser} on {system}";
    }

    private static string? Find((string Token, string Name)[] known, string agent) =>
        Array.Find(known, entry => agent.Contains(entry.Token, StringComparison.Ordinal)).Name;
}
