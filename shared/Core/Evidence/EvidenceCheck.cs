using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Evidence;

/// <summary>What became of a look at a link.</summary>
[JsonConverter(typeof(EnumTextConverter<LinkStatus>))]
public enum LinkStatus
{
    /// <summary>It answered.</summary>
    Alive,

    /// <summary>404 or 410: there is nothing any more.</summary>
    Gone,

    /// <summary>401, 402, 403 or 429: it does not let us read it.</summary>
    Refused,

    /// <summary>It could not be read for any other reason: trouble of the host, no answer in time, no secure connection.</summary>
    Failing,

    /// <summary>It was not requested, as it is no address of the public web or leads to one that is not.</summary>
    NotCheckable,
}

/// <summary>Whether something stands on a page.</summary>
[JsonConverter(typeof(EnumTextConverter<PageFinding>))]
public enum PageFinding
{
    Found,
    NotFound,

    /// <summary>It was not looked for, or there was no text to look at.</summary>
    NotChecked,
}

/// <summary>What was seen when an entry's link was looked at.</summary>
/// <param name="Address">The link.</param>
/// <param name="At">When it was looked at.</param>
/// <param name="Name">Whether the person's name stands on the page, in its text or as its author.</param>
/// <param name="Date">Whether the day of the entry does.</param>
public sealed record EvidenceCheck(string Address, DateTimeOffset At, LinkStatus Status, PageFinding Name, PageFinding Date)
{
    /// <summary>The day that was looked for.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The name that was looked for; null if the person had none.</summary>
    public string? Person { get; init; }
}

/// <summary>A link to look at.</summary>
/// <param name="Entry">The entry's id.</param>
/// <param name="Day">The entry's day, in the person's zone.</param>
public sealed record EvidenceLink(string Entry, string Address, DateOnly Day);
