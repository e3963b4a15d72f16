using ContributionIngest.Core.Mail;

namespace ContributionIngest.Tests.Core.Mail;

internal static class Letters
{
    public static readonly Email Some = new(
        "juna@example.com",
        "Your week",
        "Ferry timetables\n\nOne post.\n",
        "<!doctype html>\n<p>Ferry timetables</p>\n",
        "2026-W22.abc@digest.example.org",
        new DateTimeOffset(2026, 6, 1, 8, 0, 0, TimeSpan.FromHours(2)),
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Auto-Submitted"] = "auto-generated",
            ["List-Id"] = "ContributionIngest digest <digest.example.org>",
            ["List-Unsubscribe"] = "<https://digest.example.org/unsubscribe/" + new string('t', 300) + ">",
            ["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click",
        });
}
