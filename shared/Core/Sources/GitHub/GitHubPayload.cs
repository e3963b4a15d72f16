using System.Buffers;
using System.Text.Json;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// The JSON of a delivery, which is the body itself or the field <c>payload</c> of a form, without what nobody reads: texts, links and the other parties
/// make nearly all of it.
/// </summary>
internal static class GitHubPayload
{
    private static readonly byte[] Field = "payload="u8.ToArray();

    private static readonly Member[] Repository =
    [
        new("id"), new("full_name"), new("private"), new("visibility"), new("html_url"), new("language"), new("topics"), new("stargazers_count"),
    ];

    private static readonly Member[] Delivery =
    [
        new("action"),
        new("number"),
        new("pull_request")
        {
            Members =
            [
                new("number"), new("title"), new("html_url"), new("state"), new("merged"), new("merged_at"), new("created_at"), new("updated_at"),
                new("user") { Members = [new("login"), new("id"), new("type")] },
                new("labels") { Members = [new("name")] },
                new("additions"), new("deletions"), new("changed_files"),
                new("base") { Members = [new("repo") { Members = Repository }] },
            ],
        },
        new("repository") { Members = Repository },
    ];

    /// <summary>Null if there is no JSON object.</summary>
    public static byte[]? Json(DeliveredBody body, string? contentType)
    {
        var whole = ContentType.MediaType(contentType) == "application/x-www-form-urlencoded" ? body.TakeFormField(Field) : body.Bytes;
        return whole is { } json ? Part(json) : null;
    }

    private static byte[]? Part(ReadOnlySequence<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            var part = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(part))
                CopyMembers(ref reader, writer, Delivery);
            return reader.Read() ? null : part.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for half a surrogate pair in a name.
            return null;
        }
    }

    /// <summary>From the start of an object to its end.</summary>
    private static void CopyMembers(ref Utf8JsonReader reader, Utf8JsonWriter writer, Member[] members)
    {
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Find(ref reader, members) is not { } member)
            {
                reader.Skip();
                continue;
            }

            writer.WritePropertyName(member.Name);
            reader.Read();
            Copy(ref reader, writer, member.Members);
        }

        writer.WriteEndObject();
    }

    /// <param name="members">Of the object, or of the objects in the array; null: all of them.</param>
    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, Member[]? members)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when members is not null:
                CopyMembers(ref reader, writer, members);
                break;
            case JsonTokenType.StartObject:
                reader.Skip();
                writer.WriteNullValue();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Copy(ref reader, writer, members);
                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                writer.WriteRawValue([(byte)'"', .. Raw(ref reader), (byte)'"'], skipInputValidation: true);
                break;
            default:
                writer.WriteRawValue(Raw(ref reader), skipInputValidation: true);
                break;
        }
    }

    private static Member? Find(ref Utf8JsonReader reader, Member[] members)
    {
        foreach (var member in members)
        {
            if (reader.ValueTextEquals(member.Name))
                return member;
        }

        return null;
    }

    private static byte[] Raw(ref Utf8JsonReader reader) => reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan.ToArray();

    /// <param name="Name">Of a member that is read.</param>
    private sealed record Member(string Name)
    {
        public Member[]? Members { get; init; }
    }
}
