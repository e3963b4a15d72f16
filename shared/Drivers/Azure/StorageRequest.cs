using Azure.Core;

namespace ContributionIngest.Drivers.Azure;

/// <summary>One request before it is sent, perhaps several times.</summary>
/// <param name="Path">Below the service's address, escaped, with its query.</param>
internal sealed record StorageRequest(RequestMethod Method, string Path)
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Says of an answer with a good status that it is nevertheless worth another try.</summary>
    public Func<StorageAnswer, bool>? TryAgain { get; init; }
}
