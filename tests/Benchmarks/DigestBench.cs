using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Core.Mail;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench digest</c>: the digests of one week for 10,000 people with twelve entries each, from the planner's minute to the mails handed
/// over, one after the other over the embedded store.
/// </summary>
internal static class DigestBench
{
    private const int Entries = 12;

    public static async Task<int> RunAsync(string[] rest)
    {
        var people = rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 10_000;
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail, perHour: 1_000_000);
        var fill = Stopwatch.StartNew();
        await FillAsync(app, people - 1);
        fill.Stop();

        app.Clock.Advance(TimeSpan.FromDays(7));
        app.Table.Forget();
        var plan = Stopwatch.StartNew();
        await app.CallAsync("Plan");
        plan.Stop();
        var planned = await app.Store.Queue.CountAsync(DigestMessage.Queue, default);
        for (var minute = 0; planned < people && minute < 60; minute++)
        {
            plan.Start();
            await app.CallAsync("Plan");
            plan.Stop();
            planned = await app.Store.Queue.CountAsync(DigestMessage.Queue, default);
        }

        app.Table.Forget();
        var digests = await WorkAsync(app, DigestMessage.Queue, "SendDigest");
        var rows = app.Table.LedgerRows;
        app.Table.Forget();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var mails = await WorkAsync(app, MailMessage.Queue, "SendMail");

        var sizes = mail.Letters.Select(l => System.Text.Encoding.UTF8.GetByteCount(l.Html)).Order().ToList();
        var table = new Table("what", "number", "whole s", "p50 ms", "p99 ms");
        table.Add("people filled in", Text(people), Seconds(fill), "-", "-");
        table.Add("planned", Text(planned), Seconds(plan), "-", "-");
        table.Add("digests made", Text(digests.Count), Text(digests.Sum() / 1000), Text(At(digests, 50)), Text(At(digests, 99)));
        table.Add("mails handed over", Text(mail.Letters.Count), Text(mails.Sum() / 1000), Text(At(mails, 50)), Text(At(mails, 99)));
        table.Add("ledger rows read a digest", Text((double)rows / people), "-", "-", "-");
        table.Add("HTML in bytes, middle and largest", $"{sizes[sizes.Count / 2]} {sizes[^1]}", "-", "-", "-");
        table.Print();
        return mail.Letters.Select(l => l.To).Distinct(StringComparer.Ordinal).Count() == people ? 0 : 1;
    }

    private static async Task FillAsync(ContributionIngest.Tests.Support.AppFixture app, int people)
    {
        var writer = app.App.Services.GetRequiredService<LedgerWriter>();
        var owner = (await app.App.Services.GetRequiredService<Owner>().FindAsync(default))!.Id;
        await WriteAsync(writer, owner, app.Clock.GetUtcNow());
        for (var n = 0; n < people; n++)
            await WriteAsync(writer, (await app.AddAsync($"{n}@example.com")).Id, app.Clock.GetUtcNow());
    }

    private static async Task WriteAsync(LedgerWriter writer, string person, DateTimeOffset now)
    {
        Kind[] kinds = [Kind.BlogPost, Kind.PullRequest, Kind.Video, Kind.Event];
        var drafts = Enumerable.Range(0, Entries).Select(n => new Draft
        {
            NativeId = n.ToString(CultureInfo.InvariantCulture),
            Kind = kinds[n % kinds.Length],
            Title = $"Contribution number {n} with a title of usual length",
            Url = $"https://blog.example/{n}",
            When = now.AddDays(6 - (n * 2)),
            Topics = ["dotnet"],
        }).ToList();
        await writer.UpsertAsync(person, new SightingContext("bench", "feed", "https://blog.example/feed", false, now, []), drafts, drafts, default);
    }

    /// <summary>Milliseconds of each message.</summary>
    private static async Task<List<double>> WorkAsync(ContributionIngest.Tests.Support.AppFixture app, string queue, string function)
    {
        var (times, code) = (new List<double>(), TriggeredFunction.Named(function));
        while (await app.Store.Queue.ReceiveAsync(queue, 32, TimeSpan.FromHours(1), default) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                var start = Stopwatch.GetTimestamp();
                await code.RunAsync(app.App.Services, message.Body, default);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                await app.Store.Queue.DeleteAsync(queue, message, default);
            }
        }

        times.Sort();
        return times;
    }

    private static double At(List<double> sorted, int percent) => sorted.Count == 0 ? 0 : sorted[sorted.Count * percent / 100];

    private static string Seconds(Stopwatch watch) => Text(watch.Elapsed.TotalSeconds);

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
