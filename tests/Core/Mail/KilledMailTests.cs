using System.Diagnostics;
using System.Globalization;
using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>A process killed anywhere never leads to a second mail; where one may have left it says so, and elsewhere it leaves.</summary>
public sealed class KilledMailTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Death_at_any_step_of_a_week_leaves_one_mail_sent_or_reported_as_unconfirmed()
    {
        var found = new List<string>();
        var exit = 1;
        for (var point = 1; exit != 0; point++)
        {
            using var folder = new TemporaryFolder();
            exit = await RunKilledAsync(folder.FullName, point);
            found.Add(await LookAsync(folder));
            output.WriteLine($"{point}: {found[^1]}");
        }

        Assert.Contains("sent, left 1", found);
        Assert.Contains("claimed, left 0", found);
        Assert.Contains("claimed, left 1", found);
        Assert.True(found.Count > 10, "There were hardly any steps.");
    }

    private static async Task<string> LookAsync(TemporaryFolder folder)
    {
        await using var app = await WeeklyMail.ResumeAsync(folder);
        var (state, left) = (await app.StateAsync(), WeeklyMail.Left(folder).Length);
        if (state == "claimed")
        {
            Assert.InRange(left, 0, 1);
            Assert.Equal(["2026-W23"], await app.UnconfirmedAsync());
            Assert.Equal(HttpStatusCode.Accepted, await app.AgainAsync());
            Assert.Equal("sent", await app.StateAsync());
            Assert.Equal(left + 1, WeeklyMail.Left(folder).Length);
            Assert.Single(WeeklyMail.Left(folder).Distinct(StringComparer.Ordinal));
        }
        else
        {
            Assert.Equal(("sent", 1), (state, left));
        }

        Assert.Empty(await app.UnconfirmedAsync());
        Assert.Empty(app.Failures);
        return string.Create(CultureInfo.InvariantCulture, $"{state}, left {left}");
    }

    private static async Task<int> RunKilledAsync(string folder, int point)
    {
        string[] arguments = [typeof(KilledMailTests).Assembly.Location, "weekly-mail", folder, point.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());
        return process.ExitCode;
    }
}
