using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Model;

/// <summary>The type of a contribution. Written in camel case everywhere outside the code.</summary>
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

/// <summary>The person's role in it.</summary>
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

    /// <summary>The source reports that it is gone (a tombstone); the entry stays.</summary>
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

/// <summary>How precisely the date is known.</summary>
[JsonConverter(typeof(EnumTextConverter<DatePrecision>))]
public enum DatePrecision
{
    /// <summary>An instant given by the source.</summary>
    Exact,

    /// <summary>A day without a time, stored as midnight UTC when a source gives it and as noon UTC when a person enters it.</summary>
    Day,

    /// <summary>Derived from the next best evidence: an update time, the URL's path, Last-Modified.</summary>
    Derived,

    /// <summary>No date is known; this is when it was first seen.</summary>
    FirstSeen,
}

/// <summary>How a metric was obtained.</summary>
[JsonConverter(typeof(EnumTextConverter<MetricOrigin>))]
public enum MetricOrigin
{
    Measured,
    Typed,
    Estimated,
}
