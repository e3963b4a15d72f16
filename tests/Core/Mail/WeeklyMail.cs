using System.Globalization;
using ContributionIngest.Core.Mail;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>
/// A week's digest and its mail, which can be killed anywhere: run in a process of its own it ends itself, without any farewell, at the n-th step:
/// a write to the store's tables, a mail about to leave, or a mail that just left. Mails that left stand in <c>left.txt</c>.
/// </summary>
internal static class WeeklyMail
{
    private static readonly DateTimeOffset Monday = new(2026, 6, 8, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The other process. Exit code 0: it got through before the n-th step came.</summary>
    public static async Task<int> RunAsync(string folder, int killAt)
    {
        using var home = new TemporaryFolder(folder);
        await using var app = await StartAsync(home, Monday.AddDays(-7), killAt);
        await app.WeekAsync();
        return 0;
    }

    /// <summary>The process after it, an hour later.</summary>
    public static async Task<AppFixture> ResumeAsync(TemporaryFolder folder)
    {
        var app = await StartAsync(folder, Monday, 0);
        for (var quarter = 0; quarter < 4; quarter++)
            await app.PassAsync(TimeSpan.FromMinutes(15));
        return app;
    }

    /// <summary>Message-IDs of mails that left.</summary>
    public static string[] Left(TemporaryFolder folder) => File.Exists(folder.File("left.txt")) ? File.ReadAllLines(folder.File("left.txt")) : [];

    private static async Task<AppFixture> StartAsync(TemporaryFolder folder, DateTimeOffset at, int killAt)
    {
        var steps = 0;
        void Step()
        {
            if (Interlocked.Increment(ref steps) == killAt)
                System.Diagnostics.Process.GetCurrentProcess().Kill();
        }

        var app = await MailFixture.StartAsync(new Leaving(folder, Step), folder, new TestClock(at));
        app.Table.Step = Step;
        return app;
    }

    private sealed class Leaving(TemporaryFolder folder, Action step) : IMail
    {
        public async Task<MailResult> SendAsync(Email email, CancellationToken cancel)
        {
            step();
            await File.AppendAllTextAsync(folder.File("left.txt"), string.Create(CultureInfo.InvariantCulture, $"{email.MessageId}\n"), cancel);
            step();
            return RecordingMail.Accepted;
        }

        public Task<int> DeleteAsync(IReadOnlyCollection<string> addresses, CancellationToken cancel) => Task.FromResult(0);
    }
}
