using System.Globalization;
using ContributionIngest.Functions.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class ProxyTests
{
    [Theory]
    [InlineData("https://app.example", "https://app.example/api/where 203.0.113.9")]
    [InlineData("https://other.example", "https://127.0.0.1:PORT/api/where 203.0.113.9")]
    public async Task Forwarded_headers_are_trusted_only_for_the_configured_public_address(string publicUrl, string seen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IStartupFilter>(new ProxyFilter(new Uri(publicUrl)));
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(string.Create(
            CultureInfo.InvariantCulture, $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path} {context.Connection.RemoteIpAddress}")));
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/api/where"));
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Host", "app.example");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var answer = await client.SendAsync(request, CancellationToken.None);
        Assert.Equal(
            seen.Replace("PORT", address.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
            await answer.Content.ReadAsStringAsync());
    }
}
