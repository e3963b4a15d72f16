using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Charts;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Home;
using ContributionIngest.Web.Ledger;
using ContributionIngest.Web.Profile;
using ContributionIngest.Web.SignIn;
using Microsoft.AspNetCore.Http.Extensions;

namespace ContributionIngest.Functions.Api.Profile;

/// <summary>
/// <c>GET /u/{name}</c>: a person's public page, with <c>.json</c>, <c>.atom</c> and <c>.ics</c> (what is coming) after the name, and <c>/u/{name}/card.svg</c>. Only entries
/// that are neither private nor rejected. A page that is off answers as one that never was.
/// </summary>
internal sealed class ProfilePages(ProfileNames names, LedgerReader ledger, PublicAddress address, TimeProvider clock)
{
    private const int Latest = 50;
    private const int Coming = 20;
    private const int ComingDays = 180;
    private const int MaxRead = 300;

    /// <summary>Anybody may keep it for so long.</summary>
    private const string Shared = "public, max-age=300";

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapMethods("/u/{name}", ReadMethods.All, (string name, HttpContext context, ProfilePages pages) => pages.AnswerAsync(name, context)).IsOpen();
        site.MapMethods("/u/{name}/card.svg", ReadMethods.All, (string name, HttpContext context, ProfilePages pages) => pages.CardAsync(name, context)).IsOpen();
    }

    private async Task<IResult> AnswerAsync(string file, HttpContext context)
    {
        var cancel = context.RequestAborted;
        var (name, form) = file.LastIndexOf('.') is > 0 and var dot ? (file[..dot], file[(dot + 1)..]) : (file, "");
        if (form is not ("" or "json" or "atom" or "ics") || await names.FindAsync(name, cancel) is not { } person)
            return NotFound();
        var now = clock.GetUtcNow();
        var owner = new LedgerOwner(person.Id, person.Name ?? name, ZoneOf(person));
        if (form == "ics")
            return Stream(context, await ComingAsync(person.Id, now, cancel).ToListAsync(cancel), owner, LedgerFormat.Calendar, now, name);
        if (form == "atom")
            return Stream(context, await LatestAsync(person.Id, now, cancel).ToListAsync(cancel), owner, LedgerFormat.Atom, now, name);
        var year = await YearAsync(person.Id, owner, now, cancel);
        var latest = await LatestAsync(person.Id, now, cancel).ToListAsync(cancel);
        var coming = await ComingAsync(person.Id, now, cancel).ToListAsync(cancel);
        if (form == "json")
        {
            context.Response.Headers.CacheControl = Shared;
            return Results.Json(ProfileAnswer.Of(person, year, latest, coming), ProfileJson.Default.ProfileAnswer);
        }

        return new PageResult<ProfilePage>(
            owner.Name!,
            (nameof(ProfilePage.Name), owner.Name),
            (nameof(ProfilePage.About), person.Page!.About),
            (nameof(ProfilePage.Year), year),
            (nameof(ProfilePage.Latest), latest),
            (nameof(ProfilePage.Coming), coming.Take(5).ToList()),
            (nameof(ProfilePage.Zone), owner.Zone),
            (nameof(ProfilePage.Path), "/u/" + name))
        { IsPublic = true, HasNoForms = true, Feed = $"/u/{name}.atom" };
    }

    private async Task<IResult> CardAsync(string name, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await names.FindAsync(name, cancel) is not { } person)
            return NotFound();
        var owner = new LedgerOwner(person.Id, person.Name ?? name, ZoneOf(person));
        var year = await YearAsync(person.Id, owner, clock.GetUtcNow(), cancel);
        var scale = HeatScale.Of(year);
        var theme = context.Request.Query["theme"].ToString() is ("light" or "dark") and var asked ? asked : null;
        var kinds = year.Kinds.Where(kind => kind.Total > 0).Take(4).Select(kind => KindText.Count(kind.Kind, kind.Total));
        var svg = ProfileCard.Draw(
            $"{(year.Total == 0 ? "No contributions" : Numbers.Contributions(year.Total))} in twelve months",
            string.Join(" · ", new[] { owner.Name!, string.Join(", ", kinds) }.Where(part => part.Length > 0)),
            ($"{Numbers.Day(year.From)} – {Numbers.Day(year.To)}", $"{Site(context).Split("://")[^1]}/u/{name}"),
            year.From,
            year.To,
            day => scale.Step(year.On(day)),
            theme);
        context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src '{ProfileCard.StyleHash(theme)}'; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = Shared;
        return Results.Text(svg, "image/svg+xml", Encoding.UTF8);
    }

    private LedgerStream Stream(HttpContext context, IReadOnlyList<Contribution> entries, LedgerOwner owner, LedgerFormat format, DateTimeOffset now, string name)
    {
        var feed = new FeedHead("profile", $"{Site(context)}/u/{name}.atom", null, entries.Select(entry => entry.Updated()).DefaultIfEmpty(now).Max(), now);
        return new LedgerStream(entries.ToAsyncEnumerable(), format, owner, feed);
    }

    private string Site(HttpContext context) => (address.Site?.AbsoluteUri ?? UriHelper.BuildAbsolute(context.Request.Scheme, context.Request.Host)).TrimEnd('/');

    private Task<YearOverview> YearAsync(string person, LedgerOwner owner, DateTimeOffset now, CancellationToken cancel)
    {
        var today = MonthRollup.Day(now, owner.Zone);
        return YearOverview.ReadAsync(ledger, person, today.AddYears(-1).AddDays(1), today, hasPrivate: false, cancel);
    }

    private IAsyncEnumerable<Contribution> LatestAsync(string person, DateTimeOffset now, CancellationToken cancel) =>
        ledger.NewestFirstAsync(person, null, now, null, 100, cancel).Take(MaxRead).Where(IsPublic).Take(Latest);

    private IAsyncEnumerable<Contribution> ComingAsync(string person, DateTimeOffset now, CancellationToken cancel) =>
        ledger.OldestFirstAsync(person, now, now.AddDays(ComingDays), null, Coming, cancel).Take(MaxRead).Where(IsPublic).Take(Coming);

    private static bool IsPublic(Contribution entry) => !entry.Private && entry.Review != Review.Rejected && MonthRollup.IsCounted(entry.Effective().Status);

    private static NodaTime.DateTimeZone ZoneOf(Person person) => Core.Digests.DigestSchedule.Zone(person);

    private static PageResult<MessagePage> NotFound() => new(
        "There is no such page",
        (nameof(MessagePage.Title), "There is no such page"),
        (nameof(MessagePage.Text), "The address may be cut off or mistyped, or its owner has taken it away."))
    { Status = StatusCodes.Status404NotFound, IsAlone = true, HasNoForms = true };
}

