using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Web.Ledger;

/// <summary>A filter as the bar shows it: its parameters go together.</summary>
/// <param name="Name">Of the button.</param>
/// <param name="Parameters">In the address.</param>
/// <param name="Without">The query as it is without the filter.</param>
/// <param name="Words">Its values in words.</param>
public sealed record LedgerFilter(string Name, IReadOnlyList<string> Parameters, Func<LedgerQuery, LedgerQuery> Without, Func<LedgerView, string> Words)
{
    /// <summary>Stands for a connection: what the person logged.</summary>
    public const string Manual = "manual";

    private static readonly LedgerQuery Open = new();

    public static readonly LedgerFilter Text = new("Search", ["q"], query => query with { Words = Open.Words }, view => $"“{view.Address.Value("q")}”");

    public static readonly LedgerFilter Kinds = new(
        "Kind", ["kind"], query => query with { Kinds = Open.Kinds },
        view => string.Join(", ", view.Address.Values("kind").Select(value => EnumText<Kind>.TryParse(value, out var kind) ? KindText.One(kind) : value)));

    public static readonly LedgerFilter Days = new(
        "When", ["from", "to"], query => query with { From = null, To = null }, view => DaysInWords(view.Address.Value("from"), view.Address.Value("to")));

    public static readonly LedgerFilter Places = new(
        "Place", ["connection", "source"], query => query with { Connections = Open.Connections, Sources = Open.Sources },
        view => string.Join(", ", view.Address.Values("connection").Select(id => PlaceName(id, view.Connections)).Concat(view.Address.Values("source"))));

    public static readonly LedgerFilter Topics = new("Topic", ["topic"], query => query with { Topics = Open.Topics }, view => string.Join(", ", view.Address.Values("topic")));

    public static readonly LedgerFilter States = new("State", ["status"], query => query with { Statuses = Open.Statuses }, view => string.Join(", ", view.Address.Values("status")));

    public static readonly LedgerFilter Reviews = new(
        "Yours", ["review"], query => query with { Reviews = Open.Reviews }, view => string.Join(", ", view.Address.Values("review").Select(EntryText.ReviewFilter)));

    public static readonly LedgerFilter Privacy = new("Privacy", ["private"], query => query with { Private = null }, view => view.Address.Has("private", "true") ? "private" : "public");

    public static readonly IReadOnlyList<LedgerFilter> All = [Text, Kinds, Days, Places, Topics, States, Reviews, Privacy];

    public bool IsIn(LedgerAddress address) => Parameters.Any(address.Has);

    /// <summary>How a connection is called; what is logged by hand has none.</summary>
    public static string PlaceName(string id, IReadOnlyList<Connection> connections) => id == Manual
        ? "logged by hand"
        : connections.FirstOrDefault(connection => connection.Id == id) is { } found ? found.Title ?? found.Origin : "a place that is no longer connected";

    private static string DaysInWords(string? from, string? to) => (Day(from), Day(to)) switch
    {
        ({ } first, { } last) when first == last => Numbers.Day(first),
        ({ Month: 1, Day: 1 } first, { Month: 12, Day: 31 } last) when first.Year == last.Year => first.Year.ToString(CultureInfo.InvariantCulture),
        ({ Day: 1 } first, { } last) when last == first.AddMonths(1).AddDays(-1) => Numbers.Month(first),
        ({ } first, { } last) => $"{Numbers.Day(first)} – {Numbers.Day(last)}",
        ({ } first, null) when to is null => $"since {Numbers.Day(first)}",
        (null, { } last) when from is null => $"until {Numbers.Day(last)}",
        _ => $"{from} – {to}",
    };

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
