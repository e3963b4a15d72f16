using Octokit.Internal;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Octokit's own serializer, but what does not fit a model is null; without a model <see cref="FetchedResponse.Json"/> is read.</summary>
internal sealed class LenientSerializer : IJsonSerializer
{
    private readonly SimpleJsonSerializer octokit = new();

    public string Serialize(object item) => octokit.Serialize(item);

    public T Deserialize<T>(string json)
    {
        if (typeof(T) == typeof(object))
            return default!;
        try
        {
            return octokit.Deserialize<T>(json);
        }
        catch (Exception)
        {
            // Which of a dozen kinds depends on the member: a null where a number belongs is a NullReferenceException.
            return default!;
        }
    }
}
