using System.Text;
using System.Text.Json;

namespace ContributionIngest.Core.Import;

/// <summary>A document of JSON (RFC 8259) as nodes; comments and trailing commas, which people leave in, are passed over.</summary>
internal static class JsonList
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ListNode.MaxDepth, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="ImportRefusedException">It is no JSON, nested too deep or too large.</exception>
    public static ListNode Read(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            return Parse(bytes);
        }
        catch (JsonException e) when (e.Message.Contains("depth", StringComparison.OrdinalIgnoreCase))
        {
            throw new ImportRefusedException(ListNode.TooDeep);
        }
        catch (JsonException e)
        {
            throw new ImportRefusedException($"The list is not well-formed JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}. A comma or a quotation mark may be missing just before. Nothing was imported; correct it there, and import it again.");
        }
        catch (InvalidOperationException)
        {
            throw new ImportRefusedException("The list has an escape that is half a character. Save it again as UTF-8, and import it again.");
        }
    }

    private static ListNode Parse(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, Options);
        var (open, keys, nodes, line, counted) = (new Stack<ListNode>(), new Stack<string?>(), 0, 1, 0);
        ListNode? root = null;
        while (reader.Read())
        {
            var at = (int)reader.TokenStartIndex;
            line += bytes.AsSpan(counted..at).Count((byte)'\n');
            counted = at;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    keys.Pop();
                    keys.Push(reader.GetString());
                    continue;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    open.Pop();
                    keys.Pop();
                    continue;
            }

            if (++nodes > ListNode.MaxNodes)
                throw new ImportRefusedException(ListNode.TooLarge);
            var node = reader.TokenType switch
            {
                JsonTokenType.StartArray => ListNode.Sequence(line),
                JsonTokenType.StartObject => ListNode.Mapping(line),
                JsonTokenType.String => ListNode.Of(reader.GetString()!, line),
                JsonTokenType.Null => ListNode.Of("", line),
                _ => ListNode.Of(Encoding.UTF8.GetString(reader.ValueSpan), line),
            };
            if (open.TryPeek(out var parent))
            {
                if (parent.Items is { } items)
                    items.Add(node);
                else
                    parent.Fields!.Add(KeyValuePair.Create(keys.Peek() ?? "", node));
            }

            root ??= node;
            if (node.Text is null)
            {
                open.Push(node);
                keys.Push(null);
            }
        }

        return root ?? throw new ImportRefusedException("The file has nothing in it.");
    }
}
