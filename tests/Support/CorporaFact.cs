using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ContributionIngest.Tests.Support;

/// <summary>A test over outside data: it exists only where the variable <c>CORPORA</c> names the folder, and there nothing may be missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ContributionIngest.Tests.Support." + nameof(CorporaFactDiscoverer), "ContributionIngest.Tests")]
public sealed class CorporaFactAttribute : FactAttribute;

public sealed class CorporaFactDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    private readonly FactDiscoverer facts = new(messages);

    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Corpora.Folder is null ? [] : facts.Discover(discoveryOptions, testMethod, factAttribute);
}

public static class Corpora
{
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("CORPORA") is { Length: > 0 } folder ? folder : null;

    public static string Path(params string[] parts) =>
        System.IO.Path.Combine([Folder ?? throw new InvalidOperationException("CORPORA is not set."), .. parts]);
}
