using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>Every test of the app in process ends with a look at what was logged: keys, sessions, tokens and secrets of settings are not in it.</summary>
public sealed class LoggedSecretTests
{
    [Fact]
    public async Task A_key_in_the_log_fails_the_test_it_was_logged_in()
    {
        var app = await AppFixture.StartAsync(new ScriptedWeb());
        var key = app.Client.DefaultRequestHeaders.Authorization!.Parameter;

        app.App.Services.GetRequiredService<ILoggerFactory>().CreateLogger("a test").LogWarning("The key {Key} was presented.", key);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await app.DisposeAsync());
        Assert.StartsWith("A secret was logged", failure.Message, StringComparison.Ordinal);
    }
}
