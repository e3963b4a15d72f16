using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Model;

/// <summary>Enum values as camel-case names, the same in JSON, queries and keys.</summary>
public static class EnumText<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private static readonly string[] Names = [.. Values.Select(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()))];

    /// <summary>Every name, in declaration order.</summary>
    public static IReadOnlyList<string> All => Names;

    public static string Of(T value) => Names[Array.IndexOf(Values, value)];

    public static bool TryParse(string? text, out T value)
    {
        var index = Array.FindIndex(Names, n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
        value = index < 0 ? default : Values[index];
        return index >= 0;
    }
}

/// <summary>Reads and writes enum values in JSON by their camel-case names.</summary>
public sealed class EnumTextConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;

public static class JsonText
{
    /// <summary>Deserializes the text; null when there is none or it is not of this type.</summary>
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
