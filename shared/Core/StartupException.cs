namespace ContributionIngest.Core;

/// <summary>The program cannot start as it is set up. Every fault found is one sentence for the person who starts it.</summary>
public sealed class StartupException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
