using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>
/// Contributions as a calendar (iCalendar, RFC 5545). Entries whose date is unknown are left out; those known by the day, or with a derived date, are
/// events of that day in the person's zone. An end is given only if it is known.
/// </summary>
/// <remarks>
/// Ical.Net 5.2.4 makes a calendar as one text. It writes one component alone as well, but folds lines within characters beyond the 16-bit ones, which
/// are lost then, and keeps control characters.
/// </remarks>
public static class LedgerCalendar
{
    /// <summary>The most octets of a line, without its end (section 3.1).</summary>
    private const int MaxOctets = 75;

    /// <param name="output">The stream is left open.</param>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<Contribution> entries, LedgerOwner owner, CancellationToken cancel)
    {
        await using var stream = new DeferredStream(output, cancel);
        var lines = new StringBuilder();
        Add(lines, "BEGIN:VCALENDAR");
        Add(lines, "VERSION:2.0");
        Add(lines, "PRODID:-//ContributionIngest//Ledger//EN");
        Add(lines, "NAME:" + Text(owner.Title));
        Add(lines, "X-WR-CALNAME:" + Text(owner.Title));
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            AddEvent(lines, entry, owner);
            await stream.SendAsync(lines);
        }

        Add(lines, "END:VCALENDAR");
        await stream.SendAsync(lines);
        await stream.FlushAsync(cancel);
    }

    private static void AddEvent(StringBuilder lines, Contribution entry, LedgerOwner owner)
    {
        var values = entry.Effective();
        if (values.DatePrecision == DatePrecision.FirstSeen)
            return;
        Add(lines, "BEGIN:VEVENT");
        Add(lines, $"UID:{owner.Uuid(entry.Id)}");
        Add(lines, "DTSTAMP:" + Time(entry.Updated()));
        AddTimes(lines, values, owner);
        Add(lines, "SUMMARY:" + Text(values.Title));
        if (values.Url is { } url)
            Add(lines, "URL:" + url);
        if (values.Summary is { } summary)
            Add(lines, "DESCRIPTION:" + Text(summary));
        Add(lines, "CATEGORIES:" + string.Join(',', values.Topics.Prepend(CamelCase.ToWords(EnumText<Kind>.Of(values.Kind))).Select(Text)));
        if (values.Status == Status.Cancelled)
            Add(lines, "STATUS:CANCELLED");
        if (entry.Private)
            Add(lines, "CLASS:PRIVATE");
        Add(lines, "END:VEVENT");
    }

    private static void AddTimes(StringBuilder lines, ContributionValues values, LedgerOwner owner)
    {
        if (values.DatePrecision == DatePrecision.Exact)
        {
            var start = Time(values.When);
            Add(lines, "DTSTART:" + start);
            if (values.EndsAt is { } end && string.CompareOrdinal(Time(end), start) > 0)
                Add(lines, "DTEND:" + Time(end));
            return;
        }

        var day = owner.Day(values.When, values.DatePrecision);
        Add(lines, "DTSTART;VALUE=DATE:" + Day(day));

        // The ledger knows the last day; the calendar wants the day after it (section 3.6.1).
        if (values.EndsAt is { } last && owner.Day(last, values.DatePrecision) is var lastDay && lastDay >= day)
            Add(lines, "DTEND;VALUE=DATE:" + Day(lastDay.AddDays(1)));

        // A day on which something happened is not a day on which the person is busy.
        Add(lines, "TRANSP:TRANSPARENT");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Escaped (section 3.3.11).</summary>
    private static string Text(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var c in text.ReplaceLineEndings("\n"))
        {
            if (c is '\\' or ';' or ',')
                builder.Append('\\').Append(c);
            else if (c == '\n')
                builder.Append("\\n");
            else
                builder.Append(c);
        }

        return builder.ToString();
    }

    /// <summary>Adds a line, folded where it is too long, between characters, and without the control characters that no line may hold (section 3.1).</summary>
    private static void Add(StringBuilder lines, string line)
    {
        var octets = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (Rune.IsControl(rune) && rune.Value != '\t')
                continue;
            if (octets + rune.Utf8SequenceLength > MaxOctets)
            {
                lines.Append("\r\n ");
                octets = 1;
            }

            lines.Append(rune);
            octets += rune.Utf8SequenceLength;
        }

        lines.Append("\r\n");
    }
}
