using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Programmes;

/// <summary>What a person has said about a programme of theirs.</summary>
/// <param name="Accepted">When the person was accepted.</param>
/// <param name="Cohort">The first day of the cohort's first month.</param>
/// <param name="Deadline">Until when applications are taken.</param>
public sealed record Membership(DateOnly? Accepted = null, DateOnly? Cohort = null, DateTimeOffset? Deadline = null)
{
    /// <summary>The day on which the person means to apply, for a rolling window; null for today.</summary>
    public DateOnly? HandIn { get; init; }

    /// <summary>The area the person is nominated in, of the programme's list.</summary>
    public string? Area { get; init; }

    /// <summary>Answers that count for every entry without one of its own, by the field of the form.</summary>
    public IReadOnlyDictionary<string, string> Answers { get => field ?? Nothing; init; }

    /// <summary>Values of a field whose list is not published, as the person has typed them, the last one first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Learnt { get => field ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal); init; }

    /// <summary>Ids of the entries to hand in where the form has room for some only; null for those that are suggested.</summary>
    public IReadOnlyList<string>? Chosen { get; init; }

    public DateTimeOffset? Since { get; init; }

    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    /// <summary>What a window takes, as addresses call it; null if nothing.</summary>
    public static string? Needed(WindowKind? kind) => kind switch
    {
        WindowKind.Anniversary => "accepted",
        WindowKind.Cohort => "cohort",
        WindowKind.Deadline => "deadline",
        _ => null,
    };
}

/// <summary>Answers to what forms ask and the ledger cannot tell, by field.</summary>
public sealed record Answers(IReadOnlyDictionary<string, string> Values)
{
    public static readonly Answers None = new(new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>With some answers replaced; null or nothing takes one back.</summary>
    public Answers With(IReadOnlyDictionary<string, string?> changes)
    {
        var values = new SortedDictionary<string, string>(Values.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (string.IsNullOrWhiteSpace(value))
                values.Remove(name);
            else
                values[name] = value;
        }

        return new Answers(values);
    }
}

/// <summary>
/// What people have said about their programmes, in table <c>people</c>. The partition is the person.
/// <code>
/// m|(programme)          a membership; its programme is one of the person's
/// q                      answers about the person, which several forms ask for
/// q|(programme)|(entry)  answers about an entry, for one form
/// </code>
/// </summary>
public sealed class Memberships(ITable table, TimeProvider clock)
{
    /// <summary>The answer about the person that names the hosts of the employer's sites.</summary>
    public const string EmployerSites = "employerSites";

    private const string ProfileKey = "q";

    public async Task<Membership?> GetAsync(string person, string programme, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, person, Key(programme), cancel) is { } row ? RowDocument.Read(row, MembershipJson.Default.Membership) : null;

    /// <summary>The person's programmes by id, also such as have no file any more.</summary>
    public async Task<IReadOnlyList<(string Programme, Membership Membership)>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "m|", "m}", null, cancel).Select(row => (row.Key[2..], RowDocument.Read(row, MembershipJson.Default.Membership))).ToListAsync(cancel);

    /// <summary>Changes a membership, or begins one.</summary>
    /// <exception cref="ConcurrencyException">Other writers kept changing it.</exception>
    public Task<Membership> ChangeAsync(string person, string programme, Func<Membership, Membership> change, CancellationToken cancel) => OptimisticRetry.RunAsync<Membership>(
        async () =>
        {
            var row = await table.GetAsync(TableNames.People, person, Key(programme), cancel);
            var before = row is null ? new Membership { Since = clock.GetUtcNow() } : RowDocument.Read(row, MembershipJson.Default.Membership);
            var after = change(before);
            return await table.ReplaceAsync(TableNames.People, RowDocument.Write(person, Key(programme), after, MembershipJson.Default.Membership, row?.ETag), cancel) ? new(after) : null;
        },
        clock,
        cancel);

    /// <summary>The programme is no longer one of the person's. Answers about entries stay, so that nothing is asked again if it comes back.</summary>
    /// <returns>What was said, to undo it; null if it was none of theirs.</returns>
    public async Task<Membership?> RemoveAsync(string person, string programme, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.People, person, Key(programme), cancel) is not { } row)
            return null;
        await table.WriteAsync(TableNames.People, TableWrite.Delete(row with { ETag = null }), cancel);
        return RowDocument.Read(row, MembershipJson.Default.Membership);
    }

    /// <summary>Answers about the person, by field.</summary>
    public async Task<Answers> ProfileAsync(string person, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, person, ProfileKey, cancel) is { } row ? RowDocument.Read(row, MembershipJson.Default.Answers) : Answers.None;

    /// <summary>Answers about entries for a programme's form, by the entry's id.</summary>
    public async Task<IReadOnlyDictionary<string, Answers>> AnswersAsync(string person, string programme, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, $"q|{programme}|", $"q|{programme}}}", null, cancel)
            .ToDictionaryAsync(row => row.Key[(programme.Length + 3)..], row => RowDocument.Read(row, MembershipJson.Default.Answers), StringComparer.Ordinal, cancel);

    /// <summary>Changes some answers about the person.</summary>
    /// <param name="changes">By field; null or nothing takes an answer back.</param>
    /// <exception cref="ConcurrencyException">Other writers kept changing them.</exception>
    public Task<Answers> AnswerAsync(string person, IReadOnlyDictionary<string, string?> changes, CancellationToken cancel) => AnswerAtAsync(person, ProfileKey, changes, cancel);

    /// <summary>The same about an entry, for a programme's form.</summary>
    /// <exception cref="ConcurrencyException">Other writers kept changing them.</exception>
    public Task<Answers> AnswerAsync(string person, string programme, string entry, IReadOnlyDictionary<string, string?> changes, CancellationToken cancel) =>
        AnswerAtAsync(person, $"q|{programme}|{entry}", changes, cancel);

    private Task<Answers> AnswerAtAsync(string person, string key, IReadOnlyDictionary<string, string?> changes, CancellationToken cancel) => OptimisticRetry.RunAsync<Answers>(
        async () =>
        {
            var row = await table.GetAsync(TableNames.People, person, key, cancel);
            var after = (row is null ? Answers.None : RowDocument.Read(row, MembershipJson.Default.Answers)).With(changes);
            if (after.Values.Count > 0)
                return await table.ReplaceAsync(TableNames.People, RowDocument.Write(person, key, after, MembershipJson.Default.Answers, row?.ETag), cancel) ? new(after) : null;
            var isGone = row is null || (await table.WriteAsync(TableNames.People, TableWrite.Delete(row), cancel)).Outcome is WriteOutcome.Done or WriteOutcome.Missing;
            return isGone ? new(after) : null;
        },
        clock,
        cancel);

    private static string Key(string programme) => $"m|{programme}";
}

/// <summary>The documents of <see cref="Memberships"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Membership))]
[JsonSerializable(typeof(Answers))]
public sealed partial class MembershipJson : JsonSerializerContext;
