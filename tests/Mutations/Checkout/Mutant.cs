namespace ContributionIngest.Core;

/// <summary>In the copy alone: says whether a mutant is on, and notes which were asked for.</summary>
public static class Mutant
{
    private static readonly bool[] Asked = new bool[100_000];

    /// <summary>The number of the one that is on. The variable is for other programs that a test starts, and for a look by hand.</summary>
    public static int On { get; set; } = int.TryParse(Environment.GetEnvironmentVariable("MUTANT"), out var number) ? number : 0;

    public static bool Is(int number)
    {
        Asked[number] = true;
        return On == number;
    }

    /// <summary>Those reached since the last call.</summary>
    public static List<int> TakeReached()
    {
        var reached = Enumerable.Range(0, Asked.Length).Where(number => Asked[number]).ToList();
        Array.Clear(Asked);
        return reached;
    }
}
