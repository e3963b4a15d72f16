using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>A person's public page, <c>/u/NAME</c>.</summary>
/// <param name="Name">In normal form; it stays the person's while the page is off.</param>
/// <param name="About">What the person says of themselves, in a sentence or two; null for nothing.</param>
public sealed record PublicPage(string Name, bool IsOn, string? About = null)
{
    public const int MaxAbout = 300;
}

/// <summary>Who has which name for a public page: partition <c>u|NAME</c> of table <c>lookups</c> names the one person.</summary>
public sealed class ProfileNames(ITable table, PeopleStore people)
{
    public const int MinLength = 3;
    public const int MaxLength = 40;

    private const string LookupKey = "o";
    private const string PersonProperty = "person";

    /// <summary>Lower case; null if it is no name: 3 to 40 letters of a to z, digits and hyphens, the hyphens inside.</summary>
    public static string? Normalise(string? typed) =>
        typed?.Trim().ToLowerInvariant() is { Length: >= MinLength and <= MaxLength } name
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && name[0] != '-' && name[^1] != '-'
            ? name
            : null;

    /// <summary>The person whose page is on; null if there is none of that name, or it is off.</summary>
    public async Task<Person?> FindAsync(string name, CancellationToken cancel) =>
        Normalise(name) is { } normal && normal == name
        && await table.GetAsync(TableNames.Lookups, Partition(name), LookupKey, cancel) is { } row
        && await people.GetAsync((string)row.Values[PersonProperty]!, cancel) is { Page: { IsOn: true } page } person && page.Name == name
            ? person
            : null;

    /// <summary>Saves the person's page, and takes its name for them.</summary>
    /// <param name="page">Its name in normal form.</param>
    /// <returns>Null if the name is another person's.</returns>
    public async Task<Person?> SaveAsync(string person, PublicPage page, CancellationToken cancel)
    {
        // The lookup comes first: it decides among competing people. Repeating completes what a process left unfinished.
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [PersonProperty] = person };
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(new Row(Partition(page.Name), LookupKey, values)), cancel);
        if (await table.GetAsync(TableNames.Lookups, Partition(page.Name), LookupKey, cancel) is not { } row || (string)row.Values[PersonProperty]! != person)
            return null;
        var former = (await people.GetAsync(person, cancel))?.Page?.Name;
        var changed = await people.ChangeAsync(person, p => p with { Page = page }, cancel);
        if (former is not null && former != page.Name && await table.GetAsync(TableNames.Lookups, Partition(former), LookupKey, cancel) is { } old && (string)old.Values[PersonProperty]! == person)
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(old), cancel);
        return changed;
    }

    private static string Partition(string name) => $"u|{name}";
}
