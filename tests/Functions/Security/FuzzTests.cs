using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>A small part of <c>tests/bench fuzz</c>, with each build.</summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData(2026)]
    [InlineData(11)]
    public async Task No_request_of_any_role_is_answered_by_an_error_of_ours(int seed)
    {
        var (faults, statuses) = await Fuzzer.RunAsync(seed, 1_500);

        Assert.Empty(faults);

        // The requests got past the door: they were answered, refused, and not found.
        Assert.All(new[] { "200", "400", "401", "403", "404" }, status => Assert.Contains(status, statuses.Keys));
    }
}
