using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Faults;

/// <summary>Something that is done with the program, and whose end must not depend on what goes wrong on the way.</summary>
/// <param name="Places">Scripts the web outside, as it is before the act.</param>
/// <param name="Prepare">What is there before; nothing goes wrong in it.</param>
internal sealed record Scenario(string Name, Action<FaultedRun> Places, Func<FaultedRun, Task> Prepare, Func<FaultedRun, Task> Act)
{
    /// <summary>Further rows of the end's picture.</summary>
    public Func<FaultedRun, Task<IReadOnlyList<string>>> Further { get; init; } = _ => Task.FromResult<IReadOnlyList<string>>([]);
}

/// <summary>A scenario at its beginning: a store to be copied, the time, and what the preparation learned.</summary>
internal sealed record Prepared(Scenario Scenario, TemporaryFolder Folder, DateTimeOffset At, IReadOnlyDictionary<string, string> Known, EndState Undisturbed);
