namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>Bytes of an iCalendar document → what it says. Never throws on input; a document that is no calendar is a value.</summary>
public static class CalendarReader
{
    /// <param name="charset">The HTTP charset parameter, if there was one. Bytes that are valid UTF-8 are UTF-8 whatever it says.</param>
    public static CalendarResult Read(ReadOnlySpan<byte> bytes, string? charset = null)
    {
        var text = CalendarBytes.ToUtf8(bytes, charset, out var transcoded);
        var start = text.TrimStart(" \t\r\n\0"u8);
        if (start.IsEmpty) return Refusal("empty", "The document is empty.");
        if (new ComponentReader().Read(text, transcoded) is { } calendar) return new CalendarResult(calendar, null);
        return start[0] switch
        {
            (byte)'<' => Refusal("html", "This is a page or an XML document, not a calendar. Look for a link that ends in .ics."),
            (byte)'{' or (byte)'[' => Refusal("json", "This is JSON, not a calendar. Look for a link that ends in .ics."),
            _ => Refusal("notACalendar", "There is no BEGIN:VCALENDAR in the document."),
        };
    }

    private static CalendarResult Refusal(string code, string message) => new(null, new CalendarError(code, message));
}

/// <summary>Either a calendar or the reason why it is none.</summary>
public sealed record CalendarResult(CalendarDocument? Calendar, CalendarError? Error);

/// <param name="Code">Stable word: <c>empty</c>, <c>html</c>, <c>json</c>, <c>notACalendar</c>.</param>
public sealed record CalendarError(string Code, string Message);
