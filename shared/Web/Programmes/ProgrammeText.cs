using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Web.Programmes;

/// <summary>Words about programmes.</summary>
public static class ProgrammeText
{
    /// <summary>A clause with a capital letter.</summary>
    public static string Wish(Wish wish) => wish switch
    {
        Core.Programmes.Wish.Count => "It counts contributions",
        Core.Programmes.Wish.Depth => "It looks for depth in one area",
        Core.Programmes.Wish.Breadth => "It looks for several kinds",
        Core.Programmes.Wish.Regularity => "It looks for something in every month",
        Core.Programmes.Wish.Points => "It counts points",
        _ => "What it looks for most is not known",
    };

    /// <summary>How a rule is known, in a word.</summary>
    public static string Word(RuleMark mark) => EnumText<RuleMark>.Of(mark);

    /// <summary>What the window of a programme waits for, as a question.</summary>
    public static string Ask(WindowKind kind) => kind switch
    {
        WindowKind.Anniversary => "Since when are you in it?",
        WindowKind.Cohort => "When did your cohort begin?",
        WindowKind.Rolling => "When will you apply?",
        _ => "Until when are applications taken?",
    };

    /// <summary>The days of a programme of the person's, below its name.</summary>
    public static string Window(ProgrammeView view)
    {
        var days = $"{Numbers.Day(view.Readiness.Window.From)} – {Numbers.Day(view.Readiness.Window.To)}";
        if (view.Readiness.IsOurWindow)
            return view.Programme.Window is null ? $"no window published; {days}" : days;
        return view.Programme.Window!.Kind switch
        {
            WindowKind.Anniversary => $"your year: {days}",
            WindowKind.Cohort => $"your cohort's term: {days}",
            _ => days,
        };
    }

    /// <summary>The rule to show where there is room for one: with a figure, or else the first.</summary>
    public static ProgrammeRule? MainRule(Programme programme) => programme.Rules.FirstOrDefault(rule => rule.AtLeast is not null) ?? (programme.Rules.Count > 0 ? programme.Rules[0] : null);

    public static string PartClass(AreaPart part) => part switch
    {
        AreaPart.Area => "p-area",
        AreaPart.Category => "p-category",
        AreaPart.Other => "p-other",
        _ => "p-open",
    };

    /// <summary>As addresses have it.</summary>
    public static string PartWord(AreaPart part) => EnumText<AreaPart>.Of(part);

    public static string PartName(AreaPart part, AreaShare share) => part switch
    {
        AreaPart.Area => share.Area ?? "the area",
        AreaPart.Category => $"elsewhere in {share.Category ?? "its category"}",
        AreaPart.Other => share.Area is null ? "placed" : "other areas",
        _ => "not placed",
    };
}
