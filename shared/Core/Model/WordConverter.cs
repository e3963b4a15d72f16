using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Model;

/// <summary>The product's words in camel case, in JSON, queries and keys alike.</summary>
public static class Word<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private static readonly string[] Names = [.. Values.Select(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()))];

    /// <summary>Every word, in the order they are declared.</summary>
    public static IReadOnlyList<string> All => Names;

    public static string Of(T value) => Names[Array.IndexOf(Values, value)];

    public static bool TryParse(string? text, out T value)
    {
        var index = Array.FindIndex(Names, n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
        value = index < 0 ? default : Values[index];
        return index >= 0;
    }
}

public sealed class WordConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private static readonly JsonEncodedText[] Names = [.. Word<T>.All.Select(name => JsonEncodedText.Encode(name))];

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // A page of the ledger holds hundreds of words, written by us: compared as bytes, they cost no string.
        if (reader.TokenType == JsonTokenType.String)
        {
            for (var i = 0; i < Names.Length; i++)
            {
                if (reader.ValueTextEquals(Names[i].EncodedUtf8Bytes))
                    return Values[i];
            }
        }

        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Word<T>.TryParse(text, out var value)
            ? value
            : throw new JsonException($"'{text}' is not one of {string.Join(", ", Word<T>.All)}.");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Names[Array.IndexOf(Values, value)]);
}
