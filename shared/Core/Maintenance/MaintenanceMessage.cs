using System.Text.Json.Serialization;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Maintenance;

[JsonConverter(typeof(EnumTextConverter<MaintenanceTask>))]
public enum MaintenanceTask
{
    /// <summary>Deletes expired responses of sources.</summary>
    Responses,

    /// <summary>Deletes expired bodies of deliveries.</summary>
    Deliveries,

    /// <summary>Deletes expired poisoned messages.</summary>
    Poisoned,

    /// <summary>Deletes counts of attempts whose windows have ended, links of people who never came, and records of old deletions.</summary>
    Attempts,

    /// <summary>Queues <see cref="Person"/> for everyone.</summary>
    People,

    /// <summary>One person's part of the night's work.</summary>
    Person,

    /// <summary>Counts the entries of all people.</summary>
    Count,

    /// <summary>Goes on with the deletion of a person.</summary>
    Deletion,

    /// <summary>Copies people into the weekly backup.</summary>
    Backup,

    /// <summary>Deletes expired copies of the weekly backup.</summary>
    Copies,
}

/// <summary>A message of queue <c>maintenance</c>: one slice of a task.</summary>
/// <param name="Person">Of <see cref="MaintenanceTask.Person"/>; of <see cref="MaintenanceTask.Backup"/> if somebody is copied once more.</param>
/// <param name="After">The last person of the slice before; null at the beginning.</param>
/// <param name="Entries">What the slices before counted; of somebody who is copied once more, how often that was tried.</param>
/// <param name="Since">When the counting began; null at the beginning.</param>
/// <param name="Deletion">The id of the deletion; the person is not named, so that no message about them is left in the end.</param>
/// <param name="Day">Of the weekly backup.</param>
public sealed record MaintenanceMessage(
    MaintenanceTask Task, string? Person = null, string? After = null, long Entries = 0, DateTimeOffset? Since = null, string? Deletion = null, string? Day = null)
{
    public const string Queue = AccountDeletion.Queue;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MaintenanceMessage))]
public sealed partial class MaintenanceJson : JsonSerializerContext;
