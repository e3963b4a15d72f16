namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// How much work an expansion may still do, shared by all rules of a document: a rule that never matches, or matches every second for ever,
/// ends here and not when the process does. About twenty million steps a second.
/// </summary>
internal sealed class StepBudget(int most)
{
    private int _left = most;

    public bool IsSpent => _left <= 0;

    /// <summary>False when there is nothing left to take.</summary>
    public bool Take(int steps = 1)
    {
        _left -= steps;
        return _left > 0;
    }
}
