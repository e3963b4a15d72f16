using System.Diagnostics.Metrics;
using ContributionIngest.Core;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>Metrics of this process for the status endpoint, for operators without a telemetry backend.</summary>
internal sealed class ProcessMetrics : IHostedService, IDisposable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, MetricItem> items = new(StringComparer.Ordinal);
    private readonly MeterListener listener;

    public ProcessMetrics()
    {
        listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public IReadOnlyList<MetricItem> Now()
    {
        lock (gate)
            return [.. items.Values];
    }

    public void Dispose() => listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var dimensions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, dimension) in tags)
            dimensions[name] = dimension?.ToString() ?? "";
        var key = instrument.Name + string.Concat(dimensions.Select(dimension => $"|{dimension.Value}"));
        lock (gate)
        {
            var before = items.GetValueOrDefault(key) ?? new MetricItem(instrument.Name, instrument.Unit, dimensions, 0);
            items[key] = instrument switch
            {
                Gauge<double> or Gauge<long> => before with { Value = value },
                Histogram<double> => before with { Value = before.Value + value, Count = (before.Count ?? 0) + 1, Most = Math.Max(before.Most ?? 0, value) },
                _ => before with { Value = before.Value + value },
            };
        }
    }
}

/// <param name="Unit">In OpenTelemetry notation, such as <c>s</c> or <c>{mail}</c>.</param>
/// <param name="Value">The sum since the process started; for a gauge, the last measurement.</param>
internal sealed record MetricItem(string Name, string? Unit, IReadOnlyDictionary<string, string> Dimensions, double Value)
{
    /// <summary>The number of measurements in the sum; only for histograms.</summary>
    public long? Count { get; init; }

    /// <summary>The largest measurement.</summary>
    public double? Most { get; init; }
}
