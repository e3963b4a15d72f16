using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class ContractTests
{
    public static TheoryData<string> Suites => [.. All().Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Every_contract_suite_runs_on_both_drivers(string suite)
    {
        var runs = typeof(ContractTests).Assembly.GetTypes().Where(t => t.BaseType?.Name == suite).Select(t => t.Name);

        Assert.Equal(["Azure" + suite, "Local" + suite], runs.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Type> All() =>
        typeof(ContractTests).Assembly.GetTypes().Where(t => t.IsAbstract && t.Name.EndsWith("Contract", StringComparison.Ordinal));
}
