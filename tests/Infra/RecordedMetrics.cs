using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Azure.Core.Pipeline;
using Azure.Monitor.OpenTelemetry.Exporter;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace ContributionIngest.Tests.Infra;

/// <summary>
/// The program's own export to Application Insights, whose ingestion end point is this handler: what arrives becomes rows, at the time of the test's clock.
/// Meters are the process's: nothing else may run meanwhile.
/// </summary>
internal sealed class RecordedMetrics : HttpMessageHandler
{
    private static int last;

    private readonly Lock gate = new();
    private readonly List<MetricRow> rows = [];
    private readonly ServiceProvider services;
    private readonly TestClock clock;

    public RecordedMetrics(TestClock clock)
    {
        this.clock = clock;
        var collection = new ServiceCollection();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            // Exporters with the same connection share one transport.
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"InstrumentationKey=00000000-0000-0000-0000-{Interlocked.Increment(ref last):D12};IngestionEndpoint=https://ingestion.example/",
        };
        TelemetryExport.Add(collection, new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), isWorker: false);
        collection.Configure<AzureMonitorExporterOptions>(options =>
        {
            options.Transport = new HttpClientTransport(this);
            options.DisableOfflineStorage = true;
        });
        services = collection.BuildServiceProvider();
        Flush();
    }

    public IReadOnlyList<MetricRow> Rows
    {
        get
        {
            lock (gate)
                return [.. rows];
        }
    }

    /// <summary>As the exporter does each minute.</summary>
    public void Flush() => services.GetRequiredService<MeterProvider>().ForceFlush();

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var body = request.Content!.ReadAsStream(cancellationToken);
        using var plain = request.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(body, CompressionMode.Decompress) : body;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var count = 0;
        while (reader.ReadLine() is { } line)
        {
            count++;
            Take(line);
        }

        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($$"""{"itemsReceived":{{count}},"itemsAccepted":{{count}},"errors":[]}""", Encoding.UTF8, "application/json") };
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Send(request, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            services.Dispose();
        base.Dispose(disposing);
    }

    private void Take(string line)
    {
        using var envelope = JsonDocument.Parse(line);
        var data = envelope.RootElement.GetProperty("data");
        if (data.GetProperty("baseType").GetString() != "MetricData")
            return;
        var content = data.GetProperty("baseData");
        var dimensions = content.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()!, StringComparer.Ordinal)
            : [];
        foreach (var metric in content.GetProperty("metrics").EnumerateArray())
        {
            var sum = metric.GetProperty("value").GetDouble();
            var count = metric.TryGetProperty("count", out var measurements) ? measurements.GetInt32() : 1;
            double? Number(string name) => metric.TryGetProperty(name, out var number) ? number.GetDouble() : null;
            var row = new MetricRow(clock.GetUtcNow(), metric.GetProperty("name").GetString()!, sum / count, count, sum, Number("min"), Number("max"), dimensions);
            lock (gate)
                rows.Add(row);
        }
    }
}
