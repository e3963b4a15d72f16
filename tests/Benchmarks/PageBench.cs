using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using ContributionIngest.Tests.Web;
using Microsoft.Playwright;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench page</c>: pages of the published program over 10,000 entries in Chromium on loopback: until something is painted, the longest task, and
/// what the browser has to read without charts. Ends with 1 if a bar does not hold.
/// </summary>
internal static partial class PageBench
{
    private const int Loads = 5;
    private const double MaxPaint = 300;
    private const double MaxTask = 50;
    private const double MaxWeight = 100_000;

    /// <summary>Kept over navigations.</summary>
    private const string Watch = "new PerformanceObserver(list => { for (const task of list.getEntries()) window.longest = Math.max(window.longest ?? 0, task.duration); }).observe({ type: 'longtask', buffered: true });";

    /// <param name="executable">The published program.</param>
    public static async Task<int> RunAsync(string executable)
    {
        using var folder = new TemporaryFolder();
        await using (var app = await AppFixture.StartAsync(new Blogs().Web, new TestClock(TimeProvider.System.GetUtcNow()), folder))
            await LedgerBench.FillAsync(app);
        using var process = Published.Start(executable, folder.FullName, null, "--set", "Data=" + folder.FullName, "--set", "Listen=http://127.0.0.1:0");
        var chromium = new Chromium();
        try
        {
            await chromium.InitializeAsync();
            var link = await FirstStartTests.LinkAsync(process);
            var rest = process.StandardOutput.ReadToEndAsync();
            var holds = await MeasureAsync(chromium.Browser, new Uri(link));
            process.Kill(entireProcessTree: true);
            await rest;
            return holds ? 0 : 1;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            await chromium.DisposeAsync();
        }
    }

    private static async Task<bool> MeasureAsync(IBrowser browser, Uri link)
    {
        var site = link.GetLeftPart(UriPartial.Authority);
        await using var window = await browser.NewContextAsync(new() { BaseURL = site });
        await window.AddInitScriptAsync(Watch);
        var page = await window.NewPageAsync();
        await page.GotoAsync(link.PathAndQuery);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(site + "/**");

        var table = new Table("page, of 10,000 entries", $"first paint ms, median of {Loads}", "longest task ms", "KB without charts", "bars");
        var holds = true;
        foreach (var (name, path) in new[]
        {
            ("Home", "/"), ("the ledger", "/ledger"), ("its second page", ""), ("filtered by kind", "/ledger?kind=video"), ("searched", "/ledger?q=number%209"), ("one year", "/?year=2025"),
        })
        {
            var at = path;
            if (at.Length == 0)
            {
                await page.GotoAsync("/ledger");
                at = await page.GetByRole(AriaRole.Link, new() { Name = "Older", Exact = true }).GetAttributeAsync("href") ?? throw new InvalidOperationException("There is no second page.");
            }

            var (paints, tasks) = (new List<double>(), new List<double>());
            var weight = 0;
            for (var load = 0; load < Loads; load++)
            {
                var answer = await page.GotoAsync(at, new() { WaitUntil = WaitUntilState.Load });
                paints.Add(await page.EvaluateAsync<double>("new Promise(done => { const look = () => { const found = performance.getEntriesByName('first-contentful-paint')[0]; found ? done(found.startTime) : requestAnimationFrame(look); }; look(); })"));
                tasks.Add(await page.EvaluateAsync<double>("new Promise(done => requestIdleCallback(() => done(window.longest ?? 0)))"));
                weight = Charts().Replace(await answer!.TextAsync(), "").Length + await page.EvaluateAsync<int>("performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.decodedBodySize, 0)");
            }

            var paint = paints.Order().ElementAt(Loads / 2);
            holds &= paint <= MaxPaint && tasks.Max() <= MaxTask && weight <= MaxWeight;
            table.Add(name, $"{paint:F0}", $"{tasks.Max():F0}", $"{weight / 1e3:F0}", string.Create(CultureInfo.InvariantCulture, $"{MaxPaint} ms, {MaxTask} ms, {MaxWeight / 1e3} KB"));
        }

        table.Print();
        return holds;
    }

    [GeneratedRegex("<svg class=\"heat\".*?</svg>|<div class=\"year-row lane\">.*?</div>|<div class=\"month-lanes\">.*?</div>\\s*</div>|<details class=\"as-table\">.*?</details>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Charts();
}
