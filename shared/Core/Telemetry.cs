using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace ContributionIngest.Core;

/// <summary>
/// What the program tells of itself: one source of activities and one meter, both named <see cref="Name"/>. Where nobody listens it costs next to nothing.
/// </summary>
public static class Telemetry
{
    public const string Name = "ContributionIngest";

    public const string HarvestsName = "ledger.harvests";
    public const string DueName = "ledger.harvests.due";
    public const string WritesName = "ledger.writes";
    public const string PoisonName = "ledger.poison";
    public const string OldestName = "ledger.queue.oldest";
    public const string QuotaName = "ledger.quota.left";
    public const string MailsName = "ledger.mails";
    public const string WaitingName = "ledger.mail.waiting";
    public const string HttpName = "ledger.http";

    /// <summary>Strangers choose which hosts are asked; a dimension with a value for each of them would be without end.</summary>
    private const int MaxHosts = 100;

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Harvests = Meter.CreateCounter<long>(HarvestsName, "{harvest}", "Harvests that came to an end, by source and outcome.");
    private static readonly Counter<long> Planned = Meter.CreateCounter<long>(DueName, "{harvest}", "Harvests that were due and queued.");
    private static readonly Counter<long> Writes = Meter.CreateCounter<long>(WritesName, "{entry}", "Entries that harvests made or changed.");
    private static readonly Counter<long> Poison = Meter.CreateCounter<long>(PoisonName, "{message}", "Messages that were given up, by queue.");
    private static readonly Gauge<double> Oldest = Meter.CreateGauge<double>(OldestName, "s", "How long the oldest message of a queue has been waiting.");
    private static readonly Gauge<long> Quota = Meter.CreateGauge<long>(QuotaName, "{request}", "What a provider still lets us ask for.");
    private static readonly Counter<long> Mails = Meter.CreateCounter<long>(MailsName, "{mail}", "Mails, by what became of them.");
    private static readonly Gauge<long> Waiting = Meter.CreateGauge<long>(WaitingName, "{mail}", "Mails that are queued, also those whose turn or next attempt is to come.");
    private static readonly Histogram<double> Http = Meter.CreateHistogram<double>(HttpName, "s", "Requests to places outside, by host and outcome.");
    private static readonly ConcurrentDictionary<string, bool> Hosts = new(StringComparer.OrdinalIgnoreCase);

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>What a message carries, so that the work on it belongs to the trace it was put in; null where nobody listens.</summary>
    public static string? Trace => Source.HasListeners() ? Activity.Current?.Id : null;

    /// <summary>Work that a message asked for, in the trace of whoever put it; the invocation that took it is linked.</summary>
    /// <param name="trace">From <see cref="Trace"/>.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Continue(string name, string? trace)
    {
        if (!ActivityContext.TryParse(trace, null, isRemote: true, out var parent))
            return Source.StartActivity(name, ActivityKind.Consumer);
        IEnumerable<ActivityLink> links = Activity.Current is { } invocation ? [new ActivityLink(invocation.Context)] : [];
        return Source.StartActivity(name, ActivityKind.Consumer, parent, links: links);
    }

    /// <param name="outcome">ok, transient or terminal.</param>
    public static void Harvested(string source, string outcome) => Harvests.Add(1, new("source", source), new("outcome", outcome));

    public static void HarvestDue() => Planned.Add(1);

    /// <param name="change">new, revised or changed.</param>
    public static void Wrote(string change, int entries)
    {
        if (entries > 0)
            Writes.Add(entries, new KeyValuePair<string, object?>("change", change));
    }

    public static void GivenUp(string queue) => Poison.Add(1, new KeyValuePair<string, object?>("queue", queue));

    public static void OldestMessage(string queue, TimeSpan age) => Oldest.Record(age.TotalSeconds, new KeyValuePair<string, object?>("queue", queue));

    public static void QuotaLeft(string provider, long left) => Quota.Record(left, new KeyValuePair<string, object?>("provider", provider));

    public static void Mailed(Enum outcome) => Mails.Add(1, new KeyValuePair<string, object?>("outcome", Word(outcome)));

    /// <summary>A mail was wanted, and nothing sends mail here.</summary>
    public static void MailIsOff() => Mails.Add(1, new KeyValuePair<string, object?>("outcome", "off"));

    public static void MailsWaiting(int mails) => Waiting.Record(mails);

    public static void Asked(string host, Enum outcome, TimeSpan took)
    {
        if (!Http.Enabled)
            return;
        var name = Hosts.ContainsKey(host) || (Hosts.Count < MaxHosts && Hosts.TryAdd(host, true)) ? host : "other";
        Http.Record(took.TotalSeconds, new("host", name), new("outcome", Word(outcome)));
    }

    private static string Word(Enum outcome) => JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());
}
