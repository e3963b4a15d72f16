using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Core.People;

/// <summary>Scopes as people write them: <c>read write operate</c>.</summary>
public sealed class ScopeConverter : JsonConverter<Scope>
{
    private static readonly Scope[] All = [Scope.Read, Scope.Write, Scope.Operate];

    public static string Words(Scope scope) => string.Join(' ', All.Where(s => scope.HasFlag(s)).Select(Name));

    public static bool TryParse(string? text, out Scope scope)
    {
        scope = Scope.None;
        foreach (var word in (text ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var found = Array.Find(All, s => string.Equals(Name(s), word, StringComparison.OrdinalIgnoreCase));
            if (found == Scope.None)
                return false;
            scope |= found;
        }

        return scope != Scope.None;
    }

    public override Scope Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryParse(reader.GetString(), out var scope) ? scope : throw new JsonException("A scope is one or more of read, write, operate.");

    public override void Write(Utf8JsonWriter writer, Scope value, JsonSerializerOptions options) => writer.WriteStringValue(Words(value));

    private static string Name(Scope scope) => scope switch
    {
        Scope.Read => "read",
        Scope.Write => "write",
        _ => "operate",
    };
}
