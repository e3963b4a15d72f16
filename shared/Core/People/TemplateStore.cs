using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>Something a person does again and again, with what is the same each time.</summary>
/// <param name="Role">Null for the usual one of the kind.</param>
/// <param name="Metrics">Numbers by name, such as how many usually attend.</param>
/// <param name="LastUsed">When it was last logged; null if it never was.</param>
public sealed record ContributionTemplate(
    string Id,
    string Title,
    Kind Kind,
    Role? Role,
    IReadOnlyList<string> Topics,
    IReadOnlyDictionary<string, double> Metrics,
    string? Note,
    bool Private,
    DateTimeOffset Since,
    DateTimeOffset? LastUsed = null)
{
    /// <summary>What an entry has that would be the same the next time.</summary>
    /// <param name="since">When it is kept.</param>
    public static ContributionTemplate Of(Contribution entry, DateTimeOffset since)
    {
        var values = entry.Effective();
        var typed = (entry.Edits.Metrics ?? new Dictionary<string, Metric>(StringComparer.Ordinal)).ToDictionary(metric => metric.Key, metric => metric.Value.Value, StringComparer.Ordinal);
        return new(Identity.Random(), values.Title, values.Kind, values.Role, values.Topics, typed, entry.Note, entry.Private, since);
    }
}

/// <summary>Templates of people, in table <c>people</c> under <c>k|(id)</c> of the person.</summary>
public sealed class TemplateStore(ITable table, TimeProvider clock)
{
    /// <summary>More than anybody can choose among.</summary>
    public const int MaxTemplates = 100;

    /// <summary>The last used first, then those never used, by title.</summary>
    public async Task<IReadOnlyList<ContributionTemplate>> ListAsync(string person, CancellationToken cancel)
    {
        var all = await table.RangeAsync(TableNames.People, person, "k|", "k}", null, cancel).Select(row => RowDocument.Read(row, PeopleJson.Default.ContributionTemplate)).ToListAsync(cancel);
        return [.. all.OrderByDescending(template => template.LastUsed).ThenBy(template => template.Title, StringComparer.OrdinalIgnoreCase).ThenBy(template => template.Id, StringComparer.Ordinal)];
    }

    /// <summary>Null when there is none; malformed ids are not looked up.</summary>
    public async Task<ContributionTemplate?> GetAsync(string person, string id, CancellationToken cancel) =>
        Identity.IsWellFormed(id) && await table.GetAsync(TableNames.People, person, Key(id), cancel) is { } row ? RowDocument.Read(row, PeopleJson.Default.ContributionTemplate) : null;

    /// <summary>False if there are <see cref="MaxTemplates"/> already. Adding one with the same id again changes nothing.</summary>
    public async Task<bool> AddAsync(string person, ContributionTemplate template, CancellationToken cancel)
    {
        if ((await ListAsync(person, cancel)).Count >= MaxTemplates)
            return false;
        await table.WriteAsync(TableNames.People, TableWrite.Insert(RowDocument.Write(person, Key(template.Id), template, PeopleJson.Default.ContributionTemplate)), cancel);
        return true;
    }

    /// <summary>Keeps an entry as a template. One with the same title and kind becomes this one.</summary>
    /// <returns>False if there are <see cref="MaxTemplates"/> already.</returns>
    public async Task<bool> KeepAsync(string person, Contribution entry, CancellationToken cancel)
    {
        var made = ContributionTemplate.Of(entry, clock.GetUtcNow()) with { LastUsed = clock.GetUtcNow() };
        if ((await ListAsync(person, cancel)).FirstOrDefault(known => known.Kind == made.Kind && string.Equals(known.Title, made.Title, StringComparison.OrdinalIgnoreCase)) is not { } same)
            return await AddAsync(person, made, cancel);
        await ChangeAsync(person, same.Id, known => made with { Id = known.Id, Since = known.Since }, cancel);
        return true;
    }

    /// <returns>The changed template; null when there is none.</returns>
    /// <exception cref="ConcurrencyException">Other writers kept changing it.</exception>
    public async Task<ContributionTemplate?> ChangeAsync(string person, string id, Func<ContributionTemplate, ContributionTemplate> change, CancellationToken cancel) => Identity.IsWellFormed(id)
        ? await table.ChangeAsync(TableNames.People, person, Key(id), PeopleJson.Default.ContributionTemplate, change, clock, cancel)
        : null;

    /// <summary>Records that it was logged; a template that was deleted meanwhile stays deleted.</summary>
    public Task UseAsync(string person, string id, CancellationToken cancel) => ChangeAsync(person, id, template => template with { LastUsed = clock.GetUtcNow() }, cancel);

    /// <summary>False when there is no such template.</summary>
    public async Task<bool> RemoveAsync(string person, string id, CancellationToken cancel) => Identity.IsWellFormed(id)
        && (await table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, Key(id), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel)).Outcome == WriteOutcome.Done;

    private static string Key(string id) => $"k|{id}";
}
