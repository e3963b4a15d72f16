using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>
/// Lists of talks as personal sites keep them (<c>_data/talks.yml</c> and the like), as a table. There are four shapes, also mixed: talks; a talk with
/// its deliveries; an event with what was done there; a period with its talks. A child that has a title of its own is something that was done, at the event
/// or in the period around it; one that has only an event, a place or a date is a delivery of the talk around it.
/// </summary>
internal sealed class TalkList
{
    private static readonly ImportField[] Fields =
    [
        ImportField.Title, ImportField.When, ImportField.EndsAt, ImportField.Kind, ImportField.Url, ImportField.Event, ImportField.EventUrl, ImportField.Location, ImportField.Role, ImportField.Summary,
        ImportField.Topics, ImportField.Status, ImportField.Slides, ImportField.Recording, ImportField.Links, .. ImportWords.Numbers, ImportField.Private,
    ];

    private static readonly string[] NotDoneFlags = ["rejected", "declined", "submitted", "withdrawn", "cancelled", "canceled"];
    private static readonly string[] LabelNames = ["label", "title", "name", "text", "type", "kind"];
    private static readonly string[] UrlNames = ["url", "href", "link", "src"];

    private readonly List<ImportRow> rows = [];
    private int visits;

    private TalkList()
    {
    }

    /// <exception cref="ImportRefusedException">Nothing in it looks like a contribution, or there is too much.</exception>
    public static ImportSheet Read(IReadOnlyList<ListNode> documents)
    {
        var list = new TalkList();
        foreach (var document in documents)
            list.Visit(document, new Found(), null, 0);
        return list.rows.Count == 0
            ? throw new ImportRefusedException("Nothing in the list has a title. A list of talks has for each at least a title and a date.")
            : new ImportSheet("", [.. Fields.Select(EnumText<ImportField>.Of)], list.rows, ImportSheet.Line) { UsualKind = Kind.Talk };
    }

    /// <param name="around">What the nodes around this one say about everything in it.</param>
    /// <param name="name">The name under which it stands.</param>
    private void Visit(ListNode node, Found around, string? name, int depth)
    {
        if (depth > ListNode.MaxDepth)
            throw new ImportRefusedException(ListNode.TooDeep);
        if (++visits > ListNode.MaxNodes)
            throw new ImportRefusedException(ListNode.TooLarge);
        if (node.Items is { } items)
        {
            foreach (var item in items)
                Visit(item, around, name, depth + 1);
            return;
        }

        if (node.Fields is null)
            return;
        var own = Read(node);
        var children = Children(node);
        if (own.Title is null && children.Count > 0 && own[ImportField.Event] is { } eventName)
        {
            own[ImportField.Title] = eventName;
            own.Clear(ImportField.Event);
        }

        if (own.Title is null)
            VisitUntitled(node, own, around, name, children, depth);
        else if (children.Count == 0)
            Add(own.Within(around), node.Line);
        else
            VisitTitled(own, around, children, depth);
    }

    /// <summary>A delivery of the talk around it; or a part of the list, such as a year, with more in it.</summary>
    private void VisitUntitled(ListNode node, Found own, Found around, string? name, List<KeyValuePair<string, ListNode>> children, int depth)
    {
        if (children.Count == 0 && around.Talk is not null && own.HasAny)
        {
            Add(own.DeliveryOf(around), node.Line);
            return;
        }

        if (children.Count == 0 && (own[ImportField.When] ?? own[ImportField.Event]) is not null)
            Add(own.Within(around), node.Line);
        var year = node.Fields!.FirstOrDefault(field => ImportWords.Fold(field.Key) is "year" or "period" or "jahr").Value?.Text;
        var period = own.Within(around.Period(year ?? name));
        foreach (var (key, child) in children)
            Visit(child, period.Period(key), key, depth + 1);
    }

    private void VisitTitled(Found own, Found around, List<KeyValuePair<string, ListNode>> children, int depth)
    {
        foreach (var (key, child) in children)
        {
            var list = child.Items ?? [child];
            var isDeliveries = ImportWords.IsDeliveries(key) || ImportWords.Column(key)?.Field == ImportField.Event || (!ImportWords.IsTalks(key) && !list.Any(HasTitle));
            foreach (var item in list.Where(item => item.Fields is not null))
            {
                if (isDeliveries && !HasTalk(item))
                    Add(AsDelivery(item).DeliveryOf(own.Within(around) with { Talk = own }), item.Line);
                else if (HasTitle(item))
                    Visit(item, own.AsEvent(around), key, depth + 1);
                else
                    Add(Read(item).DeliveryOf(own.AsEvent(around) with { Talk = own }), item.Line);
            }
        }
    }

    /// <summary>What a delivery calls its name or title is the event's.</summary>
    private Found AsDelivery(ListNode item)
    {
        Count(item);
        var delivery = Read(item);
        if (delivery.Title is { } title)
        {
            if (delivery[ImportField.Event] is null)
                delivery[ImportField.Event] = title;
            delivery.Clear(ImportField.Title);
        }

        if (delivery[ImportField.EventUrl] is null && delivery[ImportField.Url] is { } url)
        {
            delivery[ImportField.EventUrl] = url;
            delivery.Clear(ImportField.Url);
        }

        return delivery;
    }

