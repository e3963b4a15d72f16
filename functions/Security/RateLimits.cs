using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api;
using Microsoft.AspNetCore.RateLimiting;

namespace ContributionIngest.Functions.Security;

/// <param name="PerMinute">Requests a minute of one key, one session or one address, in each process; null for no limit.</param>
/// <param name="IsShared">Requests come through a host or a proxy, so that a loopback address says nothing.</param>
public sealed record RateLimitOptions(int? PerMinute, bool IsShared)
{
    /// <summary>Forms of the sign-in pages a minute, of one address.</summary>
    public const int FormsPerMinute = 20;

    /// <summary>Wrong keys, links and signatures a minute, of one address, in each process.</summary>
    public const int GuessesPerMinute = 30;

    /// <summary>The same in an hour, over all processes.</summary>
    public const int GuessesPerHour = 300;
}

/// <summary>
/// How many requests are answered. Each process counts in memory; what must hold over all of them (<see cref="Guesses"/>, mails for sign-in) counts in a row. A program on the same
/// machine with a valid key is not limited.
/// </summary>
internal static class RateLimits
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Guesses>();
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = async (rejected, _) => await Problems.TooMany(RetryAfter(rejected.Lease)).ExecuteAsync(rejected.HttpContext);
            options.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(Requests), PartitionedRateLimiter.Create<HttpContext, string>(Forms));
        });
    }

    /// <summary>Whom requests without a key or session count for: an IPv4 address, or the network of an IPv6 address, in which one client has all.</summary>
    public static string Client(HttpContext context)
    {
        const int NetworkBytes = 8;
        if (context.Connection.RemoteIpAddress is not { } address)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, NetworkBytes))
            : address.ToString();
    }

    public static int RetryAfter(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;

    private static RateLimitPartition<string> Requests(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<RateLimitOptions>();
        var caller = Caller.Find(context.User);
        var isLocal = caller is not null && !options.IsShared && context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
        return options.PerMinute is not { } perMinute || isLocal
            ? RateLimitPartition.GetNoLimiter("")
            : Bucket(caller?.Credential ?? Client(context), perMinute);
    }

    private static RateLimitPartition<string> Forms(HttpContext context) =>
        context.RequestServices.GetRequiredService<RateLimitOptions>().PerMinute is not null && HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint().Is(EndpointTrait.Form)
            ? Bucket(Client(context), RateLimitOptions.FormsPerMinute)
            : RateLimitPartition.GetNoLimiter("");

    private static RateLimitPartition<string> Bucket(string who, int perMinute) => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = perMinute,
        TokensPerPeriod = Math.Max(1, perMinute / 60),
        ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, 60 / perMinute)),
        QueueLimit = 0,
    });
}

/// <summary>An answer to a wrong key, link or signature.</summary>
internal static class GuessResult
{
    /// <summary>Counts the request as a guess; after too many the answer is 429.</summary>
    public static IResult AsGuess(this IResult answer) => new Counted(answer);

    private sealed class Counted(IResult answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext) => await
            (await httpContext.RequestServices.GetRequiredService<Guesses>().CountAsync(httpContext) is { } seconds ? Problems.TooMany(seconds) : answer).ExecuteAsync(httpContext);
    }
}

/// <summary>
/// Wrong keys, links and signatures, by the address they come from. Who guesses gets 429, also in other processes, since a row counts. A valid key or link from the same address works all the
/// while.
/// </summary>
internal sealed class Guesses(AttemptCounter attempts, RateLimitOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> perMinute = PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = RateLimitOptions.GuessesPerMinute,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / RateLimitOptions.GuessesPerMinute,
        QueueLimit = 0,
    }));

    /// <summary>Counts a wrong one.</summary>
    /// <returns>Null if it is answered as usual; otherwise after how many seconds the next one is.</returns>
    public async Task<int?> CountAsync(HttpContext context)
    {
        if (options.PerMinute is null)
            return null;
        var who = RateLimits.Client(context);
        using var lease = perMinute.AttemptAcquire(who);
        if (!lease.IsAcquired)
            return RateLimits.RetryAfter(lease);
        var wait = await attempts.CountAsync(string.Create(CultureInfo.InvariantCulture, $"guess {who}"), RateLimitOptions.GuessesPerHour, TimeSpan.FromHours(1), context.RequestAborted);
        return wait is { } left ? (int)Math.Ceiling(left.TotalSeconds) : null;
    }

    public void Dispose() => perMinute.Dispose();
}
