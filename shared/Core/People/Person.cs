using System.Text.Json.Serialization;
using NodaTime;

namespace ContributionIngest.Core.People;

/// <summary>A person with a ledger.</summary>
public sealed record Person
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>IANA time zone; days, weeks and months are counted in it.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>BCP 47 language tag.</summary>
    public string Locale { get; init; } = "en";

    /// <summary>Null until the person sets any.</summary>
    public DigestPreferences? Digest { get; init; }

    /// <summary>Null until the person has one.</summary>
    public PublicPage? Page { get; init; }

    /// <summary>The test mails sent on the last day that had any.</summary>
    public TestMails? Tries { get; init; }

    /// <summary>The person's preferences, or the defaults.</summary>
    [JsonIgnore]
    public DigestPreferences EffectiveDigest => Digest ?? new DigestPreferences();

    public bool Operator { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>Whether and when a person receives the digest.</summary>
/// <param name="Hour">0 to 23, in the person's time zone.</param>
/// <param name="SkipQuiet">Send no mail for a week without contributions or changes.</param>
public sealed record DigestPreferences(IsoDayOfWeek Day = IsoDayOfWeek.Monday, int Hour = 8, bool SkipQuiet = false, bool Off = false)
{
    /// <summary>The mail server permanently rejected the address; no mail is sent until it changes.</summary>
    public bool Bounced { get; init; }
}

/// <summary>The number of test mails a person sent on a day (UTC). It is limited because the address may belong to someone else.</summary>
public sealed record TestMails(DateOnly Day, int Count)
{
    public const int MaxPerDay = 10;
}