    private void Count(ListNode item)
    {
        visits += item.Fields?.Count ?? 0;
        if (visits > ListNode.MaxNodes)
            throw new ImportRefusedException(ListNode.TooLarge);
    }

    private void Add(Found found, int line)
    {
        if (rows.Count == ImportFile.MaxRows)
            throw new ImportRefusedException(ImportFile.TooManyRows);
        rows.Add(new ImportRow(line, [.. Fields.Select(field => found[field] ?? "")]));
    }

    /// <summary>Lists of mappings, and mappings of them, within a mapping: not links, tags and the like, and not what describes the node itself.</summary>
    private static List<KeyValuePair<string, ListNode>> Children(ListNode node) => [.. node.Fields!.Where(field => !ImportWords.IsOther(field.Key) && IsList(field))];

    private static bool IsList(KeyValuePair<string, ListNode> field) => field.Value switch
    {
        { Items: { } items } => ImportWords.Column(field.Key)?.Field is null or ImportField.Event or ImportField.Title or ImportField.When && items.Any(item => item.Fields is not null),
        { Fields: { } fields } => ImportWords.Column(field.Key) is null && fields.Any(inner => inner.Value.Items?.Any(item => item.Fields is not null) == true || inner.Value.Fields is not null),
        _ => false,
    };

    private static bool HasTitle(ListNode item) => item.Fields?.Any(field => field.Value.Text is { Length: > 0 } && ImportWords.Column(field.Key)?.Field == ImportField.Title) == true;

    /// <summary>It calls something its talk, so its name is not the event's alone.</summary>
    private static bool HasTalk(ListNode item) => item.Fields?.Any(field => ImportWords.Fold(field.Key) is "talk" or "session" or "talktitle") == true;

    private Found Read(ListNode node)
    {
        var found = new Found();
        var names = node.Fields!.Select(field => ImportWords.Fold(field.Key)).ToHashSet(StringComparer.Ordinal);

        // Templates of curricula vitae call the talk a company, and the event a job.
        var hasCompany = names.Contains("company") && names.Contains("jobtitle");
        var ranks = new Dictionary<ImportField, int>();
        foreach (var (key, value) in node.Fields!)
        {
            if (++visits > ListNode.MaxNodes)
                throw new ImportRefusedException(ListNode.TooLarge);
            ReadField(found, ranks, key, value, hasCompany);
        }

        return found;
    }

    private static void ReadField(Found found, Dictionary<ImportField, int> ranks, string key, ListNode value, bool hasCompany)
    {
        var word = ImportWords.Fold(key);
        if (Array.IndexOf(NotDoneFlags, word) >= 0 && value.Text is "true" or "yes" or "True")
        {
            found[ImportField.Status] = word;
            return;
        }

        if (word == "accepted" && value.Text is "false" or "no" or "False")
        {
            found[ImportField.Status] = "rejected";
            return;
        }

        var column = hasCompany && word == "company" ? (ImportField.Title, 0) : ImportWords.Column(key);
        if (column is not var (field, rank))
            return;
        if (field is ImportField.Links or ImportField.Slides or ImportField.Recording)
            ReadLinks(found, field, value);
        else if (field is ImportField.Topics)
            found.Join(field, Texts(value), ", ");
        else if (field is ImportField.Location)
            found.Join(field, Texts(value), ", ");
        else if (value.Fields is not null)
            ReadNested(found, field, value);
        else if (value.Text is { } text && ImportWords.Value(text) is { } stated && (!ranks.TryGetValue(field, out var known) || rank < known))
            (found[field], ranks[field]) = (stated, rank);
    }

    /// <summary>An event as a mapping has a name and an address; a date may have a beginning and an end, or a year and a month.</summary>
    private static void ReadNested(Found found, ImportField field, ListNode value)
    {
        string? Of(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (value.Fields!.FirstOrDefault(inner => ImportWords.Fold(inner.Key) == name).Value?.Text is { } text && ImportWords.Value(text) is { } stated)
                    return stated;
            }

            return null;
        }

