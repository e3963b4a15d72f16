using System.Globalization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Web.Ledger;

/// <summary>How kinds are named, drawn and coloured. A colour never stands without its icon or word.</summary>
public static class KindText
{
    /// <summary>In the order in which charts list kinds with equal counts.</summary>
    public static readonly IReadOnlyList<Kind> All = Enum.GetValues<Kind>();

    /// <summary>The name of an icon.</summary>
    public static string Icon(Kind kind) => kind switch
    {
        Kind.BlogPost => "post",
        Kind.PullRequest => "pull",
        Kind.Video => "video",
        Kind.Event or Kind.Organising => "event",
        Kind.PodcastEpisode => "podcast",
        Kind.Talk => "talk",
        Kind.Workshop or Kind.Mentoring => "lesson",
        Kind.ForumAnswer => "answer",
        Kind.Article or Kind.Book => "book",
        _ => "other",
    };

    /// <summary>The class that gives a mark or an icon the colour of the kind.</summary>
    public static string Colour(Kind kind) => "k-" + Icon(kind);

    /// <summary>One of the kind, as in "1 blog post".</summary>
    public static string One(Kind kind) => kind switch
    {
        Kind.BlogPost => "blog post",
        Kind.PullRequest => "pull request",
        Kind.Video => "video",
        Kind.Event => "event",
        Kind.PodcastEpisode => "podcast episode",
        Kind.Talk => "talk",
        Kind.Workshop => "workshop",
        Kind.Mentoring => "mentoring",
        Kind.Organising => "organised event",
        Kind.ForumAnswer => "answer",
        Kind.Article => "article",
        Kind.Book => "book",
        Kind.Feedback => "piece of feedback",
        _ => "other contribution",
    };

    /// <summary>Several of the kind, as in "2 blog posts".</summary>
    public static string Many(Kind kind) => kind switch
    {
        Kind.Mentoring => "mentorings",
        Kind.Feedback => "pieces of feedback",
        _ => One(kind) + "s",
    };

    /// <summary>"no talks", "1 talk", "2 talks".</summary>
    public static string Count(Kind kind, int count) => count switch
    {
        0 => "no " + Many(kind),
        1 => "1 " + One(kind),
        _ => $"{Numbers.Whole(count)} {Many(kind)}",
    };

    /// <summary>As a title or a label: "Blog post".</summary>
    public static string Title(Kind kind) => Numbers.Capital(One(kind));

    /// <summary>As the title of several: "Blog posts".</summary>
    public static string Titles(Kind kind) => Numbers.Capital(Many(kind));
}

/// <summary>Numbers and dates as pages write them.</summary>
public static class Numbers
{
    /// <summary>British, with months of three letters.</summary>
    public static readonly CultureInfo English = British();

    private static CultureInfo British()
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo("en-GB").Clone();
        string[] months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", ""];
        (culture.DateTimeFormat.AbbreviatedMonthNames, culture.DateTimeFormat.AbbreviatedMonthGenitiveNames) = (months, [.. months]);
        return CultureInfo.ReadOnly(culture);
    }

    /// <summary>"1,450".</summary>
    public static string Whole(long number) => number.ToString("N0", English);

    /// <summary>"1,450", or "1.5" if it is no whole number.</summary>
    public static string Of(double number) => number.ToString("#,0.##", English);

    /// <summary>"no contributions", "1 contribution", "66 contributions".</summary>
    public static string Contributions(int count) => Count(count, "contribution", "contributions");

    /// <summary>The noun with its number; none is written out.</summary>
    public static string Count(int count, string one, string many) => count switch
    {
        0 => "no " + many,
        1 => "1 " + one,
        _ => $"{Whole(count)} {many}",
    };

    /// <summary>At the beginning of a sentence.</summary>
    public static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>"8 Oct 2026".</summary>
    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", English);

    /// <summary>"8 Oct".</summary>
    public static string ShortDay(DateOnly day) => day.ToString("d MMM", English);

    /// <summary>"Thursday 5 February 2026".</summary>
    public static string LongDay(DateOnly day) => day.ToString("dddd d MMMM yyyy", English);

    /// <summary>"October 2026".</summary>
    public static string Month(DateOnly day) => day.ToString("MMMM yyyy", English);

    /// <summary>"Oct".</summary>
    public static string ShortMonth(DateOnly day) => day.ToString("MMM", English);

    /// <summary>"16 June to 25 August", with years where they differ.</summary>
    public static string Span(DateOnly from, DateOnly to) => from.Year == to.Year
        ? $"{from.ToString("d MMMM", English)} to {to.ToString("d MMMM", English)}"
        : $"{from.ToString("d MMMM yyyy", English)} to {to.ToString("d MMMM yyyy", English)}";

    /// <summary>As addresses of pages have it: "2026-10-08".</summary>
    public static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
