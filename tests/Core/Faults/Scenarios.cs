using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Core.Push;
using ContributionIngest.Tests.Core.Sources.Meetup;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Pushed = ContributionIngest.Tests.Core.Harvesting.Pushed;

namespace ContributionIngest.Tests.Core.Faults;

/// <summary>What people, places and the host do with the program. Worlds are small: every operation of every scenario is one at which something goes wrong.</summary>
public sealed class Scenarios : IDisposable
{
    private const string Page = "https://pages.example/about-lamps";

    private static readonly Scenario[] All =
    [
        new("the first harvest of a feed with an archive", run => Archive(run, pages: 3), NothingAsync, async run =>
        {
            await run.ConnectAsync(FaultedRun.Feed);
            await run.SettleAsync();
        }),
        new("an unchanged harvest", run => Show(run, 1, 3), BeginAsync, HarvestFeedAsync),
        new("an unchanged harvest of a place without validators", run => run.Blogs.Rss(FaultedRun.Feed, Posts(1, 3), validators: false), BeginAsync, HarvestFeedAsync),
        new("a changed harvest", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            run.Blogs.Rss(FaultedRun.Feed, [.. Posts(4, 5), .. Posts(1, 3).Select(p => p.Guid == "guid-2" ? p with { Title = "Post 2, worded anew" } : p)]);
            await HarvestFeedAsync(run);
        }),
        new("a second feed that shows the same posts", ShowBoth, BeginAsync, async run =>
        {
            await run.ConnectAsync(FaultedRun.Mirror);
            await run.SettleAsync();
        }),
        new("a scheduled harvest", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            Show(run, 1, 5);
            run.Clock.Advance(TimeSpan.FromDays(1));
            await run.TickAsync("Plan");
            await run.SettleAsync();
        }),
        new("a harvest of a place that is away", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            run.Blogs.On(FaultedRun.Feed, HttpStatusCode.NotFound);
            await HarvestFeedAsync(run);
        }),
        new("a place that is gone", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            run.Blogs.On(FaultedRun.Feed, HttpStatusCode.Gone);
            await HarvestFeedAsync(run);
        }),
        new("a delivery of GitHub's", _ => { }, MakeHookAsync, async run =>
        {
            await DeliverAsync(run, new PullRequestPayload(42));
            await run.SettleAsync();
            await DeliverAsync(run, new PullRequestPayload(42, "closed") { IsMerged = true, Updated = "2026-05-31T10:00:00Z" });

            // Whatever is worked off first leaves a revision of its own, so that the order is given.
            await run.SettleAsync();
            await DeliverAsync(run, new PullRequestPayload(42) { Title = "Ferries, as they were called first", Updated = "2026-05-30T10:00:00Z" });
            await run.SettleAsync();
        }),
        new("a large delivery of GitHub's", _ => { }, MakeHookAsync, async run =>
        {
            await DeliverAsync(run, new PullRequestPayload(42) { Text = new string('x', 60_000) });
            await run.SettleAsync();
        }),
        new("a delivery of a hub's", run => Pushed.Publish(run.Blogs, Pushed.Body(3, 3)), SubscribeAsync, async run =>
        {
            await PushAsync(run, Pushed.Body(5, 3));
            await run.SettleAsync();
        }),
        new("a subscription", run => Pushed.Publish(run.Blogs, Pushed.Body(3, 3)), NothingAsync, SubscribeAsync),
        new("logging by hand", _ => { }, NothingAsync, run => run.AskAsync(HttpMethod.Post, "/ledger", Talk, ("Idempotency-Key", "talk"))),
        new("logging an address", PutPage, NothingAsync, run => run.AskAsync(HttpMethod.Post, "/ledger", $$"""{"url":"{{Page}}"}""")),
        new("logging an address with more about it", PutPage, NothingAsync, run =>
            run.AskAsync(HttpMethod.Post, "/ledger", $$"""{"url":"{{Page}}","private":true,"note":"Mine.","metrics":{"views":3} }""", ("Idempotency-Key", "page"))),
        new("an edit of a date", run => Show(run, 1, 3), BeginAsync, run =>
            run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["Post 2"]}", """{"when":"2025-12-31T23:30:00Z","note":"Later than it says."}""")),
        new("an edit of what the client has seen", run => Show(run, 1, 3), BeginAsync, EditSeenAsync),
        new("a rejection and its end", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["Post 2"]}", """{"review":"rejected"}""");
            await run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["Post 2"]}", """{"review":"new","private":true}""");
        }),
        new("the removal of what was logged by hand", _ => { }, LogAndEditAsync, run => run.AskAsync(HttpMethod.Delete, $"/ledger/{run.Known["talk"]}")),
        new("the removal of what the client has seen", _ => { }, LogAndEditAsync, RemoveSeenAsync),
        new("the same address connected again", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            await run.ConnectAsync(FaultedRun.Feed);
            await run.SettleAsync();
        }),
        new("a connection paused and resumed", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Patch, $"/connections/{run.Known["feed"]}", """{"paused":true}""");
            await run.SettleAsync();
            Show(run, 1, 5);
            await run.AskAsync(HttpMethod.Patch, $"/connections/{run.Known["feed"]}", """{"paused":false}""");
            await run.SettleAsync();
        }),
        new("a listing with a coming event paused and resumed", PutListing, ConnectListingAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Patch, $"/connections/{run.Known["listing"]}", """{"paused":true}""");
            await run.SettleAsync();
            await run.AskAsync(HttpMethod.Patch, $"/connections/{run.Known["listing"]}", """{"paused":false}""");
            await run.SettleAsync();
        }),
        new("a blog verified", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            var token = (await run.AskAsync(HttpMethod.Get, $"/connections/{run.Known["feed"]}")).GetProperty("verificationToken").GetString();
            run.Blogs.On("https://one.example/", HttpStatusCode.OK, $"<meta name=\"contributioningest-verification\" content=\"{token}\">", "text/html");
            await run.AskAsync(HttpMethod.Post, $"/connections/{run.Known["feed"]}/verify", "{}");
        }),
        new("a connection ended before its first harvest", run => Archive(run, pages: 2), NothingAsync, async run =>
        {
            var id = await run.ConnectAsync(FaultedRun.Feed);
            await run.AskAsync(HttpMethod.Delete, $"/connections/{id}?contributions=delete");
            await run.SettleAsync();
        }),
        new("a connection ended, its contributions kept", ShowBoth, ConnectBothAsync, run => EndAsync(run, "keep")),
        new("a connection ended with its contributions", ShowBoth, ConnectBothAsync, run => EndAsync(run, "delete")),
        new("a connection with a hub ended", run => Pushed.Publish(run.Blogs, Pushed.Body(3, 3)), SubscribeAsync, async run =>
        {
            await EndAsync(run, "delete");
            run.Clock.Advance(TimeSpan.FromHours(2));
            await run.TickAsync("RenewPush");
        }),
        new("a change of zone", run => Show(run, 1, 5), BeginAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Put, "/me", """{"zone":"Pacific/Auckland"}""");
            await run.SettleAsync();
        }),
        new("a change of zone and back", run => Show(run, 1, 5), BeginAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Put, "/me", """{"zone":"Pacific/Auckland"}""");
            await run.AskAsync(HttpMethod.Put, "/me", """{"zone":"Pacific/Honolulu"}""");
            await run.SettleAsync();
        }),
        new("a change of topics", run => Show(run, 1, 5), BeginAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Put, "/me/topics", """{"topics":{"uneven":["odd"]}}""");
            await run.SettleAsync();
        }),
        new("a digest and its mail", run => Show(run, 1, 3), BeforeDigestAsync, async run =>
        {
            run.Clock.Advance(TimeSpan.FromMinutes(1));
            await run.TickAsync("Plan");
            await run.SettleAsync();
        })
        {
            Further = MailedAsync,
        },
        new("a hook", _ => { }, ConnectGitHubAsync, async run =>
        {
            await HookAsync(run);
            await DeliverAsync(run, new PullRequestPayload(42));
            await run.SettleAsync();
        }),
        new("the nightly cleaning", run => Show(run, 1, 3), BeforeCleaningAsync, async run =>
        {
            await run.TickAsync("Prune");
            await run.SettleAsync();
        })
        {
            Further = BlobsAsync,
        },
        new("the deletion of a person", run => Show(run, 1, 2), JoinAsync, async run =>
        {
            await run.AskAsync(HttpMethod.Delete, $"/people/{run.Known["else"]}?confirm={run.Known["else"]}");
            for (var hour = 0; hour < 6; hour++)
            {
                await run.DrainAsync();
                run.Clock.Advance(TimeSpan.FromMinutes(61));
            }

            await run.TickAsync("Prune");
            await run.SettleAsync();
        })
        {
            Further = LeftAsync,
        },
        new("a poisoned message and its replay", run => Show(run, 1, 3), BeginAsync, async run =>
        {
            Show(run, 1, 4);
            var body = $$"""{"connection":"{{run.Known["feed"]}}","person":"{{run.Known["me"]}}"}""";
            await run.App.Store.Queue.PutAsync(HarvestQueue.Name + "-poison", body, TimeSpan.Zero, CancellationToken.None);
            await run.SettleAsync();
            var poisoned = await run.AskAsync(HttpMethod.Get, "/status");
            foreach (var message in poisoned.GetProperty("poisoned").EnumerateArray())
                await run.AskAsync(HttpMethod.Post, $"/status/poisoned/{message.GetProperty("id").GetString()}/replay", "{}");
            await run.SettleAsync();
        }),
    ];

    private readonly ConcurrentDictionary<string, Lazy<Task<Prepared>>> prepared = new(StringComparer.Ordinal);

    public static IEnumerable<string> Names => All.Select(s => s.Name);

    private const string Talk = """
        {"title":"Lamps at night","kind":"talk","when":"2026-03-31T22:30:00Z","url":"https://talks.example/lamps","topics":["lamps"],
         "private":true,"note":"With slides.","metrics":{"attendees":40}}
        """;

    /// <summary>The scenario's beginning and undisturbed end, made once.</summary>
    internal Task<Prepared> GetAsync(string name) => prepared.GetOrAdd(name, key => new Lazy<Task<Prepared>>(() => PrepareAsync(All.Single(s => s.Name == key)))).Value;

    public void Dispose()
    {
        foreach (var one in prepared.Values.Where(p => p.Value.IsCompletedSuccessfully))
            one.Value.Result.Folder.Dispose();
    }

    private static async Task<Prepared> PrepareAsync(Scenario scenario)
    {
        var folder = new TemporaryFolder();
        var first = await FaultedRun.OpenAsync(scenario, new TemporaryFolder(folder.FullName), new TestClock().GetUtcNow(), new Dictionary<string, string>(StringComparer.Ordinal));
        first.Known["me"] = (await first.App.GetAsync("/me")).GetProperty("id").GetString()!;
        await scenario.Prepare(first);
        if (first.Problems.Count > 0)
            throw new InvalidOperationException($"The preparation failed: {string.Join(' ', first.Problems)}");
        await first.DisposeAsync();
        var beginning = new Prepared(scenario, folder, first.Clock.GetUtcNow(), first.Known, null!);
        var (undisturbed, _) = await FaultTests.PlayAsync(beginning, StoreFault.None, 0);
        return undisturbed.Differences(undisturbed).ToList() is { Count: > 0 } faults
            ? throw new InvalidOperationException($"Undisturbed it fails: {string.Join(' ', faults)}")
            : beginning with { Undisturbed = undisturbed };
    }

    private static Task NothingAsync(FaultedRun run) => Task.CompletedTask;

    private static IEnumerable<Post> Posts(int from, int to) => Enumerable.Range(from, to - from + 1).Select(n => Blogs.Post(n));

    private static void Show(FaultedRun run, int from, int to) => run.Blogs.Rss(FaultedRun.Feed, Posts(from, to));

    private static void ShowBoth(FaultedRun run)
    {
        Show(run, 1, 4);
        run.Blogs.Rss(FaultedRun.Mirror, Posts(2, 3).Select(p => p with { Guid = "mirror-" + p.Guid, Title = p.Title + " (mirror)" }), "Two");
    }

    private static void Archive(FaultedRun run, int pages)
    {
        for (var page = 1; page <= pages; page++)
        {
            var body = Blogs.Rss(FaultedRun.Feed, "One", Posts((page * 2) - 1, page * 2));
            var next = page < pages ? $"<atom:link rel=\"next\" href=\"https://one.example/page{page + 1}.xml\"/>" : "";
            body = body.Insert(body.IndexOf("<link>", StringComparison.Ordinal), next).Replace("<rss ", "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\" ", StringComparison.Ordinal);
            run.Blogs.On(page == 1 ? FaultedRun.Feed : $"https://one.example/page{page}.xml", HttpStatusCode.OK, body, "application/rss+xml");
        }
    }

    private static void PutPage(FaultedRun run) => run.Blogs.On(
        Page,
        HttpStatusCode.OK,
        """<!doctype html><meta property="og:title" content="About lamps"><meta property="og:type" content="article"><meta property="article:published_time" content="2026-05-20T16:00:00Z">""",
        "text/html");

    private static async Task ConnectFeedAsync(FaultedRun run)
    {
        run.Known["feed"] = await run.ConnectAsync(FaultedRun.Feed);
        await run.SettleAsync();
    }

    /// <summary>The same, and the entries are known by their titles.</summary>
    private static async Task BeginAsync(FaultedRun run)
    {
        await ConnectFeedAsync(run);
        foreach (var entry in await run.App.LedgerAsync())
            run.Known[entry.GetProperty("title").GetString()!] = entry.GetProperty("id").GetString()!;
    }

    /// <summary>What is announced comes before the listing's next turn, so that it is looked at then.</summary>
    private static void PutListing(FaultedRun run) => run.Blogs.On(
        FaultedRun.Listing, HttpStatusCode.OK, ListingSite.Calendar(ListingSite.Event("1", "20260601T150000Z")), "text/calendar");

    private static async Task ConnectListingAsync(FaultedRun run)
    {
        run.Known["listing"] = await run.ConnectAsync(FaultedRun.Listing, "meetup");
        await run.SettleAsync();
    }

    private static async Task HarvestFeedAsync(FaultedRun run)
    {
        await run.HarvestAsync(run.Known["feed"]);
        await run.SettleAsync();
    }

    private static async Task ConnectBothAsync(FaultedRun run)
    {
        await BeginAsync(run);
        await run.ConnectAsync(FaultedRun.Mirror);
        await run.SettleAsync();
        await run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["Post 1"]}", """{"title":"Said otherwise"}""");
        await run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["Post 4"]}", """{"review":"rejected"}""");
    }

    private static async Task EndAsync(FaultedRun run, string contributions)
    {
        await run.AskAsync(HttpMethod.Delete, $"/connections/{run.Known["feed"]}?contributions={contributions}");
        await run.SettleAsync();
    }

    /// <summary>A client that changes only what it has seen, and looks again when it is told that it has not.</summary>
    private static async Task EditSeenAsync(FaultedRun run)
    {
        const string Title = "As I call it";
        var path = $"/api/ledger/{run.Known["Post 3"]}";
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var seen = await run.SendAsync(HttpMethod.Get, path, null, "");
            if (seen.Body.GetProperty("title").GetString() == Title)
                return;
            await run.SendAsync(HttpMethod.Patch, path, Encoding.UTF8.GetBytes($$"""{"title":"{{Title}}"}"""), "application/json", ("If-Match", seen.ETag!));
        }
    }

    /// <summary>The same for what it removes.</summary>
    private static async Task RemoveSeenAsync(FaultedRun run)
    {
        var path = $"/api/ledger/{run.Known["talk"]}";
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var seen = await run.SendAsync(HttpMethod.Get, path, null, "");
            if (seen.Status == HttpStatusCode.NotFound)
                return;
            await run.SendAsync(HttpMethod.Delete, path, null, "", ("If-Match", seen.ETag!));
        }
    }

    private static async Task LogAndEditAsync(FaultedRun run)
    {
        var logged = await run.AskAsync(HttpMethod.Post, "/ledger", Talk, ("Idempotency-Key", "talk"));
        run.Known["talk"] = logged.GetProperty("id").GetString()!;
        await run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["talk"]}", """{"title":"Lamps by night","metrics":{"attendees":41}}""");
        run.Clock.Advance(TimeSpan.FromDays(1));
        await run.AskAsync(HttpMethod.Patch, $"/ledger/{run.Known["talk"]}", """{"title":"Lamps of the night","metrics":{"attendees":45}}""");
        await run.SettleAsync();
    }

    private static async Task ConnectGitHubAsync(FaultedRun run) => run.Known["github"] = await new WebhookFixture(run.App).ConnectAsync(42);

    private static async Task MakeHookAsync(FaultedRun run)
    {
        await ConnectGitHubAsync(run);
        await HookAsync(run);
    }

    private static async Task HookAsync(FaultedRun run)
    {
        var hook = await run.AskAsync(HttpMethod.Post, $"/connections/{run.Known["github"]}/hook", "{}");
        (run.Known["path"], run.Known["secret"]) = (hook.GetProperty("path").GetString()!, hook.GetProperty("secret").GetString()!);
    }

    private static async Task DeliverAsync(FaultedRun run, PullRequestPayload payload)
    {
        var signature = WebhookFixture.Sign(run.Known["secret"], payload.Bytes());
        var (status, body, _) = await run.SendAsync(
            HttpMethod.Post, run.Known["path"], payload.Bytes(), "application/json", ("X-GitHub-Event", "pull_request"), ("X-Hub-Signature-256", signature));
        if (status != HttpStatusCode.Accepted && status != HttpStatusCode.OK)
            run.Problems.Add($"A delivery was answered {status}: {body}");
    }

    /// <summary>Connects the feed and answers as its hub does.</summary>
    private static async Task SubscribeAsync(FaultedRun run)
    {
        await ConnectFeedAsync(run);
        for (var tick = 0; tick < 3 && run.Hub.Asked.Count == 0; tick++)
        {
            await run.TickAsync("RenewPush");
            run.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        if (run.Hub.Asked.Count == 0)
        {
            run.Problems.Add("The hub was not asked.");
            return;
        }

        var ask = run.Hub.Last;
        (run.Known["callback"], run.Known["secret"]) = (ask.Path, ask.Secret);
        var query = $"?hub.mode=subscribe&hub.topic={Uri.EscapeDataString(ask.Topic)}&hub.lease_seconds=864000&hub.challenge=c";
        var (status, _, _) = await run.SendAsync(HttpMethod.Get, ask.Path + query, null, "");
        if (status != HttpStatusCode.OK)
            run.Problems.Add($"The hub's question was answered {status}.");
    }

    private static async Task PushAsync(FaultedRun run, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var (status, _, _) = await run.SendAsync(HttpMethod.Post, run.Known["callback"], bytes, "application/rss+xml", ("X-Hub-Signature", WebhookFixture.Sign(run.Known["secret"], bytes)));
        if (status != HttpStatusCode.Accepted)
            run.Problems.Add($"A push was answered {status}.");
    }

    /// <summary>To the minute before Monday, eight o'clock.</summary>
    private static async Task BeforeDigestAsync(FaultedRun run)
    {
        await ConnectFeedAsync(run);
        await run.AskAsync(HttpMethod.Post, "/ledger", """{"title":"Lamps in June","kind":"talk","when":"2026-06-01T10:00:00Z"}""");
        await run.PassAsync(new DateTimeOffset(2026, 6, 8, 7, 59, 0, TimeSpan.Zero) - run.Clock.GetUtcNow());
        run.Mail.Answer = _ => RecordingMail.Accepted;
    }

    /// <summary>One mail has left, or it is not known whether it has and the status says so; never two.</summary>
    private static async Task<IReadOnlyList<string>> MailedAsync(FaultedRun run)
    {
        run.Clock.Advance(TimeSpan.FromMinutes(16));
        var rows = new List<string>();
        var digests = (await run.App.GetAsync("/digests")).GetProperty("items").EnumerateArray().ToList();
        var unconfirmed = (await run.App.GetAsync("/status")).GetProperty("unconfirmedMail").GetArrayLength();
        var state = digests.Count == 0 ? "no digest" : digests[0].GetProperty("mail").GetString();
        foreach (var week in digests.Select(d => d.GetProperty("week").GetString()))
            rows.Add($"week {week} says {Words(await run.App.Client.GetStringAsync(new Uri($"/api/digests/{week}?format=text", UriKind.Relative)))}");
        var isRight = (state, run.Mail.Letters.Count, unconfirmed) is ("sent", 1, 0) or ("claimed", 0 or 1, 1);
        return [.. rows, $"{digests.Count} digest", isRight ? "the mail has left, or is unconfirmed" : $"the mail is {state}, {run.Mail.Letters.Count} left, {unconfirmed} are unconfirmed"];
    }

    /// <summary>Without lines that hold signed addresses.</summary>
    private static string Words(string text) => string.Join('\n', text.Split('\n').Where(line => !line.Contains("https://me.example", StringComparison.Ordinal)));

    /// <summary>Somebody else, with a feed and an entry of their own.</summary>
    private static async Task JoinAsync(FaultedRun run)
    {
        var services = run.App.App.Services;
        var person = await services.GetRequiredService<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Name = "Else", Email = "else@example.com", Since = now }, CancellationToken.None);
        await services.GetRequiredService<SignInAddresses>().AddAsync(person.Id, "else@example.com", CancellationToken.None);
        var (secret, _) = await services.GetRequiredService<ApiKeys>().CreateAsync(person.Id, "else", Scope.Read | Scope.Write, CancellationToken.None);
        run.Known["else"] = person.Id;
        await run.AskAsync(HttpMethod.Post, "/connections", $$"""{"address":"{{FaultedRun.Feed}}","source":"feed"}""", ("Authorization", "Bearer " + secret));
        await run.AskAsync(HttpMethod.Post, "/ledger", Talk, ("Authorization", "Bearer " + secret));
        await run.SettleAsync();
    }

    /// <summary>Nothing is left of them, wherever it went wrong.</summary>
    private static async Task<IReadOnlyList<string>> LeftAsync(FaultedRun run)
    {
        foreach (var left in (await StoreScan.OfAsync(run.App.Store, run.Folder)).Where(text => text.Contains(run.Known["else"], StringComparison.Ordinal) || text.Contains("Lamps at night", StringComparison.Ordinal)))
            run.Problems.Add("Left: " + left[..Math.Min(left.Length, 200)]);
        var trail = (await run.App.GetAsync("/me/audit")).GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("what").GetString());
        return [.. trail.Select(what => $"trail {what}")];
    }

    private static async Task BeforeCleaningAsync(FaultedRun run)
    {
        await ConnectFeedAsync(run);
        await run.App.Store.Blobs.PutAsync("pushes", "20260101/old", new byte[] { 1 }, CancellationToken.None);
        await run.App.Store.Queue.PutAsync(HarvestQueue.Name + "-poison", "no message", TimeSpan.Zero, CancellationToken.None);
        await run.PassAsync(TimeSpan.FromDays(100));
    }

    private static async Task<IReadOnlyList<string>> BlobsAsync(FaultedRun run)
    {
        var names = new List<string>();
        foreach (var container in (string[])["raw", "pushes"])
            names.AddRange((await run.App.Store.Blobs.ListAsync(container, "", CancellationToken.None).ToListAsync()).Select(name => $"blob {container} {name.Split('/')[0]}"));
        names.AddRange((await run.App.GetAsync("/status")).GetProperty("poisoned").EnumerateArray().Select(p => $"poisoned {p.GetProperty("body")}"));
        return names;
    }
}
