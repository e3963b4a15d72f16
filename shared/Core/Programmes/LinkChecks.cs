using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Evidence;

namespace ContributionIngest.Core.Programmes;

/// <summary>What was seen at the links, as sentences. They tell no more than what was looked at.</summary>
internal sealed class LinkChecks
{
    private readonly ReadinessInput input;
    private readonly List<(ReadinessItem Item, EvidenceCheck? Look)> links;

    /// <summary>It is only told where a programme asks for evidence, or something was looked at.</summary>
    private readonly bool isTold;

    public LinkChecks(ReadinessInput input)
    {
        this.input = input;
        links = [.. input.Current.Where(item => item.Url is not null).Select(item => (item, input.Looks.GetValueOrDefault(item.Id) is { } look && look.Address == item.Url ? look : null))];
        isTold = links.Count > 0 && (links.Exists(link => link.Look is not null) || input.Programme.Rules.Any(rule => rule.Check is RuleCheck.Evidence or RuleCheck.Link or RuleCheck.Page));
    }

    /// <summary>Whether the links answer, and when they were looked at.</summary>
    public ReadinessCheck? Links()
    {
        if (!isTold)
            return null;
        var looked = links.Where(link => link.Look is not null).ToList();
        if (looked.Count == 0)
            return new ReadinessCheck(RuleCheck.Link, links.Count == 1 ? "The link was never looked at." : $"None of the {Number(links.Count)} links was looked at yet.", 0);
        var (gone, refused, failing, closed) = (Of(LinkStatus.Gone), Of(LinkStatus.Refused), Of(LinkStatus.Failing), Of(LinkStatus.NotCheckable));
        var bad = gone.Concat(refused).Concat(failing).Concat(closed).ToList();
        var faults = new[]
        {
            Told(gone.Count, "has vanished", "have vanished"), Told(refused.Count, "did not let us in", "did not let us in"), Told(failing.Count, "could not be read", "could not be read"),
            Told(closed.Count, "is not on the public web", "are not on the public web"),
        };
        var alive = looked.Count - bad.Count;
        var oldest = input.Today.DayNumber - MonthRollup.Day(looked.Min(link => link.Look!.At), input.Zone).DayNumber;
        var age = oldest switch { <= 0 => "today", 1 => "yesterday", _ => $"{Number(oldest)} days ago" };
        var answered = $"{(alive == 0 ? "none" : Number(alive))} answered, the oldest look was {age}";
        var never = links.Count - looked.Count;
        string?[] parts = [bad.Count == 0 ? null : string.Join(", ", faults.OfType<string>()), answered, Told(never, "was never looked at", "were never looked at")];
        return new ReadinessCheck(RuleCheck.Link, $"Of {(links.Count == 1 ? "1 link" : $"{Number(links.Count)} links")}, {string.Join("; ", parts.OfType<string>())}.", bad.Count) { Entries = ReadinessChecks.Ids(bad) };

        List<ReadinessItem> Of(LinkStatus status) => [.. looked.Where(link => link.Look!.Status == status).Select(link => link.Item)];
    }

    /// <summary>Whether the name and the date stand on the pages.</summary>
    public ReadinessCheck? Pages()
    {
        if (!isTold || (links.TrueForAll(link => link.Look is null) && input.Programme.Rules.All(rule => rule.Check != RuleCheck.Page)))
            return null;

        // Of an entry that was given another day since, the page was not looked at for it.
        var pages = links.Where(link => link.Look is { } look && look.Day == link.Item.Day && (look.Name, look.Date) != (PageFinding.NotChecked, PageFinding.NotChecked)).ToList();
        if (pages.Count == 0)
            return new ReadinessCheck(RuleCheck.Page, "No page was looked at for your name and the date yet.", 0);
        var (nameless, dateless) = (pages.Count(page => page.Look!.Name == PageFinding.NotFound), pages.Count(page => page.Look!.Date == PageFinding.NotFound));
        var unnamed = pages.Count(page => page.Look!.Name == PageFinding.NotChecked);
        var both = pages.Count(page => (page.Look!.Name, page.Look.Date) == (PageFinding.Found, PageFinding.Found));
        var lacking = pages.Where(page => page.Look!.Name == PageFinding.NotFound || page.Look.Date == PageFinding.NotFound).Select(page => page.Item).ToList();
        string?[] parts =
        [
            $"Your name and the date stand on {(both == 0 ? "none" : Number(both))} of {(pages.Count == 1 ? "1 page" : $"{Number(pages.Count)} pages")}", nameless == 0 ? null : $"the name was not found on {Number(nameless)}",
            dateless == 0 ? null : $"the date was not found on {Number(dateless)}", unnamed == 0 ? null : $"the name was not looked for on {Number(unnamed)}",
            Told(links.Count - pages.Count, "link was not looked at for them", "links were not looked at for them"),
        ];
        return new ReadinessCheck(RuleCheck.Page, string.Join("; ", parts.OfType<string>()) + ".", lacking.Count) { Entries = ReadinessChecks.Ids(lacking) };
    }

    private static string? Told(int count, string one, string many) => count == 0 ? null : $"{Number(count)} {(count == 1 ? one : many)}";

    private static string Number(int number) => ReadinessChecks.Number(number);
}
