using System.Text.Json.Serialization;
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

    /// <summary>Deletes counts of attempts whose windows have ended, and links of people who never came.</summary>
    Attempts,

    /// <summary>Queues <see cref="Person"/> for everyone.</summary>
    People,

    /// <summary>One person's part of the night's work.</summary>
    Person,

    /// <summary>Counts the entries of all people.</summary>
    Count,
}

/// <summary>A message of queue <c>maintenance</c>: one slice of a task.</summary>
/// <param name="Person">Of <see cref="MaintenanceTask.Person"/>.</param>
/// <param name="After">The last person of the slice before; null at the beginning.</param>
/// <param name="Entries">What the slices before counted.</param>
/// <param name="Since">When the counting began; null at the beginning.</param>
public sealed record MaintenanceMessage(
    MaintenanceTask Task, string? Person = null, string? After = null, long Entries = 0, DateTimeOffset? Since = null)
{
    public const string Queue = "maintenance";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MaintenanceMessage))]
public sealed partial class MaintenanceJson : JsonSerializerContext;
