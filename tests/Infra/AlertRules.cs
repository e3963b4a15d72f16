using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Infra;

/// <summary>A row of Application Insights' table <c>customMetrics</c>.</summary>
internal sealed record MetricRow(
    DateTimeOffset Timestamp, string Name, double Value, int ValueCount, double ValueSum, double? ValueMin, double? ValueMax, IReadOnlyDictionary<string, string> CustomDimensions);

/// <summary>The alerts of a compiled template, over recorded rows as the service would evaluate them.</summary>
internal sealed class AlertRules
{
    private readonly IReadOnlyDictionary<string, AlertRule> rules;

    private AlertRules(IReadOnlyDictionary<string, AlertRule> rules) => this.rules = rules;

    public IEnumerable<KeyValuePair<string, AlertRule>> All => rules;

    /// <param name="parameters">The parameter file, whose snapshot is read.</param>
    public static AlertRules Read(string parameters)
    {
        using var snapshot = JsonDocument.Parse(File.ReadAllBytes(Repository.Path("infra", Path.ChangeExtension(parameters, ".snapshot.json"))));
        return new AlertRules(snapshot.RootElement.GetProperty("predictedResources").EnumerateArray()
            .Where(resource => resource.GetProperty("type").GetString() == "Microsoft.Insights/scheduledQueryRules")
            .ToDictionary(rule => rule.GetProperty("name").GetString()!.Split('-', 3)[2], rule => AlertRule.Of(rule.GetProperty("properties")), StringComparer.Ordinal));
    }

    /// <summary>What is wrong with each query, by the language's own parser; empty if nothing is.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> FaultsAsync(params IEnumerable<string> queries) =>
        (await RunAsync(queries.Select(query => (query, query, TimeSpan.FromHours(1))), [], [TestClock.Begin])).ToDictionary(query => query.Key, query => query.Value.Faults, StringComparer.Ordinal);

    /// <summary>What each rule measures without any data; null if it has no row then.</summary>
    public async Task<IReadOnlyDictionary<string, double?>> WithoutDataAsync()
    {
        var answers = await RunAsync(rules.Select(rule => (rule.Key, rule.Value.Query, rule.Value.Window)), [], [TestClock.Begin]);
        return rules.ToDictionary(
            rule => rule.Key,
            rule => answers[rule.Key].Tables[0] is [var row, ..] ? row.GetProperty(rule.Value.Measure).GetDouble() : (double?)null,
            StringComparer.Ordinal);
    }

    /// <summary>The alerts that fire between two moments, each with when it first does: <c>failing youtube</c> if a dimension splits it.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> FireAsync(IReadOnlyList<MetricRow> rows, DateTimeOffset from, DateTimeOffset to)
    {
        var fired = new SortedDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var times = new List<DateTimeOffset>();
        for (var at = from; at <= to; at += TimeSpan.FromMinutes(15))
            times.Add(at);
        var answers = await RunAsync(rules.Select(rule => (rule.Key, rule.Value.Query, rule.Value.Window)), rows, times);
        foreach (var (name, rule) in rules)
        {
            Assert.Empty(answers[name].Faults);
            foreach (var (series, values) in rule.Measured(answers[name].Tables))
            {
                var at = rule.FiresAt(values);
                if (at >= 0)
                    fired[$"{name} {series}".TrimEnd()] = times[at];
            }
        }

        return fired;
    }

    private static async Task<IReadOnlyDictionary<string, QueryAnswer>> RunAsync(
        IEnumerable<(string Name, string Text, TimeSpan Window)> queries, IReadOnlyList<MetricRow> rows, IReadOnlyList<DateTimeOffset> times)
    {
        var input = new
        {
            queries = queries.Select(query => new { name = query.Name, text = query.Text, minutes = query.Window.TotalMinutes }),
            rows = rows.Select(row => new
            {
                timestamp = row.Timestamp.ToUnixTimeMilliseconds(), name = row.Name, value = row.Value, valueCount = row.ValueCount, valueSum = row.ValueSum,
                valueMin = row.ValueMin, valueMax = row.ValueMax, customDimensions = row.CustomDimensions,
            }),
            times = times.Select(time => time.ToUnixTimeMilliseconds()),
        };
        using var answer = await NpmTool.RunAsync("kusto", "the parser of queries", Repository.Path("tests", "Infra", "run-alerts.mjs"), JsonSerializer.SerializeToUtf8Bytes(input));
        return answer.RootElement.EnumerateObject().ToDictionary(
            query => query.Name,
            query => new QueryAnswer(
                [.. query.Value.GetProperty("faults").EnumerateArray().Select(fault => fault.GetString()!)],
                [.. query.Value.GetProperty("tables").EnumerateArray().Select(table => table.EnumerateArray().Select(row => row.Clone()).ToList())]),
            StringComparer.Ordinal);
    }

