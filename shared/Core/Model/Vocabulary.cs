using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Model;

/// <summary>What a contribution is. Written in camel case everywhere outside the code.</summary>
[JsonConverter(typeof(EnumTextConverter<Kind>))]
public enum Kind
{
    BlogPost,
    PullRequest,
    Video,
    Event,
    PodcastEpisode,
    Talk,
    Workshop,
    Mentoring,
    Organising,
    ForumAnswer,
    Article,
    Book,
    Feedback,
    Other,
}

/// <summary>What the person was in it.</summary>
[JsonConverter(typeof(EnumTextConverter<Role>))]
public enum Role
{
    Author,
    Contributor,
    Reviewer,
    Speaker,
    Host,
    Organiser,
    Mentor,
    Other,
}

[JsonConverter(typeof(EnumTextConverter<Status>))]
public enum Status
{
    Published,
    Scheduled,
    Live,
    Open,
    Merged,
    Closed,
    Cancelled,

    /// <summary>The place said that it is gone (a tombstone); the entry stays.</summary>
    Removed,
}

[JsonConverter(typeof(EnumTextConverter<Review>))]
public enum Review
{
    /// <summary>Harvested; counts.</summary>
    New,
    Accepted,

    /// <summary>Does not count and never comes back.</summary>
    Rejected,
}

/// <summary>How well the date of a contribution is known: an instant, a day without a time, derived from other evidence, or when it was first seen.</summary>
[JsonConverter(typeof(EnumTextConverter<DatePrecision>))]
public enum DatePrecision
{
    /// <summary>An instant the place states.</summary>
    Exact,

    /// <summary>A day without a time; midnight UTC stands for what places say, noon UTC for what was typed.</summary>
    Day,

    /// <summary>Taken from the next best evidence: an update time, the address's path, Last-Modified.</summary>
    Derived,

    /// <summary>Nothing was known; the time it was first seen.</summary>
    FirstSeen,
}

/// <summary>How a number is known.</summary>
[JsonConverter(typeof(EnumTextConverter<MetricOrigin>))]
public enum MetricOrigin
{
    Measured,
    Typed,
    Estimated,
}
