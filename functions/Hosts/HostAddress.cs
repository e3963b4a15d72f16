using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace ContributionIngest.Functions.Hosts;

/// <summary>Tells the host's own calls from those it passes on, and gives the latter the address they were sent to.</summary>
internal sealed class HostAddress(int port)
{
    // The host, or the front end before it, puts at least one of these on everything that comes from outside.
    private static readonly string[] Outside = ["x-ms-invocation-id", "DISGUISED-HOST", "X-ARR-LOG-ID", "Forwarded"];

    private readonly string own = $"127.0.0.1:{port}";

    public bool IsCalledByHost(HttpContext context) =>
        context.Request.Host.Value == own
        && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && !context.Request.Headers.Keys.Any(IsFromOutside);

    /// <summary>
    /// A proxied request carries our own address as its host and the public one in X-Forwarded-Host, which the host sets itself. A forwarded
    /// request carries the public one as its host, and an X-Forwarded-Host in it is the client's own invention.
    /// </summary>
    public Task Restore(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (context.Request.Host.Value != own)
            headers.Remove("X-Forwarded-Host");
        else if (!headers.ContainsKey("X-Forwarded-Host") && headers.TryGetValue("DISGUISED-HOST", out var host))
            headers["X-Forwarded-Host"] = host;
        return next(context);
    }

    /// <summary>Believes the process on the other end of a loopback connection, and nobody else.</summary>
    public static ForwardedHeadersOptions Loopback()
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
        };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        options.KnownProxies.Add(IPAddress.Loopback);
        options.KnownProxies.Add(IPAddress.IPv6Loopback);
        return options;
    }

    // X-Original-* is what the framework leaves of X-Forwarded-* when somebody has switched its own handling on.
    private static bool IsFromOutside(string header) =>
        header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase)
        || Outside.Contains(header, StringComparer.OrdinalIgnoreCase);
}
