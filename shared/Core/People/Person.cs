using System.Text.Json.Serialization;
using NodaTime;

namespace ContributionIngest.Core.People;

/// <summary>Somebody with a ledger.</summary>
public sealed record Person
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>IANA name; days, weeks and months are counted in it.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>BCP 47.</summary>
    public string Locale { get; init; } = "en";

    /// <summary>Null while the person has said nothing.</summary>
    public DigestPreferences? Digest { get; init; }

    /// <summary>Mails to try that went out on one day.</summary>
    public TestMails? Tries { get; init; }

    /// <summary>What is in force.</summary>
    [JsonIgnore]
    public DigestPreferences Wish => Digest ?? new DigestPreferences();

    public bool Operator { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>When a person wants the digest, and whether.</summary>
/// <param name="Hour">0 to 23, where the person is.</param>
/// <param name="SkipQuiet">No mail for a week in which nothing was done and nothing changed.</param>
public sealed record DigestPreferences(IsoDayOfWeek Day = IsoDayOfWeek.Monday, int Hour = 8, bool SkipQuiet = false, bool Off = false)
{
    /// <summary>The mail server said for good that the address takes no mail; no more is sent until it is changed.</summary>
    public bool Bounced { get; init; }
}

/// <summary>How many mails to try a person sent on a day (UTC): an address may be anybody's, so they are few.</summary>
public sealed record TestMails(DateOnly Day, int Count)
{
    public const int MostADay = 10;
}
