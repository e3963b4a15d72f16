using ContributionIngest.Core.Sources;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>A body as it arrives.</summary>
internal static class Delivered
{
    public static DeliveredBody Of(ReadOnlySpan<byte> bytes) =>
        DeliveredBody.ReadAsync(new MemoryStream(bytes.ToArray()), int.MaxValue, () => Task.CompletedTask, CancellationToken.None).GetAwaiter().GetResult()!;
}
