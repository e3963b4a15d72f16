using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Web.Digests;

/// <summary>What a page behind a link of a mail says, and what it asks for.</summary>
public sealed record LinkedView(string Title)
{
    /// <summary>The title of what it is about.</summary>
    public string? Quote { get; init; }

    public string? Text { get; init; }

    /// <summary>That nothing was saved; null if nothing is wrong.</summary>
    public string? Refusal { get; init; }

    /// <summary>Of the first form.</summary>
    public IReadOnlyList<EntryField> Fields { get; init; } = [];

    /// <summary>Each has a form of its own.</summary>
    public IReadOnlyList<LinkedButton> Buttons { get; init; } = [];
}

/// <param name="Value">What the form sends as <c>do</c>.</param>
/// <param name="IsMain">It is what most people came to do.</param>
/// <param name="Was">What the form sends as <c>was</c>, to go back to; null to send nothing.</param>
public sealed record LinkedButton(string Text, string Value = "yes", bool IsMain = false, string? Was = null);
