using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Ledger;
using ContributionIngest.Web.Programmes;
using NodaTime;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Adds a programme to the person's, says what its window and its areas need, and takes it out again.</summary>
internal sealed class MembershipPages(ProgrammeCatalog programmes, Memberships memberships, PeopleStore people)
{
    private const int MaxSites = 500;

    public static void Map(IEndpointRouteBuilder site)
    {
        const string Path = ProgrammePages.Root + "/{name}";
        site.MapPost(Path + "/add", (string name, HttpContext context, MembershipPages pages) => pages.AddAsync(name, context)).Needs(Scope.Write).IsPage();
        site.MapGet(Path + "/mine", (string name, HttpContext context, MembershipPages pages) => pages.ShowAsync(name, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/mine", (string name, HttpContext context, MembershipPages pages) => pages.SaveAsync(name, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/remove", (string name, HttpContext context, MembershipPages pages) => pages.RemoveAsync(name, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> AddAsync(string name, HttpContext context)
    {
        if (programmes.Find(name) is not { } programme)
            return ProgrammePages.NotFound();
        await memberships.ChangeAsync(Caller.Of(context).Person, name, membership => membership, context.RequestAborted);
        Notices.Leave(context, $"{programme.Name} is one of your programmes.");
        var asks = Membership.Needed(programme.Window?.Kind) is not null || programme.Areas is not null;
        return Results.LocalRedirect($"{ProgrammePages.Root}/{name}{(asks ? "/mine" : "")}");
    }

    private async Task<IResult> ShowAsync(string name, HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (programmes.Find(name) is not { } programme || await memberships.GetAsync(person, name, cancel) is not { } membership)
            return ProgrammePages.NotFound();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        return Page(programme, await FieldsAsync(person, programme, membership, zone, cancel));
    }

    private static PageResult<MembershipPage> Page(Programme programme, IReadOnlyList<EntryField> fields, int status = StatusCodes.Status200OK) => new(
        programme.Name,
        (nameof(MembershipPage.Programme), programme),
        (nameof(MembershipPage.Fields), fields),
        (nameof(MembershipPage.Areas), AreaList.Find(programme.Areas)?.Categories))
    { Section = ProgrammePages.Root, IsNarrow = true, Status = status };

    private async Task<IResult> SaveAsync(string name, HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        if (programmes.Find(name) is not { } programme || await memberships.GetAsync(person, name, cancel) is not { } before)
            return ProgrammePages.NotFound();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var list = AreaList.Find(programme.Areas);
        var typed = (await FieldsAsync(person, programme, before, zone, cancel)).Select(field => field with { Value = form[field.Name].ToString().Trim() }).Select(field => field with { Fault = Fault(field, list) }).ToList();
        if (typed.Exists(field => field.Fault is not null))
            return Page(programme, typed, StatusCodes.Status400BadRequest);
        var values = typed.ToDictionary(field => field.Name, field => field.Value.Length == 0 ? null : field.Value, StringComparer.Ordinal);
        await memberships.ChangeAsync(person, name, membership => membership with
        {
            Accepted = Day("accepted")?.First,
            Cohort = Day("cohort") is var (first, _) ? new DateOnly(first.Year, first.Month, 1) : null,
            Deadline = Day("deadline") is var (_, last) ? new DateOrInstant(null, last).End(zone).AddSeconds(-1) : null,
            HandIn = Day("handIn")?.Last,
            Area = values.GetValueOrDefault("area"),
        }, cancel);
        await memberships.AnswerAsync(person, new Dictionary<string, string?>(StringComparer.Ordinal) { [Memberships.EmployerSites] = Sites(values.GetValueOrDefault(Memberships.EmployerSites)) }, cancel);
        Notices.Leave(context, "It is saved.");
        return Results.LocalRedirect($"{ProgrammePages.Root}/{name}");

        (DateOnly First, DateOnly Last)? Day(string field) => values.GetValueOrDefault(field) is { } text ? TypedTime.Span(text) : null;
    }

    private async Task<IResult> RemoveAsync(string name, HttpContext context)
    {
        if (!ProgrammeFile.IsId(name) || await memberships.RemoveAsync(Caller.Of(context).Person, name, context.RequestAborted) is null)
            return ProgrammePages.NotFound();
        Notices.Leave(context, $"{programmes.Find(name)?.Name ?? "The programme"} is none of yours any more. Your answers for its form are kept.");
        return Results.LocalRedirect(ProgrammePages.Root);
    }

    /// <summary>Only what this programme takes.</summary>
    private async Task<IReadOnlyList<EntryField>> FieldsAsync(string person, Programme programme, Membership membership, DateTimeZone zone, CancellationToken cancel)
    {
        var fields = new List<EntryField>();
        switch (programme.Window?.Kind)
        {
            case WindowKind.Anniversary:
                fields.Add(Of("accepted", WindowKind.Anniversary, membership.Accepted, "Its year begins on that day. Such as 11 Jan 2026."));
                break;
            case WindowKind.Cohort:
                fields.Add(new EntryField("cohort", ProgrammeText.Ask(WindowKind.Cohort), membership.Cohort is { } cohort ? Numbers.Month(cohort) : "") { Hint = "A month, such as Dec 2025." });
                break;
            case WindowKind.Deadline:
                fields.Add(Of("deadline", WindowKind.Deadline, membership.Deadline is { } deadline ? Core.Contributions.MonthRollup.Day(deadline, zone) : null, "Such as 30 Nov 2026."));
                break;
            case WindowKind.Rolling:
                fields.Add(Of("handIn", WindowKind.Rolling, membership.HandIn, "Its window ends before that day. Empty for today."));
                break;
        }

        if (programme.Areas is not null)
            fields.Add(new EntryField("area", "Which area are you nominated in?", membership.Area ?? ""));
        var profile = await memberships.ProfileAsync(person, cancel);
        fields.Add(new EntryField(Memberships.EmployerSites, "Which sites are your employer's?", profile.Values.GetValueOrDefault(Memberships.EmployerSites) ?? "") { Hint = "Their hosts, such as contoso.com, separated by commas. What is published there is shown apart, for all programmes." });
        return fields;

        static EntryField Of(string name, WindowKind kind, DateOnly? day, string hint) => new(name, ProgrammeText.Ask(kind), day is { } known ? Numbers.Day(known) : "") { Hint = hint };
    }

    private static string? Fault(EntryField field, AreaList? list) => field.Name switch
    {
        _ when field.Value.Length == 0 => null,
        "area" => list?.Has(field.Value) == true ? null : "That is none of its areas.",
        Memberships.EmployerSites when field.Value.Length > MaxSites => $"Longer than {MaxSites} characters.",
        Memberships.EmployerSites => Array.TrueForAll(Hosts(field.Value), host => Uri.CheckHostName(host) == UriHostNameType.Dns && host.Contains('.')) ? null : "Hosts such as contoso.com are expected, separated by commas.",
        _ => TypedTime.Span(field.Value) is null ? "That is no date. Type it like 20 May 2026." : null,
    };

    private static string? Sites(string? typed) => typed is null ? null : string.Join(", ", Hosts(typed));

    /// <summary>Also from whole addresses.</summary>
    private static string[] Hosts(string typed) =>
        [.. typed.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries).Select(site => Normaliser.Address(site) is { } address ? new Uri(address).Host : site.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
}
