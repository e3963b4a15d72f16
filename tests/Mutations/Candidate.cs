using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace ContributionIngest.Mutations;

/// <summary>A small change that could be made. In the copy it stands beside the original, and a number decides which of the two runs.</summary>
/// <param name="File">Relative to the checkout.</param>
/// <param name="Member">The member it stands in.</param>
/// <param name="Before">What is put before the number.</param>
/// <param name="Between">What is put between the number and the original.</param>
/// <param name="After">What is put after the original.</param>
/// <param name="IsAtStart">Runs once in a process, in a static initializer.</param>
internal sealed partial record Candidate(
    string File, string Member, int Line, TextSpan Span, string Before, string Between, string After, string Original, string Mutated, bool IsAtStart)
{
    /// <summary>How <c>equivalent.md</c> names it.</summary>
    public string Name => $"{File} {Member}: `{Original}` → `{Mutated}`";

    /// <summary>How results name it: apart from others of the same text.</summary>
    public string Place => $"{File}:{Line}:{Span.Start}: {Original} → {Mutated}";

    public static string Shorten(string text)
    {
        const int Longest = 110;
        var line = Spaces().Replace(text, " ").Trim();
        return line.Length > Longest ? line[..Longest] + "..." : line;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Spaces();
}

/// <summary>A candidate that was drawn, with its number.</summary>
internal sealed record Mutant(int Number, Candidate Candidate)
{
    public override string ToString() => $"{Number,4}  line {Candidate.Line,3} of {Candidate.Name}";
}
