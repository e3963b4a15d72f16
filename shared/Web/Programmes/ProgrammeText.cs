using ContributionIngest.Core.Programmes;

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

    public static string Mark(RuleMark mark) => mark switch
    {
        RuleMark.Published => "Published by the programme",
        RuleMark.Reported => "Reported by participants; check before you rely on it",
        _ => "Advice of reviewers and participants",
    };
}
