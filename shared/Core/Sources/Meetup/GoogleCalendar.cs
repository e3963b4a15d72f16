namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Google's calendars: the page people embed stands for the calendar, and the secret address is no address to store.</summary>
internal static class GoogleCalendar
{
    /// <summary><c>/calendar/ical/…/private-0123…/basic.ics</c>.</summary>
    public static bool IsSecret(Uri address) => IsGoogle(address) && address.AbsolutePath.Contains("/private-", StringComparison.OrdinalIgnoreCase);

    /// <summary>The public iCal address of <c>/calendar/embed?src=…</c>; null for every other address.</summary>
    public static Uri? Public(Uri address)
    {
        if (!IsGoogle(address) || !address.AbsolutePath.StartsWith("/calendar/embed", StringComparison.Ordinal))
            return null;
        var id = address.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("src=", StringComparison.Ordinal))?[4..];
        return id?.Length > 0 ? new Uri($"https://{address.Authority}/calendar/ical/{Uri.EscapeDataString(Uri.UnescapeDataString(id))}/public/basic.ics") : null;
    }

    private static bool IsGoogle(Uri address) => address.IsAbsoluteUri && address.Host.Equals("calendar.google.com", StringComparison.OrdinalIgnoreCase);
}
