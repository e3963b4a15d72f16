using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ContributionIngest.Core.Import;

/// <summary>
/// Documents of YAML 1.2 as nodes, from the parser's events: depth and number of nodes are bounded, an alias is the node it names, and nothing is made of tags.
/// People indent with tabs, which YAML forbids; such a file is read with spaces in their place.
/// </summary>
internal static class YamlList
{
    private static readonly int[] TabWidths = [2, 4, 8];

    /// <exception cref="ImportRefusedException">It is no YAML, nested too deep or too large.</exception>
    public static (IReadOnlyList<ListNode> Documents, string? Note) Read(string text)
    {
        try
        {
            return (Parse(text), null);
        }
        catch (YamlException) when (text.Contains('\t', StringComparison.Ordinal))
        {
            foreach (var width in TabWidths)
            {
                try
                {
                    return (Parse(WithSpaces(text, width)), "The list is indented with tabs, which YAML does not allow. They were read as spaces.");
                }
                catch (YamlException) when (width != TabWidths[^1])
                {
                    // Another width may fit.
                }
                catch (YamlException e)
                {
                    throw Refusal(e);
                }
            }

            throw;
        }
        catch (YamlException e)
        {
            throw Refusal(e);
        }
    }

    private static ImportRefusedException Refusal(YamlException e) => new(
        $"The list is not well-formed YAML: line {e.Start.Line}, column {e.Start.Column}. Texts with a colon or a leading quotation mark need quotes around them. Nothing was imported; correct it there, and import it again.");

    private static List<ListNode> Parse(string text)
    {
        var parser = new Parser(new StringReader(text));
        var (documents, open, anchors, nodes) = (new List<ListNode>(), new Stack<Level>(), new Dictionary<string, ListNode>(StringComparer.Ordinal), 0);
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case SequenceStart or MappingStart:
                    Count();
                    if (open.Count == ListNode.MaxDepth)
                        throw new ImportRefusedException(ListNode.TooDeep);
                    var start = (NodeEvent)parser.Current;
                    open.Push(new Level(start is SequenceStart ? ListNode.Sequence((int)start.Start.Line) : ListNode.Mapping((int)start.Start.Line), start.Anchor));
                    break;
                case SequenceEnd or MappingEnd:
                    var done = open.Pop();
                    done.Close();
                    Name(done.Anchor, done.Node);
                    Add(done.Node);
                    break;
                case Scalar scalar:
                    Count();
                    var isNothing = scalar is { IsQuotedImplicit: false, Style: ScalarStyle.Plain, Value: "null" or "~" or "Null" or "NULL" };
                    var node = ListNode.Of(isNothing ? "" : scalar.Value, (int)scalar.Start.Line);
                    Name(scalar.Anchor, node);
                    Add(node);
                    break;
                case AnchorAlias alias:
                    Count();

                    // Only complete nodes have a name, so none contains itself.
                    Add(anchors.GetValueOrDefault(alias.Value.Value) ?? throw new YamlException(alias.Start, alias.End, "The alias names nothing before it."));
                    break;
            }
        }

        return documents;

        void Count()
        {
            if (++nodes > ListNode.MaxNodes)
                throw new ImportRefusedException(ListNode.TooLarge);
        }

        void Name(AnchorName anchor, ListNode node)
        {
            if (!anchor.IsEmpty)
                anchors[anchor.Value] = node;
        }

        void Add(ListNode node)
        {
            if (open.TryPeek(out var level))
                level.Add(node);
            else
                documents.Add(node);
        }
    }

    private static string WithSpaces(string text, int width)
    {
        var (builder, column) = (new System.Text.StringBuilder(text.Length + 1024), 0);
        foreach (var c in text)
        {
            if (c == '\t')
            {
                var spaces = width - (column % width);
                builder.Append(' ', spaces);
                column += spaces;
                continue;
            }

            builder.Append(c);
            column = c == '\n' ? 0 : column + 1;
        }

        return builder.ToString();
    }

    /// <summary>A sequence or a mapping whose end has not come yet.</summary>
    private sealed class Level(ListNode node, AnchorName anchor)
    {
        private const string Merge = "<<";
        private readonly List<KeyValuePair<string, ListNode>> merged = [];
        private ListNode? key;

        public ListNode Node => node;

        public AnchorName Anchor => anchor;

        public void Add(ListNode child)
        {
            if (node.Items is { } items)
            {
                items.Add(child);
            }
            else if (key is null)
            {
                key = child;
            }
            else
            {
                if (key.Text == Merge && (child.Fields ?? child.Items?.SelectMany(item => item.Fields ?? []).ToList()) is { } others)
                    merged.AddRange(others.Count + merged.Count <= ImportFile.MaxColumns ? others : throw new ImportRefusedException(ListNode.TooLarge));
                else
                    node.Fields!.Add(KeyValuePair.Create(key.Text ?? "", child));
                key = null;
            }
        }

        /// <summary>Adds what a mapping takes over from others and does not have itself.</summary>
        public void Close()
        {
            if (merged.Count == 0)
                return;
            var own = node.Fields!.Select(field => field.Key).ToHashSet(StringComparer.Ordinal);
            node.Fields!.AddRange(merged.Where(field => own.Add(field.Key)));
        }
    }
}
