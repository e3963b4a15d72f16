namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// Puts the Functions host's door before everything else, routing included: whatever comes after it sees public addresses only, and no
/// call of a function.
/// </summary>
internal sealed class DoorFilter(FunctionsDoor door, HostAddress address) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(door.Enter);
        app.Use(address.Restore);
        app.UseForwardedHeaders(HostAddress.Loopback());
        next(app);
    };
}

/// <summary>Somebody who names a public address while the program stands alone has put a proxy in front of it.</summary>
internal sealed class ProxyFilter(Uri publicUrl) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var options = HostAddress.Loopback();
        options.AllowedHosts.Add(publicUrl.Host);
        app.UseForwardedHeaders(options);
        next(app);
    };
}