    private sealed record QueryAnswer(IReadOnlyList<string> Faults, IReadOnlyList<IReadOnlyList<JsonElement>> Tables);
}

/// <summary>One rule (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule): what it measures, and when it fires.</summary>
internal sealed record AlertRule(
    string Query, string Measure, string Aggregation, string Operator, double Threshold, TimeSpan Window, TimeSpan Frequency, int Severity, IReadOnlyList<string> Dimensions, int Periods, int FailingPeriods)
{
    public static AlertRule Of(JsonElement properties)
    {
        var criterion = properties.GetProperty("criteria").GetProperty("allOf")[0];
        var periods = criterion.GetProperty("failingPeriods");
        return new AlertRule(
            criterion.GetProperty("query").GetString()!,
            criterion.GetProperty("metricMeasureColumn").GetString()!,
            criterion.GetProperty("timeAggregation").GetString()!,
            criterion.GetProperty("operator").GetString()!,
            criterion.GetProperty("threshold").GetDouble(),
            System.Xml.XmlConvert.ToTimeSpan(properties.GetProperty("windowSize").GetString()!),
            System.Xml.XmlConvert.ToTimeSpan(properties.GetProperty("evaluationFrequency").GetString()!),
            properties.GetProperty("severity").GetInt32(),
            [.. criterion.GetProperty("dimensions").EnumerateArray().Select(dimension => dimension.GetProperty("name").GetString()!)],
            periods.GetProperty("numberOfEvaluationPeriods").GetInt32(),
            periods.GetProperty("minFailingPeriodsToAlert").GetInt32());
    }

    /// <summary>The measure at each evaluation, null without a row, for each value of the dimensions.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double?>> Measured(IReadOnlyList<IReadOnlyList<JsonElement>> tables)
    {
        string Series(JsonElement row) => string.Join(' ', Dimensions.Select(dimension => row.GetProperty(dimension).GetString()));
        return tables.SelectMany(table => table).Select(Series).Distinct(StringComparer.Ordinal).ToDictionary(
            series => series,
            series => (IReadOnlyList<double?>)[.. tables.Select(table => Aggregate([.. table.Where(row => Series(row) == series).Select(row => row.GetProperty(Measure).GetDouble())]))],
            StringComparer.Ordinal);
    }

    /// <summary>The first evaluation at which enough of the last ones were beyond the threshold; -1 if there is none.</summary>
    public int FiresAt(IReadOnlyList<double?> values)
    {
        for (var last = 0; last < values.Count; last++)
        {
            if (values.Take(last + 1).TakeLast(Periods).Count(IsBeyond) >= FailingPeriods)
                return last;
        }

        return -1;
    }

    private double? Aggregate(IReadOnlyList<double> values) => (values.Count, Aggregation) switch
    {
        (0, _) => null,
        (_, "Maximum") => values.Max(),
        (_, "Minimum") => values.Min(),
        (_, "Total") => values.Sum(),
        (_, "Average") => values.Average(),
        (_, "Count") => values.Count,
        _ => throw new NotSupportedException(Aggregation),
    };

    private bool IsBeyond(double? value) => value is { } known && Operator switch
    {
        "GreaterThan" => known > Threshold,
        "GreaterThanOrEqual" => known >= Threshold,
        "LessThan" => known < Threshold,
        "LessThanOrEqual" => known <= Threshold,
        "Equal" => known.Equals(Threshold),
        _ => throw new NotSupportedException(Operator),
    };
}

/// <summary>A script over an npm package, which <c>tests/run</c> installs.</summary>
internal static class NpmTool
{
    /// <param name="folder">Below <c>artifacts</c>.</param>
    /// <param name="what">For whoever has not installed it.</param>
    /// <returns>What it prints.</returns>
    public static async Task<JsonDocument> RunAsync(string folder, string what, string script, byte[] input)
    {
        var home = Repository.Path("artifacts", folder);
        if (!Directory.Exists(Path.Combine(home, "node_modules")))
            throw new InvalidOperationException($"{what} is not installed. Run tests/run once: it installs it.");
        var start = new ProcessStartInfo("node", [script, home]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, StandardOutputEncoding = Encoding.UTF8 };
        using var process = Process.Start(start)!;
        var (found, said) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await said);
        return JsonDocument.Parse(await found);
    }
}
