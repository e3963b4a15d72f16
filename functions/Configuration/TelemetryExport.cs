using System.Runtime.CompilerServices;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using ContributionIngest.Core;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ContributionIngest.Functions.Configuration;

/// <summary>
/// Where traces, metrics and the log go: to Application Insights (<c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>), to an OpenTelemetry collector
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its kin, https://opentelemetry.io/docs/specs/otel/protocol/exporter/), to both, or, as long as neither is set, nowhere.
/// </summary>
internal static class TelemetryExport
{
    public static void Add(IServiceCollection services, IConfiguration configuration, bool isWorker)
    {
        var (insights, collector) = (configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"], configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (!string.IsNullOrEmpty(insights) || !string.IsNullOrEmpty(collector))
            Export(services, insights, collector, configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"], isWorker);
    }

    // A method of its own, so that a start without it loads nothing of it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Export(IServiceCollection services, string? insights, string? collector, string? authentication, bool isWorker)
    {
        // The storage clients tell of their calls only when asked to.
        AppContext.SetSwitch("Azure.Experimental.EnableActivitySource", true);
        var telemetry = services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource(Telemetry.Name, "Azure.*", "System.Net.Http"))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name))
            .WithLogging();
        if (isWorker)
            telemetry.UseFunctionsWorkerDefaults();
        else
            telemetry.WithTracing(tracing => tracing.AddSource("Microsoft.AspNetCore"));
        if (!string.IsNullOrEmpty(collector))
            telemetry.UseOtlpExporter();
        if (!string.IsNullOrEmpty(insights))
        {
            telemetry.UseAzureMonitorExporter(exporter =>
            {
                exporter.ConnectionString = insights;
                if (ClientId(authentication) is { } identity)
                    exporter.Credential = new ManagedIdentityCredential(identity);
            });
        }
    }

    /// <summary>
    /// Of <c>Authorization=AAD;ClientId=…</c>, by which the host's own telemetry is let in
    /// (https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string).
    /// </summary>
    /// <returns>Null where no identity is asked for.</returns>
    private static ManagedIdentityId? ClientId(string? authentication)
    {
        var parts = (authentication ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (!parts.Contains("Authorization=AAD", StringComparer.OrdinalIgnoreCase))
            return null;
        const string Id = "ClientId=";
        return parts.FirstOrDefault(part => part.StartsWith(Id, StringComparison.OrdinalIgnoreCase)) is { } client
            ? ManagedIdentityId.FromUserAssignedClientId(client[Id.Length..])
            : ManagedIdentityId.SystemAssigned;
    }
}
