using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Digest;

/// <summary>What became of a digest's mail.</summary>
[JsonConverter(typeof(EnumTextConverter<MailState>))]
public enum MailState
{
    /// <summary>No mail was wanted: the week was quiet, there is no address, or nothing sends mail here.</summary>
    None,

    /// <summary>Waits for its turn.</summary>
    Waiting,

    /// <summary>About to leave. Whoever finds this later does not know whether it left, and does not send it again.</summary>
    Claimed,
    Sent,

    /// <summary>The mail server refused it for good.</summary>
    Refused,
}

/// <summary>A digest that was made; the week's content lies beside it in container <c>digests</c>.</summary>
/// <param name="Reason">Why there is no mail, or what the mail server said.</param>
/// <param name="At">When the mail's state was last changed.</param>
public sealed record DigestRecord(string Week, DateTimeOffset MadeAt, int Total, bool IsQuiet, string Blob, MailState Mail, DateTimeOffset At, string? Reason = null, int Attempts = 0)
{
    /// <summary>Of the person as they were; null where there was none.</summary>
    public string? To { get; init; }

    /// <summary>The attempt that has the mail while it is <see cref="MailState.Claimed"/>; null otherwise.</summary>
    public string? Claim { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DigestRecord))]
[JsonSerializable(typeof(WeekDigest))]
[JsonSerializable(typeof(DigestMessage))]
public sealed partial class DigestJson : JsonSerializerContext;

/// <summary>A message of queue <c>digest</c>.</summary>
/// <param name="DueKey">The row of the due index it was planned from.</param>
public sealed record DigestMessage(string Person, string? DueKey = null)
{
    public const string Queue = "digest";
}
