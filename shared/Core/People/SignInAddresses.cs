using System.Net.Mail;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>A mail address that a person has shown to be theirs, and signs in with.</summary>
public sealed record SignInAddress(string Address, DateTimeOffset Since);

/// <summary>
/// Mail addresses people sign in with: partition <c>e|(hash of the address)</c> of <c>lookups</c> names the one person, and row <c>e|(hash)</c> of that
/// person in table <c>people</c> holds the address. An address counts once its owner followed a link that was mailed to it, or if the operator named
/// it; the address that digests are mailed to alone opens nothing.
/// </summary>
public sealed class SignInAddresses(ITable table, TimeProvider clock)
{
    public const int MaxLength = 254;

    private const string LookupKey = "o";
    private const string PersonProperty = "person";

    /// <summary>The form that addresses are compared in; null if it is none. Case makes no difference, whatever RFC 5321 allows.</summary>
    public static string? Normalise(string? typed) =>
        typed?.Trim() is { Length: > 2 and <= MaxLength } text && MailAddress.TryCreate(text, out var mail) && mail.Address == text && !text.Any(char.IsControl)
            ? text.Normalize(NormalizationForm.FormC).ToLowerInvariant()
            : null;

    /// <summary>The person who signs in with it; null if nobody does.</summary>
    /// <param name="address">In normal form.</param>
    public async Task<string?> FindAsync(string address, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition(address), LookupKey, cancel) is { } row ? (string)row.Values[PersonProperty]! : null;

    /// <summary>Makes an address one of the person's. False if it is another person's.</summary>
    public async Task<bool> AddAsync(string person, string address, CancellationToken cancel)
    {
        // The lookup comes first: it decides among competing people. Repeating completes what a process left unfinished.
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [PersonProperty] = person };
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(new Row(Partition(address), LookupKey, values)), cancel);
        if (await FindAsync(address, cancel) != person)
            return false;
        var known = new SignInAddress(address, clock.GetUtcNow());
        await table.WriteAsync(TableNames.People, TableWrite.Insert(RowDocument.Write(person, Key(address), known, PeopleJson.Default.SignInAddress)), cancel);
        return true;
    }

    public async Task<IReadOnlyList<SignInAddress>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "e|", "e}", null, cancel)
            .Select(row => RowDocument.Read(row, PeopleJson.Default.SignInAddress)).OrderBy(known => known.Since).ToListAsync(cancel);

    /// <summary>Takes an address away. False if it is not one of the person's.</summary>
    public async Task<bool> RemoveAsync(string person, string address, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Partition(address), LookupKey, cancel) is not { } row || (string)row.Values[PersonProperty]! != person)
            return false;
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(row), cancel);
        await table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, Key(address), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);
        return true;
    }

    private static string Partition(string address) => $"e|{Identity.Hash(address)}";

    private static string Key(string address) => $"e|{Identity.Hash(address)}";
}
