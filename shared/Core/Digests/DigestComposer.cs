using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using NodaTime;

namespace ContributionIngest.Core.Digests;

/// <summary>Puts a digest into words.</summary>
internal sealed class DigestComposer(WeekDigest digest, DigestLinks links)
{
    /// <summary>Keeps a mail about 200 contributions below 100 KB.</summary>
    private const int MaxNew = 60;

    private const int MaxNeeds = 3;
    private const int MaxOthers = 10;
    private const int MaxKinds = 3;
    private const int MaxTitleLength = 140;
    private const int MaxProblemLength = 400;

    /// <summary>What no connection sees, most usual first.</summary>
    private static readonly Kind[] Unseen = [Kind.ForumAnswer, Kind.Talk, Kind.Mentoring, Kind.Other];

    private readonly DigestTexts texts = DigestTexts.Of(digest.Locale);
    private readonly DateTimeZone zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(digest.Zone) ?? DateTimeZone.Utc;

    private DateOnly Sunday => digest.Monday.AddDays(6);

    public DigestParts Parts()
    {
        var most = Math.Max(1, digest.Days.DefaultIfEmpty().Max());
        return new DigestParts(
            texts.Language,
            texts.With("week.of", texts.Span(digest.Monday, Sunday)),
            Plain(Headline())!,
            [.. Opening()],
            [.. digest.Days.Select((count, i) => Day(digest.Monday.AddDays(i), count, most))],
            [.. Sections().Where(section => section.Lines.Count > 0 || section.Acts.Count > 0)],
            links.Unsubscribe is null ? texts["why"] : $"{texts["why"]} {texts.With("why.links", SignedLinks.ActionLifetime.Days)}",
            [.. Foot()]);
    }

    private string Headline()
    {
        if (digest.Total > 0 || digest.New.Count > 0)
            return Contributions(Math.Max(digest.Total, digest.New.Count));
        if (digest.Changed.Count > 0)
            return texts.Count("headline.changed", digest.Changed.Count);
        return digest.Late.Count > 0 ? texts.Count("headline.late", digest.Late.Count) : texts["headline.quiet"];
    }

    /// <summary>"9 contributions: 3 blog posts, a talk and 5 more", where the last also stand for those that are private; "4 talks" if there is nothing else.</summary>
    private string Contributions(int count)
    {
        var kinds = digest.New.GroupBy(item => item.Kind).OrderByDescending(kind => kind.Count()).ThenBy(kind => kind.Key).Take(MaxKinds).ToList();
        var words = kinds.Select(kind => texts.Kind(kind.Key, kind.Count())).ToList();
        if (count - kinds.Sum(kind => kind.Count()) is > 0 and var others && words.Count > 0)
            words.Add(texts.Count("headline.more", others));
        if (words.Count == 1 && count > 1)
            return words[0];
        var headline = texts.Count("headline", count);
        return words.Count == 0 ? headline : $"{headline}: {texts.List(words)}";
    }

    private IEnumerable<string> Opening()
    {
        if (digest.IsFirst)
            yield return texts["first"];
        if (digest.IsQuiet)
            yield return texts["none"];
        if (digest.Private > 0)
            yield return digest.Private == digest.Total ? texts.Count("private.all", digest.Private) : texts.Count("private", digest.Private);
        if (digest.Average is { } average)
            yield return Weeks((int)Math.Round(average * 4));
        if (digest.LastYear > 0)
            yield return Year(digest.ThisYear - digest.LastYear);
        else if (digest.ThisYear > digest.Total)
            yield return texts.With("year", Whole(digest.ThisYear));
    }

    private string Weeks(int count) => count == 0 ? texts["weeks.none"] : texts.Count("weeks", count);

    private string Year(int growth)
    {
        if (growth == 0)
            return texts.With("year.same", Whole(digest.ThisYear));
        return texts.With(growth > 0 ? "year.more" : "year.fewer", Whole(digest.ThisYear), texts.Number(Math.Abs(growth)));
    }

    private string Whole(int number) => number == 0 ? texts["no"] : texts.Number(number);

    private DigestDay Day(DateOnly day, int count, int most) => new(
        texts.ShortDay(day), day.Day, count == 0 ? "" : texts.Number(count), count == 0 ? 0 : (((count * DigestDay.MaxHeat) - 1) / most) + 1);

    /// <summary>In a quiet week what is coming is the news.</summary>
    private DigestSection[] Sections() => digest.IsQuiet
        ? [Coming(), Needs(), Programmes(), Changed(), NotSeen(), Again()]
        : [New(), Late(), Needs(), Programmes(), Changed(), Coming(), NotSeen(), Again()];

    private DigestSection New() => new(
        texts["new"], [.. digest.New.Take(MaxNew).Select(item => Line(item, Found(item), isNew: true))], More(digest.New.Count - MaxNew));

    private DigestSection Late() => new(
        texts["late"], [.. digest.Late.Take(MaxOthers).Select(item => Line(item, Found(item), isNew: true))], More(digest.Late.Count - MaxOthers));

    private DigestSection Needs()
    {
        var others = digest.Care.Count - MaxNeeds;
        return new DigestSection(
            texts.Count("needs", digest.Care.Count), [.. digest.Care.Take(MaxNeeds).Select(Care)], others > 0 ? texts.Count("needs.more", others) : null);
    }

    private DigestSection Programmes() => new(texts["programmes"], [.. digest.Programmes.Select(Matter)]);

    private DigestSection Changed() => new(
        texts["changed"],
        [
            .. digest.Changed.Take(MaxOthers).Select(change => Line(change.Item, new DigestFact(texts.With("change", texts.Status(change.Item.Status), texts.Status(change.Before))), isNew: false)),
            .. digest.Numbers.Select(Number),
        ],
        More(digest.Changed.Count - MaxOthers));

