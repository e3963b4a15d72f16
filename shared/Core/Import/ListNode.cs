namespace ContributionIngest.Core.Import;

/// <summary>A node of a list in YAML or JSON: text, a sequence, or a mapping. A node may stand in several places (aliases of YAML).</summary>
/// <param name="line">Where it begins, from 1.</param>
internal sealed class ListNode(int line)
{
    /// <summary>Levels of a document.</summary>
    public const int MaxDepth = 40;

    /// <summary>Nodes of a document, and visits of a walk through it: an alias is one node, and a visit wherever it stands.</summary>
    public const int MaxNodes = 400_000;

    public const string TooDeep = "The list is nested more than 40 levels deep, so it was not read. Keep talks, and the events or deliveries within them.";
    public const string TooLarge = "The list has more parts than are read, also counting what its aliases repeat. Split it, and import the parts one after the other.";

    public int Line { get; } = line;

    /// <summary>Null for a sequence or a mapping.</summary>
    public string? Text { get; init; }

    /// <summary>Null unless it is a sequence.</summary>
    public List<ListNode>? Items { get; init; }

    /// <summary>Null unless it is a mapping.</summary>
    public List<KeyValuePair<string, ListNode>>? Fields { get; init; }

    public static ListNode Of(string text, int line) => new(line) { Text = text };

    public static ListNode Sequence(int line) => new(line) { Items = [] };

    public static ListNode Mapping(int line) => new(line) { Fields = [] };
}
