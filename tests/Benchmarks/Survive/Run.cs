using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Core.Push;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>How a run went.</summary>
/// <param name="Pictures">At the end of each phase that was reached.</param>
/// <param name="Disturbances">That were carried out.</param>
/// <param name="Lost">Entries that are not there, undisturbed they are.</param>
/// <param name="Doubled">Entries that are there, undisturbed they are not, or not as often.</param>
/// <param name="Idle">From the last disturbance of a phase until the program was idle and everything as undisturbed.</param>
internal sealed record Outcome(
    IReadOnlyList<Picture> Pictures, int Disturbances, int Lost, int Doubled, IReadOnlyList<TimeSpan> Idle, IReadOnlyList<string> Differences);

/// <summary>One run of a script over a store of its own: its acts, each repeated until it is answered, and the program ended and started amid them.</summary>
internal sealed class Run(string executable, World world, Script script, bool isWorker, string? storage) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Without a disturbance, the program is taken for idle when nothing has moved for so long.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentDictionary<string, string> connections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> logged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject?> saidOfEntry = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> saidOfAddress = new(StringComparer.Ordinal);
    private readonly List<string> differences = [];
    private readonly Lock gate = new();
    private Caller caller = null!;
    private Picture? last;
    private (int Lost, int Doubled) entries;
    private string hookPath = "";
    private string hookSecret = "";

    public World World => world;

    public string Folder => folder.FullName;

    /// <param name="expected">Of the undisturbed run; null: this is the undisturbed one.</param>
    public async Task<Outcome> PlayAsync(Ending? how, IReadOnlyList<Picture>? expected)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"));
        var settings = Settings(address);
        await using IProgram program = isWorker
            ? await PublishedWorker.OpenAsync(Path.GetDirectoryName(executable)!, folder.FullName, address, settings, storage!)
            : new PublishedServer(executable, folder.FullName, address, settings);
        var (pictures, idle, disturbances) = (new List<Picture>(), new List<TimeSpan>(), 0);
        try
        {
            using var client = caller = new Caller(address, await KeyAsync(settings));
            program.Start();
            await program.ReadyAsync(caller.Client);
            await PrepareAsync();
            var lanes = new Dictionary<string, Task>(StringComparer.Ordinal);
            foreach (var (index, phase) in script.Phases.Index())
            {
                foreach (var slot in phase.Slots)
                {
                    if (how is { } ending)
                    {
                        await DisturbAsync(program, slot, ending, lanes);
                        disturbances++;
                    }
                    else
                    {
                        Begin(slot, lanes);
                        await Task.WhenAll(lanes.Values);
                    }
                }

                var began = Stopwatch.GetTimestamp();
                await program.ReadyAsync(caller.Client);
                await Task.WhenAll(lanes.Values);
                if (await SettleAsync(began, phase, expected?[index]) is not { } at)
                    break;
                idle.Add(at);
                pictures.Add(last!);
            }

            await program.EndAsync(Ending.Stop);
        }
        catch (InvalidOperationException e)
        {
            differences.Add(e.Message);
        }

        return new Outcome(pictures, disturbances, entries.Lost, entries.Doubled, idle, differences);
    }

    public async Task ConnectAsync(Site site)
    {
        world.Show(site, 0);
        var (status, text) = await caller.SendAsync(HttpMethod.Post, "/connections", $$"""{"address":"{{world.Address(site)}}"}""");
        Expect($"connecting {site.Name}", status, text, 200, 201);
        connections[site.Name] = JsonNode.Parse(text)!.Text("id");
    }

    public async Task HarvestAsync(Site site)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Post, $"/connections/{connections[site.Name]}/harvest", "{}");
        Expect($"harvesting {site.Name}", status, text, 202);
    }

    public async Task DisconnectAsync(Site site, string contributions)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Delete, $"/connections/{connections[site.Name]}?contributions={contributions}");

        // A request that was carried out before, and its answer lost.
        Expect($"disconnecting {site.Name}", status, text, 204, 404);
    }

    public async Task DeliverAsync(PullRequestPayload payload)
    {
        var body = payload.Bytes();
        var (status, text) = await caller.SendAsync(
            HttpMethod.Post, hookPath, body, "application/json", ("X-GitHub-Event", "pull_request"), ("X-Hub-Signature-256", WebhookFixture.Sign(hookSecret, body)));
        Expect($"delivering pull request {payload.Number}", status, text, 200, 202);
        var url = string.Create(CultureInfo.InvariantCulture, $"https://github.com/harbour/lamps/pull/{payload.Number}");
        Note(() =>
        {
            // The title says the day of the version; an older one does not replace a newer one.
            if (!saidOfAddress.TryGetValue(url, out var before) || string.CompareOrdinal(before, payload.Title) < 0)
                saidOfAddress[url] = payload.Title;
        });
    }

    public async Task PushAsync(Site site, int version)
    {
        world.Show(site, version);
        var (body, subscription) = (world.Delivery(site, version), world.Subscription(site)!);
        var signature = WebhookFixture.Sign(subscription.Secret, body);
        var (status, text) = await caller.SendAsync(HttpMethod.Post, subscription.Callback.PathAndQuery, body, "application/rss+xml", ("X-Hub-Signature", signature));
        Expect($"pushing {site.Name}", status, text, 202);
        var newest = site.Posts + (version * Site.AddedByVersion);
        Note(() => saidOfAddress[world.Link(site, newest)] = "");
    }

    public async Task LogAsync(string key, string json)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Post, "/ledger", json, ("Idempotency-Key", key));
        Expect($"logging {key}", status, text, 200, 201);
        var id = JsonNode.Parse(text)!.Text("id");
        logged[key] = id;
        Note(() => saidOfEntry[id] = JsonNode.Parse(json)!.AsObject());
    }

    public async Task LogAddressAsync(string key, int number)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Post, "/ledger", $$"""{"url":"{{world.Page(number)}}"}""", ("Idempotency-Key", key));
        Expect($"logging {key}", status, text, 200, 201);
        Note(() => saidOfAddress[world.Page(number)] = "");
    }

    public async Task EditAsync(string id, string json)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Patch, $"/ledger/{id}", json);
        Expect($"editing {id}", status, text, 200);
        Note(() =>
        {
            var said = saidOfEntry.GetValueOrDefault(id) ?? [];
            foreach (var (name, value) in JsonNode.Parse(json)!.AsObject())
            {
                if (value is null)
                    said.Remove(name);
                else
                    said[name] = value.DeepClone();
            }

            saidOfEntry[id] = said;
        });
    }

    public async Task RemoveAsync(string key)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Delete, $"/ledger/{Logged(key)}");
        Expect($"removing {key}", status, text, 204, 404);
        Note(() => saidOfEntry[Logged(key)] = null);
    }

    public async Task SetZoneAsync(string zone)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Put, "/me", $$"""{"zone":"{{zone}}"}""");
        Expect($"zone {zone}", status, text, 200);
    }

    public async Task SetTopicsAsync(string json)
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Put, "/me/topics", json);
        Expect("topics", status, text, 200);
    }

    public string Logged(string key) => logged[key];

    /// <summary>The entry that had the address at the end of the phase before.</summary>
    public string IdOf(string url) =>
        last!.ByUrl.TryGetValue(url, out var entry) ? entry.Text("id") : throw new InvalidOperationException($"{url} is not in the ledger.");

    public void Dispose() => folder.Dispose();

    private Dictionary<string, string> Settings(Uri address)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Data"] = Path.Combine(folder.FullName, "data"),
            ["Listen"] = address.AbsoluteUri.TrimEnd('/'),
            ["PublicUrl"] = address.AbsoluteUri.TrimEnd('/'),
            ["AllowNetworks"] = "127.0.0.0/8",
            ["Contact"] = world.Name,
            ["GitHubApi"] = world.GitHub,
            ["GitHubSite"] = world.GitHub,
        };
        if (storage is not null)
            settings["AzureWebJobsStorage"] = storage;
        return settings;
    }

    /// <summary>A key of the owner, made while the program does not run.</summary>
    private async Task<string> KeyAsync(Dictionary<string, string> settings)
    {
        var (exit, output) = await Published.RunAsync(executable, folder.FullName, settings, "keys", "new", "survive");
        return exit == 0 ? output.Split("Bearer ")[1].Split('\n')[0].Trim() : throw new InvalidOperationException($"There is no key: {output}");
    }

    /// <summary>GitHub with a hook, and a feed whose hub has verified: both take longer to come about than a program lives here.</summary>
    private async Task PrepareAsync()
    {
        var (status, text) = await caller.SendAsync(HttpMethod.Post, "/connections", $$"""{"address":"{{World.Login}}","source":"github"}""");
        Expect("connecting GitHub", status, text, 201);
        var hook = await caller.SendAsync(HttpMethod.Post, $"/connections/{JsonNode.Parse(text)!.Text("id")}/hook", "{}");
        Expect("making a hook", hook.Status, hook.Text, 201);
        (hookPath, hookSecret) = (JsonNode.Parse(hook.Text)!.Text("path"), JsonNode.Parse(hook.Text)!.Text("secret"));
        await ConnectAsync(script.Pushed);
        var began = Stopwatch.GetTimestamp();
        while (world.Subscription(script.Pushed) is null || !await IsIdleAsync())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException("The hub was not subscribed to.");
            await Task.Delay(Look, TimeProvider.System);
        }
    }

    private async Task DisturbAsync(IProgram program, Slot slot, Ending how, Dictionary<string, Task> lanes)
    {
        if (!slot.FromStart)
            await program.ReadyAsync(caller.Client);
        Begin(slot, lanes);
        await Task.Delay(slot.Wait, TimeProvider.System);
        await program.EndAsync(how);
        program.Start();
    }

    private void Begin(Slot slot, Dictionary<string, Task> lanes)
    {
        foreach (var act in slot.Acts)
            lanes[act.Lane] = AfterAsync(lanes.GetValueOrDefault(act.Lane, Task.CompletedTask), act);
    }

    private async Task AfterAsync(Task before, Act act)
    {
        await before;
        try
        {
            await act.Do(this);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            Note(() => differences.Add($"{act.Name}: {e.Message}"));
        }
    }

    /// <summary>When everything was as it is to be; null when it was not in time, and then the differences are noted.</summary>
    private async Task<TimeSpan?> SettleAsync(long began, Phase phase, Picture? expected)
    {
        List<string> faults;
        do
        {
            faults = ["It is not idle."];
            try
            {
                if (await IsIdleAsync())
                {
                    var at = Stopwatch.GetElapsedTime(began);
                    var now = await Picture.TakeAsync(caller);
                    faults = [.. differences, .. Broken(now), .. expected is null ? await MovesAsync(now) : now.Differences(expected)];
                    last = now;
                    if (faults.Count == 0)
                        return at;
                }
                else
                {
                    faults.Add(await BusyAsync());
                }
            }
            catch (InvalidOperationException e)
            {
                faults.Add(e.Message);
            }

            await Task.Delay(Look, TimeProvider.System);
        }
        while (Stopwatch.GetElapsedTime(began) < Patience && differences.Count == 0);
        if (expected is not null)
            await CountAsync(expected);
        differences.Clear();
        differences.AddRange(faults.Select(fault => $"after {phase.Name}: {fault}"));
        return null;
    }

    private async Task CountAsync(Picture expected)
    {
        try
        {
            var now = await Picture.TakeAsync(caller);
            entries = (now.Lost(expected), now.Doubled(expected));
        }
        catch (InvalidOperationException e)
        {
            differences.Add(e.Message);
        }
    }

    private async Task<IEnumerable<string>> MovesAsync(Picture before)
    {
        await Task.Delay(Calm, TimeProvider.System);
        return (await Picture.TakeAsync(caller)).Differences(before);
    }

    private async Task<bool> IsIdleAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var status = await caller.GetAsync("/status");
        return status.At("waiting").GetValue<int>() == 0 && status.At("countingAnew").GetValue<int>() == 0
            && (await caller.GetAsync("/connections")).At("items").AsArray().All(c => IsAtRest(c!, now));
    }

    private static bool IsAtRest(JsonNode connection, DateTimeOffset now) =>
        connection["ending"] is null && !connection.At("harvesting").GetValue<bool>() && !connection.At("backfilling").GetValue<bool>() && connection["lastSuccess"] is not null
        && connection["nextRun"]?.GetValue<DateTimeOffset>() > now;

    private async Task<string> BusyAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var left = (await caller.GetAsync("/connections")).At("items").AsArray().Where(c => !IsAtRest(c!, now));
        return $"{(await caller.GetAsync("/status")).At("waiting")} messages wait; {string.Join(' ', left.Select(c => c!.ToJsonString()))}";
    }

    /// <summary>Acknowledged writes that are not there as they were sent.</summary>
    private List<string> Broken(Picture now)
    {
        lock (gate)
        {
            return
            [
                .. saidOfEntry.Where(s => s.Value is null && now.ById.ContainsKey(s.Key)).Select(s => $"{s.Key} was removed and is there."),
                .. saidOfEntry.Where(s => s.Value is not null).SelectMany(s => Broken(s.Key, s.Value!, now.ById.GetValueOrDefault(s.Key))),
                .. saidOfAddress.Where(s => !now.ByUrl.TryGetValue(s.Key, out var entry) || (s.Value.Length > 0 && entry.Text("title") != s.Value))
                    .Select(s => $"{s.Key} was acknowledged as '{s.Value}' and is {now.ByUrl.GetValueOrDefault(s.Key)?.ToJsonString() ?? "not there"}."),
            ];
        }
    }

    private static IEnumerable<string> Broken(string id, JsonObject said, JsonObject? entry)
    {
        // Topics are folded by the person's aliases; numbers are objects in answers.
        foreach (var (name, value) in said.Where(s => s.Key is not ("topics" or "metrics")))
        {
            if (!JsonNode.DeepEquals(entry?[name], value))
                yield return $"{id} was acknowledged with {name} {value!.ToJsonString()} and has {entry?[name]?.ToJsonString() ?? "none"}.";
        }

        if (said["metrics"] is JsonObject metrics && metrics.Any(m => !JsonNode.DeepEquals(entry?["metrics"]?[m.Key]?["value"], m.Value)))
            yield return $"{id} was acknowledged with metrics {metrics.ToJsonString()} and has {entry?["metrics"]?.ToJsonString() ?? "none"}.";
    }

    private static void Expect(string what, int status, string text, params ReadOnlySpan<int> expected)
    {
        if (!expected.Contains(status))
            throw new InvalidOperationException($"{what} was answered {status}: {text}");
    }

    private void Note(Action change)
    {
        lock (gate)
            change();
    }
}