        if (field is ImportField.Event)
        {
            found[ImportField.Event] ??= Of("name", "title", "event", "label");
            found[ImportField.EventUrl] ??= Of("url", "link", "href", "website");
            found[ImportField.When] ??= Of("date", "start", "startdate", "when");
            found[ImportField.EndsAt] ??= Of("end", "enddate", "until");
            if (Of("location", "place", "city") is { } place)
                found.Join(ImportField.Location, [place], ", ");
        }
        else if (field is ImportField.When)
        {
            found[ImportField.When] = Of("start", "from", "begin", "date") ?? string.Join(' ', new[] { Of("day"), Of("month"), Of("year") }.OfType<string>());
            found[ImportField.EndsAt] ??= Of("end", "to", "until");
        }
        else if (field is ImportField.Title or ImportField.Url)
        {
            found[ImportField.Title] ??= Of("title", "name", "text");
            found[ImportField.Url] ??= Of("url", "link", "href");
        }
    }

    /// <summary>One address, several, mappings with label and address, or a mapping from label to address.</summary>
    private static void ReadLinks(Found found, ImportField field, ListNode value)
    {
        foreach (var item in value.Items ?? [value])
        {
            if (item.Text is { } url)
            {
                AddLink(found, field, field == ImportField.Links ? null : EnumText<ImportField>.Of(field), url);
                continue;
            }

            if (item.Fields is not { } fields)
                continue;
            var address = fields.FirstOrDefault(inner => UrlNames.Contains(ImportWords.Fold(inner.Key))).Value?.Text;
            if (address is not null)
            {
                AddLink(found, field, fields.FirstOrDefault(inner => LabelNames.Contains(ImportWords.Fold(inner.Key))).Value?.Text, address);
                continue;
            }

            foreach (var (label, link) in fields.Where(inner => inner.Value.Text is not null))
                AddLink(found, field, label, link.Text!);
        }
    }

    private static void AddLink(Found found, ImportField field, string? label, string url)
    {
        if (ImportWords.Value(url) is not { } address || address.Any(char.IsWhiteSpace))
            return;
        var target = field != ImportField.Links ? field : ImportWords.Relation(label, address) switch
        {
            Relation.Slides => ImportField.Slides,
            Relation.Recording => ImportField.Recording,
            _ => ImportField.Links,
        };
        var kept = target == ImportField.Links && label is not null ? $"{ImportWords.Fold(label)}: {address}" : address;
        found.Join(target, [kept], "\n");
    }

    private static IEnumerable<string> Texts(ListNode value) => value switch
    {
        { Text: { } text } => ImportWords.Value(text) is { } stated ? [stated] : [],
        { Items: { } items } => items.Select(item => ImportWords.Value(item.Text ?? item.Fields?.FirstOrDefault().Value?.Text)).OfType<string>(),
        { Fields: { } fields } => fields.Select(field => ImportWords.Value(field.Value.Text)).OfType<string>(),
        _ => [],
    };

    /// <summary>What a node says.</summary>
    private sealed record Found
    {
        private static readonly ImportField[] OfEvent = [ImportField.When, ImportField.EndsAt, ImportField.Location, ImportField.Event, ImportField.EventUrl, ImportField.Status];
        private static readonly ImportField[] OfTalk = [ImportField.Title, ImportField.Kind, ImportField.Role, ImportField.Summary, ImportField.Topics, ImportField.Url, ImportField.Slides, ImportField.Recording, ImportField.Links, ImportField.Status, ImportField.Private];

        private Dictionary<ImportField, string> values = [];

        /// <summary>The talk that is delivered within it.</summary>
        public Found? Talk { get; init; }

        public string? Title => this[ImportField.Title];

        public bool HasAny => values.Count > 0;

        public string? this[ImportField field]
        {
            get => values.GetValueOrDefault(field);
            set
            {
                if (!string.IsNullOrEmpty(value))
                    values[field] = value;
            }
        }

        public void Clear(ImportField field) => values.Remove(field);

        public void Join(ImportField field, IEnumerable<string> texts, string separator)
        {
            var known = this[field]?.Split(separator) ?? [];
            this[field] = string.Join(separator, known.Concat(texts).Distinct(StringComparer.Ordinal));
        }

        /// <summary>With what the nodes around say of the event; its own comes first.</summary>
        public Found Within(Found around) => Filled(around, OfEvent) with { Talk = around.Talk };

        /// <summary>This delivery with what its talk says, and then with what is around that.</summary>
        public Found DeliveryOf(Found around) => Filled(around.Talk ?? around, OfTalk).Filled(around, OfEvent) with { Talk = null };

        /// <summary>For what was done at it: its name, address, place and date. A year as its name is only a date, and "Upcoming" nothing.</summary>
        public Found AsEvent(Found around)
        {
            if (ImportWords.IsPart(Title ?? "") || ListDate.IsDate(Title ?? ""))
                return Within(around).Period(Title);
            var made = new Found();
            foreach (var field in OfEvent)
                made[field] = this[field];
            made[ImportField.Event] = Title;
            made[ImportField.EventUrl] = this[ImportField.EventUrl] ?? this[ImportField.Url];
            return made.Within(around);
        }

        /// <summary>With the date that a name is, if it is one and there is none yet.</summary>
        public Found Period(string? name)
        {
            if (name is null || this[ImportField.When] is not null || !ListDate.IsDate(name))
                return this;
            var dated = Copy();
            dated[ImportField.When] = name;
            return dated;
        }

        private Found Filled(Found other, ImportField[] fields)
        {
            var filled = Copy();

            // The end belongs to the beginning that it stands beside.
            var hasDate = this[ImportField.When] is not null;
            foreach (var field in fields.Where(field => filled[field] is null && !(hasDate && field == ImportField.EndsAt)))
                filled[field] = other[field];
            return filled;
        }

        private Found Copy() => this with { values = new Dictionary<ImportField, string>(values) };
    }
}
