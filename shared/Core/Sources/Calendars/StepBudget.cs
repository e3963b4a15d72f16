namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// How much work an expansion may still do: a rule that never matches, or matches every second for ever, ends here and not when the process
/// does. About twenty million steps a second. A budget may be a share of another: then one bad rule cannot use up what the others need.
/// </summary>
internal sealed class StepBudget(int most, StepBudget? shared = null)
{
    private int _left = most;

    /// <summary>Something was left undone, here or in a share of this.</summary>
    public bool IsSpent { get; private set; }

    public StepBudget Share(int steps) => new(steps, this);

    /// <summary>False when there is nothing left to take.</summary>
    public bool Take(int steps = 1)
    {
        _left -= steps;
        if (_left > 0 && shared?.Take(steps) != false) return true;
        IsSpent = true;
        if (shared is not null) shared.IsSpent = true;
        return false;
    }
}
