using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Functions.Demo;

/// <summary>What a group shows without a token: pages for people, with JSON-LD for programs, and the calendar of its coming events.</summary>
internal sealed class MeetupDocuments(MeetupGroup group, string zone)
{
    public byte[] Calendar(IEnumerable<DatedEvening> coming, Uri root)
    {
        var ics = new StringBuilder();
        Line(ics, $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Meetup//Meetup Events v1.0//EN\nCALSCALE:GREGORIAN\nMETHOD:PUBLISH\nX-WR-CALNAME:Events - {Escaped(group.Name)}");
        foreach (var one in coming)
        {
            var address = one.Address(group, root);
            var text = $"{group.Name}\n{Local(one.Start).ToString("dddd, MMMM d 'at' h:mm tt", CultureInfo.InvariantCulture)}\n\n{one.Evening.Text}\n\n{address}";
            Line(ics, $"BEGIN:VEVENT\nDTSTART;TZID={zone}:{Stamp(one.Start)}\nDTEND;TZID={zone}:{Stamp(one.End)}");
            Line(ics, $"STATUS:{(one.Evening.Cancelled ? "CANCELLED" : "CONFIRMED")}\nSUMMARY:{Escaped(one.Evening.Title)}\nDESCRIPTION:{Escaped(text)}");
            Line(ics, "ORGANIZER;CN=Meetup Reminder:MAILTO:info@meetup.com\nCLASS:PUBLIC");
            Line(ics, $"URL;VALUE=URI:{address}\nSEQUENCE:1\nUID:event_{one.Evening.Id}@meetup.com\nEND:VEVENT");
        }

        Line(ics, "END:VCALENDAR");
        return Encoding.UTF8.GetBytes(ics.ToString());
    }

    public byte[] Page(IReadOnlyList<DatedEvening> evenings, Uri root)
    {
        var list = string.Concat(evenings.Reverse().Select(one =>
            $"<li><a href=\"{one.Address(group, root)}\">{WebUtility.HtmlEncode(one.Evening.Title)}</a>, {Local(one.Start).ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}</li>\n"));
        return Html(group.Name, "", $"<h1>{WebUtility.HtmlEncode(group.Name)}</h1>\n<ul>\n{list}</ul>");
    }

    public byte[] Page(DatedEvening one, Uri root)
    {
        var data = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(data))
        {
            json.WriteStartObject();
            json.WriteString("@context", "https://schema.org");
            json.WriteString("@type", "Event");
            json.WriteString("name", one.Evening.Title);
            json.WriteString("url", one.Address(group, root));
            json.WriteString("description", one.Evening.Text);
            json.WriteString("startDate", Local(one.Start).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            json.WriteString("endDate", Local(one.End).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            json.WriteString("eventStatus", one.Evening.Cancelled ? "https://schema.org/EventCancelled" : "https://schema.org/EventScheduled");
            json.WriteStartObject("organizer");
            json.WriteString("@type", "Organization");
            json.WriteString("name", group.Name);
            json.WriteString("url", new Uri(root, group.Urlname + "/").AbsoluteUri);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var script = $"<script type=\"application/ld+json\">{Encoding.UTF8.GetString(data.WrittenSpan)}</script>";
        return Html(one.Evening.Title, script, $"<h1>{WebUtility.HtmlEncode(one.Evening.Title)}</h1>\n<p>{WebUtility.HtmlEncode(one.Evening.Text)}</p>");
    }

    private static byte[] Html(string title, string head, string body) => Encoding.UTF8.GetBytes(
        $"<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{WebUtility.HtmlEncode(title)}</title>{head}</head>\n<body>\n{body}\n</body>\n</html>\n");

    private DateTimeOffset Local(DateTimeOffset time) => time.ToInstant().InZone(DateTimeZoneProviders.Tzdb[zone]).ToDateTimeOffset();

    private string Stamp(DateTimeOffset time) => Local(time).ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Lines are folded at 75 octets (RFC 5545, 3.1).</summary>
    private static void Line(StringBuilder ics, string lines)
    {
        foreach (var line in lines.Split('\n'))
        {
            var octets = 0;
            foreach (var letter in line.EnumerateRunes())
            {
                octets += letter.Utf8SequenceLength;
                if (octets > 75)
                {
                    ics.Append("\r\n ");
                    octets = 1 + letter.Utf8SequenceLength;
                }

                ics.Append(letter);
            }

            ics.Append("\r\n");
        }
    }
}
