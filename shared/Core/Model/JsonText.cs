using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Model;

public static class JsonText
{
    /// <summary>What a text says; null for no text, and for one that is not of this type.</summary>
    public static T? ReadOrNull<T>(this JsonTypeInfo<T> type, string? text)
        where T : class
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
