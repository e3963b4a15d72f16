namespace ContributionIngest.Web.Layout;

/// <summary>What every page knows of the request it is rendered for.</summary>
/// <param name="Person">The name of who is signed in, or a word for them; null if nobody is.</param>
/// <param name="Section">The path of the section the page belongs to, such as <c>/connections</c>.</param>
/// <param name="Csrf">The token that forms post back.</param>
/// <param name="Said">What the step before did, shown on top; null if nothing.</param>
/// <param name="Care">How many connections need the person.</param>
/// <param name="HasNoZone">The person's days are counted in UTC, which nobody may have chosen.</param>
/// <param name="IsOperator">Whether the person may see the state of the installation.</param>
public sealed record PageContext(string? Person, string Section, string Csrf, Notice? Said = null, int Care = 0, bool IsOperator = false, bool HasNoZone = false)
{
    /// <summary>Two letters for the person.</summary>
    public string Initials
    {
        get
        {
            var words = (Person ?? "").Split([' ', '.', '@'], StringSplitOptions.RemoveEmptyEntries);
            return string.Concat(words.Take(2).Select(word => System.Globalization.StringInfo.GetNextTextElement(word))).ToUpperInvariant();
        }
    }
}

/// <param name="IsBad">Something could not be done.</param>
/// <param name="Undo">Takes back what was done; null if it cannot be, or need not.</param>
public sealed record Notice(string Text, bool IsBad = false, UndoForm? Undo = null);

/// <summary>A form that takes back what was done.</summary>
/// <param name="Action">The path it is posted to.</param>
/// <param name="Fields">Hidden, by name.</param>
public sealed record UndoForm(string Action, IReadOnlyDictionary<string, string> Fields);