    private DigestSection Coming() => new(
        texts["coming"],
        [.. digest.Coming.Take(MaxOthers).Select(item => Line(item, new DigestFact(texts.When(item.When, item.IsDay, zone, Sunday.Year)), isNew: false, isComing: true))],
        More(digest.Coming.Count - MaxOthers));

    private DigestSection NotSeen() => new(texts["unseen"], [.. digest.Gaps.Select(Gap)])
    {
        Acts = [.. Unseen.Except(digest.Gaps.Select(gap => gap.Kind)).Select(kind => Act(EnumText<Kind>.Of(kind), DigestAction.Log, texts.Title(kind))).OfType<DigestLink>()],
    };

    /// <summary>Without links there is nothing to offer.</summary>
    private DigestSection Again() => new(
        texts["again"], [.. digest.Again.Select(template => (template, Act: Act(template.Id, DigestAction.Log, texts["again.do"]))).Where(offer => offer.Act is not null)
            .Select(offer => new DigestLine(Title(offer.template.Title), null, offer.template.Figure is { } figure ? [new DigestFact(texts.Metric(figure.Name, figure.Value))] : [], [offer.Act!]))]);

    private string? More(int others) => others > 0 ? texts.Count("more", others) : null;

    private DigestFact Found(DigestItem item) => new(texts.DayOf(item.When, zone, Sunday.Year, item.IsDay));

    /// <summary>Kind, place, when or what happened, and a state other than the usual one or else the number that matters.</summary>
    private DigestLine Line(DigestItem item, DigestFact fact, bool isNew, bool isComing = false)
    {
        DigestFact?[] facts =
        [
            new DigestFact(texts.Name(item.Kind)),
            Plain(item.Container) is { } place ? new DigestFact(place, IsName: true) : null,
            fact,
            isNew || isComing ? Outcome(item) : null,
        ];
        (DigestAction, string)[] offered = isNew ? [(DigestAction.NotMine, "notMine"), (DigestAction.Private, "makePrivate"), (DigestAction.Edit, "edit")] : [(DigestAction.Edit, "edit")];
        var acts = offered.Select(act => Act(item.Id, act.Item1, texts[act.Item2])).OfType<DigestLink>();
        return new DigestLine(Title(item.Title), Web(item.Url), [.. facts.OfType<DigestFact>()], [.. acts]);
    }

    private DigestFact? Outcome(DigestItem item)
    {
        if (item.Status is not (Status.Published or Status.Scheduled))
            return new DigestFact(texts.Status(item.Status));
        return item.Figure is { } figure ? new DigestFact(texts.Metric(figure.Name, figure.Value)) : null;
    }

    private DigestLine Number(DigestNumber number)
    {
        var how = number.How == MetricOrigin.Typed ? "number.typed" : "number.measured";
        var fact = texts.With(how, texts.Metric(number.Name, number.Value), texts.Number(number.By), OfDay(number.Since), OfDay(number.At));
        return new DigestLine(Title(number.Title), Web(number.Url), [new DigestFact(fact)], []);
    }

    private DigestLine Care(DigestCare care)
    {
        var description = texts["care." + EnumText<Health>.Of(care.Health)];
        var problem = Normaliser.Text(care.Problem, MaxProblemLength);
        var fact = new DigestFact(problem is null ? description : $"{description} {problem}");
        return new DigestLine(Title(care.Title), null, [fact], Act(care.Connection, DigestAction.Connection, texts["care.do"]) is { } act ? [act] : []);
    }

    private DigestLine Matter(ProgrammeMatter matter)
    {
        var day = matter.Day is { } end ? texts.Day(end) : "";
        var (sentence, act) = matter.Kind switch
        {
            MatterKind.Missing => (texts.Count("programme.missing", matter.Count ?? 0, day), Programme()),
            MatterKind.EmptyMonth => (texts.With("programme.emptyMonth", day), Act(EnumText<Kind>.Of(Kind.Other), DigestAction.Log, texts["programme.log"])),
            MatterKind.Deadline => (texts.With("programme.deadline", day), Programme()),
            _ => (texts.Count("programme.lacking", matter.Count ?? 0), Programme()),
        };
        return new DigestLine(Title(matter.Name), null, [new DigestFact(sentence)], act is null ? [] : [act]);

        DigestLink? Programme() => Act(matter.Programme, DigestAction.Programme, texts["programme.do"]);
    }

    private DigestLine Gap(DigestGap gap)
    {
        var sentence = texts.With(
            gap.Usual == 1 ? "gap.daily" : "gap", texts["name." + EnumText<Kind>.Of(gap.Kind)], texts.Day(gap.Last), gap.Usual.ToString(CultureInfo.InvariantCulture));
        return new DigestLine(sentence, null, [], Act(EnumText<Kind>.Of(gap.Kind), DigestAction.Log, texts["gap.do"]) is { } act ? [act] : []);
    }

    private IEnumerable<DigestLink> Foot()
    {
        foreach (var (address, name) in new[] { (links.Week, "read"), (links.Settings, "settings"), (links.Unsubscribe, "unsubscribe") })
        {
            if (address is not null)
                yield return new DigestLink(texts[name], address);
        }
    }

    private DigestLink? Act(string about, DigestAction action, string text) => links.Act(about, action) is { } address ? new DigestLink(text, address) : null;

    private string OfDay(DateTimeOffset at) => texts.DayOf(at, zone, Sunday.Year);

    private string Title(string? title) => Plain(title) ?? texts["untitled"];

    private static string? Plain(string? text) => Normaliser.Line(text, MaxTitleLength);

    private static Uri? Web(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
}