/// <summary>A public page for programs.</summary>
/// <param name="From">The first day that is counted.</param>
/// <param name="To">The last one.</param>
/// <param name="Total">Public contributions in these days.</param>
/// <param name="Kinds">The same by kind.</param>
/// <param name="Latest">At most 50, the newest first.</param>
/// <param name="Coming">At most 20, the next first.</param>
internal sealed record ProfileAnswer(
    string? Name, string? About, DateOnly From, DateOnly To, int Total, IReadOnlyDictionary<string, int> Kinds, IReadOnlyList<ProfileEntry> Latest, IReadOnlyList<ProfileEntry> Coming)
{
    public static ProfileAnswer Of(Person person, YearOverview year, IEnumerable<Contribution> latest, IEnumerable<Contribution> coming) => new(
        person.Name ?? person.Page!.Name,
        person.Page!.About,
        year.From,
        year.To,
        year.Total,
        new OrderedDictionary<string, int>(year.Kinds.Where(kind => kind.Total > 0).Select(kind => KeyValuePair.Create(EnumText<Kind>.Of(kind.Kind), kind.Total)), StringComparer.Ordinal),
        [.. latest.Select(ProfileEntry.Of)],
        [.. coming.Select(ProfileEntry.Of)]);
}

/// <summary>What visitors may know of an entry.</summary>
/// <param name="Metrics">By name.</param>
internal sealed record ProfileEntry(
    string Title, string? Url, Kind Kind, Role Role, Status Status, DateTimeOffset When, DatePrecision DatePrecision, DateTimeOffset? EndsAt, string? Container,
    IReadOnlyList<string> Topics, IReadOnlyDictionary<string, double> Metrics)
{
    public static ProfileEntry Of(Contribution entry)
    {
        var values = entry.Effective();
        return new ProfileEntry(
            values.Title, values.Url, values.Kind, values.Role, values.Status, values.When, values.DatePrecision, values.EndsAt, values.Container?.Name, values.Topics,
            entry.EffectiveMetrics().ToDictionary(metric => metric.Key, metric => metric.Value.Value, StringComparer.Ordinal));
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ProfileAnswer))]
internal sealed partial class ProfileJson : JsonSerializerContext;
