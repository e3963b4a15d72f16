using System.Net;
using ContributionIngest.Core.Mail;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Core.Mail;
using ContributionIngest.Tests.Core.Sources.YouTube;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Infra;

/// <summary>
/// A small installation, minute by minute, with its metrics recorded: three blogs that are read every half hour, one of which is gone, three channels of
/// YouTube, and three people who get their digest on Monday at eight.
/// </summary>
internal sealed class RecordedDay : IAsyncDisposable
{
    /// <summary>A mail address that the relay does not know.</summary>
    public const string NobodysAddress = "gone@example.com";

    public static readonly string[] Channels = [ScriptedYouTube.Channel, "UCsecond0123456789abcdef", "UCthird00123456789abcdef"];

    private readonly RecordedMetrics metrics;
    private readonly ScriptedYouTube films = new(5);
    private readonly HttpMessageInvoker youtube;
    private readonly HttpMessageInvoker blogs;

    private RecordedDay(TestClock clock)
    {
        var sites = new Blogs();
        foreach (var host in (string[])["one", "two", "gone"])
            sites.On($"https://{host}.example/feed.xml", _ => ScriptedWeb.Answer(HttpStatusCode.OK, Feed(host, clock.GetUtcNow()), "application/rss+xml"));
        blogs = new HttpMessageInvoker(sites.Web);
        youtube = new HttpMessageInvoker(films.Web);
        metrics = new RecordedMetrics(clock);
    }

    public AppFixture App { get; private set; } = null!;

    public IReadOnlyList<MetricRow> Rows => metrics.Rows;

    /// <summary>Hosts, or other parts of addresses, that answer by <see cref="Failure"/>.</summary>
    public HashSet<string> Broken { get; } = new(StringComparer.Ordinal);

    public HttpStatusCode Failure { get; set; } = HttpStatusCode.InternalServerError;

    /// <summary>What the relay says of a mail.</summary>
    public Func<Email, MailResult> Relay { get; set; } = email => email.To == NobodysAddress ? new MailResult(MailOutcome.NoSuchAddress) : new MailResult(MailOutcome.Accepted);

    /// <summary>When the installation had run for a while.</summary>
    public DateTimeOffset Began { get; private set; }

    public DateTimeOffset Now => App.Clock.GetUtcNow();

    /// <summary>On Monday before eight, in an installation that has run for a week.</summary>
    public static async Task<RecordedDay> StartAsync(bool isMailed = true)
    {
        var clock = new TestClock();
        var day = new RecordedDay(clock);
        var mail = new RecordingMail { Answer = email => day.Relay(email) };
        day.App = await AppFixture.StartAsync(
            new ScriptedWeb(day.AnswerAsync),
            clock,
            settings: new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["OwnerEmail"] = MailFixture.Address, ["PublicUrl"] = "https://digest.example.org", ["YouTubeKey"] = null, ["MailPerHour"] = "2",
            },
            mail: mail,
            isMailed: isMailed);
        foreach (var address in (string[])["second@example.com", NobodysAddress])
            await day.App.AddAsync(address);
        foreach (var host in (string[])["one", "two", "gone"])
            await day.App.ConnectAsync($"https://{host}.example/feed.xml");
        foreach (var channel in Channels)
            await day.App.ConnectAsync(channel, "youtube");
        day.Broken.Add("gone.example");
        var week = TimeSpan.FromDays(6.5);
        for (var film = 1; film <= 5; film++)
            day.films.Films.Add(ScriptedYouTube.Film(100 + film, day.Now + week - (film * TimeSpan.FromHours(8))));
        await day.App.PassAsync(week);
        while (day.Now.Hour != 7)
            await day.App.PassAsync(TimeSpan.FromHours(1));
        await day.RunAsync(TimeSpan.FromMinutes(45));
        day.Began = day.Now;
        return day;
    }

    /// <summary>Each minute the timer plans, the queues are worked off, and the metrics are exported.</summary>
    /// <param name="stopped">A queue that nobody takes messages from.</param>
    /// <param name="lost">A queue whose messages are taken, and nothing is done.</param>
    /// <param name="areTimersStopped">Queues only.</param>
    public async Task RunAsync(TimeSpan time, string? stopped = null, string? lost = null, bool areTimersStopped = false)
    {
        for (var until = Now + time; Now < until;)
        {
            App.Clock.Advance(TimeSpan.FromMinutes(1));
            if (!areTimersStopped)
                await App.CallAsync("Plan");
            if (lost is not null)
            {
                foreach (var message in await App.Store.Queue.ReceiveAsync(lost, 32, TimeSpan.FromMinutes(10), CancellationToken.None))
                    await App.Store.Queue.DeleteAsync(lost, message, CancellationToken.None);
            }

            await App.DrainAsync(stopped: stopped);
            metrics.Flush();
        }
    }

    public async ValueTask DisposeAsync()
    {
        metrics.Dispose();
        await App.DisposeAsync();
        youtube.Dispose();
        blogs.Dispose();
    }

    /// <summary>A post at each of the last even hours.</summary>
    private static string Feed(string host, DateTimeOffset now)
    {
        var newest = now.Date.AddHours(now.Hour / 2 * 2);
        var posts = Enumerable.Range(0, 5).Select(i => new DateTimeOffset(newest.AddHours(-2 * i), TimeSpan.Zero))
            .Select(at => new Post($"{host}-{at:yyyyMMddHH}", $"At {at:yyyy-MM-dd HH}", $"https://{host}.example/{at:yyyyMMddHH}", at, "News.", null));
        return Blogs.Rss($"https://{host}.example/feed.xml", host, posts);
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (Broken.Any(part => request.RequestUri!.AbsoluteUri.Contains(part, StringComparison.Ordinal)))
            return ScriptedWeb.Answer(Failure);
        if (request.RequestUri!.Host.EndsWith(".example", StringComparison.Ordinal))
            return await blogs.SendAsync(request, cancel);

        // One scripted channel stands for all.
        var channel = Channels.FirstOrDefault(id => request.RequestUri.AbsoluteUri.Contains(id, StringComparison.Ordinal)) ?? Channels[0];
        var asked = request.RequestUri;
        request.RequestUri = new Uri(asked.AbsoluteUri.Replace(channel, Channels[0], StringComparison.Ordinal));
        var answer = await youtube.SendAsync(request, cancel);
        request.RequestUri = asked;
        var type = answer.Content.Headers.ContentType?.ToString();
        var text = (await answer.Content.ReadAsStringAsync(cancel)).Replace(Channels[0], channel, StringComparison.Ordinal);
        return ScriptedWeb.Answer(answer.StatusCode, text, type);
    }
}
