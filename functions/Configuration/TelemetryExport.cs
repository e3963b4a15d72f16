using System.Runtime.CompilerServices;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using ContributionIngest.Core;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ContributionIngest.Functions.Configuration;

/// <summary>
/// Exports traces, metrics and the log to Application Insights (<c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>), an OpenTelemetry collector
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and related variables, https://opentelemetry.io/docs/specs/otel/protocol/exporter/), or both. Exports nothing if neither is set.
/// </summary>
internal static class TelemetryExport
{
    private const string Insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    private static readonly string[] Files = ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY"];

    /// <exception cref="StartupException">A value cannot be used.</exception>
    public static void Add(IServiceCollection services, IConfiguration configuration, bool isWorker)
    {
        var (insights, collector) = (configuration[Insights], configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (string.IsNullOrEmpty(insights) && string.IsNullOrEmpty(collector))
            return;
        Check(configuration, insights);
        Export(services, insights, collector, configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"], isWorker);
    }

    // The exporters themselves would say so with a stack trace, when the server starts.
    private static void Check(IConfiguration configuration, string? insights)
    {
        List<string> faults = [.. Files.Where(name => configuration[name] is { Length: > 0 } file && !File.Exists(file))
            .Select(name => $"{name} is '{configuration[name]}', allowed is the path of a file that this user may read.")];
        if (!string.IsNullOrEmpty(insights) && !IsConnectionString(insights))
            faults.Add($"{Insights} is no connection string, allowed is InstrumentationKey=…;IngestionEndpoint=…, as the portal shows it.");
        if (faults.Count > 0)
            throw new StartupException(faults);
    }

    private static bool IsConnectionString(string text)
    {
        const string Key = "InstrumentationKey=";
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.All(part => part.IndexOf('=', StringComparison.Ordinal) > 0)
            && parts.Any(part => part.StartsWith(Key, StringComparison.OrdinalIgnoreCase) && Guid.TryParse(part[Key.Length..], out _));
    }

    // A separate method, so that a start without it does not load the assemblies.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Export(IServiceCollection services, string? insights, string? collector, string? authentication, bool isWorker)
    {
        // The storage clients report their calls only if this is enabled.
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
    /// The client id in <c>Authorization=AAD;ClientId=…</c>, which the host's own telemetry uses
    /// (https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string).
    /// </summary>
    /// <returns>Null if no identity is configured.</returns>
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
