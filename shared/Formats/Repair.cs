using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace ContributionIngest.Formats;

/// <summary>A kind of damage that was repaired, or left out, while a document was read.</summary>
/// <param name="What">Stable code, such as <c>encoding</c>, <c>bareAmpersand</c> or <c>itemSkipped</c>.</param>
/// <param name="Count">How often it occurred.</param>
/// <param name="Detail">The first occurrence, at most 100 characters; null where the code says enough.</param>
public sealed record Repair(string What, int Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null);

/// <summary>Counts repairs by code. Codes are constants or literals, so that they compare by reference.</summary>
internal sealed class RepairLog
{
    public const string Encoding = "encoding";
    public const string InvalidBytes = "invalidBytes";
    public const string ControlCharacter = "controlCharacter";
    public const string LeadingJunk = "leadingJunk";
    public const string BareAmpersand = "bareAmpersand";
    public const string HtmlEntity = "htmlEntity";
    public const string BareLessThan = "bareLessThan";
    public const string UndeclaredPrefix = "undeclaredPrefix";
    public const string MissingEndTag = "missingEndTag";
    public const string StrayEndTag = "strayEndTag";
    public const string BrokenTag = "brokenTag";
    public const string TooDeep = "tooDeep";
    public const string TooManyNamespaces = "tooManyNamespaces";
    public const string Truncated = "truncated";
    public const string UnreadableDate = "unreadableDate";
    public const string RefusedLink = "refusedLink";
    public const string RelativeLink = "unresolvedLink";
    public const string TooLong = "tooLong";
    public const string TooManyEntries = "tooManyEntries";
    public const string InvalidJson = "invalidJson";
    public const string UnpairedSurrogate = "loneSurrogate";
    public const string ItemSkipped = "itemSkipped";

    private const int LongestDetail = 100;

    private List<(string What, int Count, string? Detail)>? _repairs;

    public void Add(string what, string? detail) => Add(what, 1, detail is { Length: > LongestDetail } ? detail[..LongestDetail] : detail);

    public void Add(string what, int count = 1, string? detail = null)
    {
        _repairs ??= [];
        foreach (ref var known in CollectionsMarshal.AsSpan(_repairs))
        {
            if (!ReferenceEquals(known.What, what)) continue;
            known.Count += count;
            known.Detail ??= detail;
            return;
        }

        _repairs.Add((what, count, detail));
    }

    public IReadOnlyList<Repair> ToList() => _repairs is null ? [] : [.. _repairs.Select(repair => new Repair(repair.What, repair.Count, repair.Detail))];
}
