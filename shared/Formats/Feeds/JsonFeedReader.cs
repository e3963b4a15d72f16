using System.Text;
using System.Text.Json;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// JSON Feed 1.0 and 1.1, read token by token: values of the wrong type are skipped, numbers are accepted as ids, and what precedes a syntax error is kept.
/// </summary>
internal sealed class JsonFeedReader(RepairLog repairs, string? address)
{
    private readonly List<FeedEntry> _entries = [];
    private readonly List<string> _hubs = [];
    private string? _version;
    private string? _title;
    private string? _home;
    private string? _self;
    private string? _next;
    private string? _description;
    private string? _language;
    private string? _author;
    private bool _hasItems;

    public FeedResult Read(ReadOnlySpan<byte> text)
    {
        var options = new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };
        var replaced = UnpairedSurrogates.Replace(text, out var clean);
        if (replaced > 0) repairs.Add(RepairLog.UnpairedSurrogate, replaced);
        var json = new Utf8JsonReader(clean ?? text, options);
        string? error = null;
        try
        {
            if (json.Read() && json.TokenType == JsonTokenType.StartObject) ReadFeed(ref json);
        }
        catch (JsonException)
        {
            error = RepairLog.InvalidJson;
        }

        var known = _version?.Contains("jsonfeed.org", StringComparison.OrdinalIgnoreCase) == true || _hasItems && _title is not null;
        if (!known) return FeedReader.Refuse(error is null ? "notAFeed" : "invalidJson", error is null ? "This is JSON, but not a JSON Feed." : "This is invalid JSON and not a JSON Feed.");
        if (error is not null) repairs.Add(error);
        var home = FeedLinks.Resolve(_home, address, repairs);
        return new FeedResult(
            new FeedDocument
            {
                Format = _version?.Contains("version/1.1", StringComparison.Ordinal) == true ? "json1.1" : "json1.0",
                Title = _title,
                Link = home,
                Description = _description,
                Language = _language,
                Author = _author,
                Hubs = _hubs,
                Self = FeedLinks.Resolve(_self, address, repairs),
                Next = FeedLinks.Resolve(_next, address, repairs) ?? _next,
                Entries = _author is null ? _entries : _entries.ConvertAll(entry => entry.Author is null ? entry with { Author = _author } : entry),
                Repairs = repairs.ToList(),
            },
            null);
    }

    private void ReadFeed(ref Utf8JsonReader json)
    {
        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("version"u8)) SetOnce(ref _version, ReadValue(ref json));
            else if (json.ValueTextEquals("title"u8)) SetOnce(ref _title, Fold(ReadValue(ref json), FeedText.LongestTitle));
            else if (json.ValueTextEquals("home_page_url"u8)) SetOnce(ref _home, ReadValue(ref json));
            else if (json.ValueTextEquals("feed_url"u8)) SetOnce(ref _self, ReadValue(ref json));
            else if (json.ValueTextEquals("next_url"u8)) SetOnce(ref _next, ReadValue(ref json));
            else if (json.ValueTextEquals("description"u8)) SetOnce(ref _description, Fold(ReadValue(ref json), FeedText.LongestSummary));
            else if (json.ValueTextEquals("language"u8)) SetOnce(ref _language, ReadValue(ref json));
            else if (json.ValueTextEquals("author"u8) || json.ValueTextEquals("authors"u8)) _author = ReadAuthors(ref json) ?? _author;
            else if (json.ValueTextEquals("hubs"u8)) ReadHubs(ref json);
            else if (json.ValueTextEquals("items"u8)) ReadItems(ref json);
            else SkipProperty(ref json);
        }
    }

    private void ReadItems(ref Utf8JsonReader json)
    {
        if (!Enter(ref json, JsonTokenType.StartArray)) return;
        _hasItems = true;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject)
            {
                ReadItem(ref json);
                continue;
            }

            repairs.Add(RepairLog.ItemSkipped);
            SkipValue(ref json);
        }
    }

    private void ReadItem(ref Utf8JsonReader json)
    {
        var parts = default(FeedItemBuilder);
        string? id = null, url = null, external = null, title = null, summary = null, content = null, published = null, updated = null;
        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("id"u8)) SetOnce(ref id, ReadValue(ref json));
            else if (json.ValueTextEquals("url"u8)) SetOnce(ref url, ReadValue(ref json));
            else if (json.ValueTextEquals("external_url"u8)) SetOnce(ref external, ReadValue(ref json));
            else if (json.ValueTextEquals("title"u8)) SetOnce(ref title, Fold(ReadValue(ref json), FeedText.LongestTitle));
            else if (json.ValueTextEquals("summary"u8)) SetOnce(ref summary, Fold(ReadValue(ref json), FeedText.LongestSummary));
            else if (json.ValueTextEquals("content_text"u8)) SetOnce(ref content, Fold(ReadValue(ref json), FeedText.LongestSummary));
            else if (json.ValueTextEquals("content_html"u8)) SetOnce(ref content, ReadHtml(ref json));
            else if (json.ValueTextEquals("date_published"u8)) SetOnce(ref published, ReadValue(ref json));
            else if (json.ValueTextEquals("date_modified"u8)) SetOnce(ref updated, ReadValue(ref json));
            else if (json.ValueTextEquals("authors"u8) || json.ValueTextEquals("author"u8)) parts.Author = ReadAuthors(ref json) ?? parts.Author;
            else if (json.ValueTextEquals("tags"u8)) ReadTags(ref json, ref parts);
            else if (json.ValueTextEquals("attachments"u8)) ReadAttachments(ref json, ref parts);
            else SkipProperty(ref json);
        }

        if (_entries.Count == FeedReader.MaxEntries)
        {
            repairs.Add(RepairLog.TooManyEntries);
            return;
        }

        var (first, last) = (Date(published), Date(updated));
        _entries.Add(new FeedEntry
        {
            Id = id,
            Title = title,
            Link = FeedLinks.Resolve(url, address, repairs) ?? FeedLinks.Resolve(external, address, repairs) ?? (id is not null && FeedLinks.IsWeb(id) ? id : null),
            Published = (first ?? last)?.Instant,
            PublishedIsDay = (first ?? last)?.IsDay ?? false,
            PublishedIsUpdate = first is null && last is not null,
            Updated = last?.Instant,
            Author = parts.Author,
            Summary = summary ?? content,
            Categories = parts.Categories ?? (IReadOnlyList<string>)[],
            Enclosures = parts.Enclosures ?? (IReadOnlyList<Enclosure>)[],
        });
    }

    private FeedDate? Date(string? text)
    {
        if (text is null) return null;
        var date = FeedDates.Parse(text);
        if (date is null) repairs.Add(RepairLog.UnreadableDate);
        return date;
    }

    /// <summary>An object or an array; several names are joined.</summary>
    private static string? ReadAuthors(ref Utf8JsonReader json)
    {
        if (!json.Read()) return null;
        if (json.TokenType == JsonTokenType.StartObject) return ReadAuthor(ref json);
        if (json.TokenType != JsonTokenType.StartArray) return json.TokenType == JsonTokenType.String ? Fold(json.GetString(), FeedText.LongestTitle) : null;
        string? names = null;
        while (NextObject(ref json))
        {
            var name = ReadAuthor(ref json);
            names = names is null || name is null ? names ?? name : $"{names}, {name}";
        }

        return names;
    }

    private static string? ReadAuthor(ref Utf8JsonReader json)
    {
        string? name = null;
        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("name"u8)) SetOnce(ref name, Fold(ReadValue(ref json), FeedText.LongestTitle));
            else SkipProperty(ref json);
        }

        return name;
    }

    private void ReadHubs(ref Utf8JsonReader json)
    {
        if (!Enter(ref json, JsonTokenType.StartArray)) return;
        while (NextObject(ref json))
        {
            while (NextProperty(ref json))
            {
                if (!json.ValueTextEquals("url"u8)) SkipProperty(ref json);
                else if (FeedLinks.Resolve(ReadValue(ref json), address, repairs) is { } hub && _hubs.Count < 10) _hubs.Add(hub);
            }
        }
    }

    private static void ReadTags(ref Utf8JsonReader json, ref FeedItemBuilder parts)
    {
        if (!Enter(ref json, JsonTokenType.StartArray)) return;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String) parts.AddCategory(Fold(json.GetString(), FeedText.LongestTitle));
            else SkipValue(ref json);
        }
    }

    private void ReadAttachments(ref Utf8JsonReader json, ref FeedItemBuilder parts)
    {
        if (!Enter(ref json, JsonTokenType.StartArray)) return;
        while (NextObject(ref json))
        {
            string? url = null, type = null, size = null;
            while (NextProperty(ref json))
            {
                if (json.ValueTextEquals("url"u8)) SetOnce(ref url, ReadValue(ref json));
                else if (json.ValueTextEquals("mime_type"u8)) SetOnce(ref type, ReadValue(ref json));
                else if (json.ValueTextEquals("size_in_bytes"u8)) SetOnce(ref size, ReadValue(ref json));
                else SkipProperty(ref json);
            }

            parts.AddEnclosure(FeedLinks.Resolve(url, address, repairs), type, size);
        }
    }

    private static bool NextProperty(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves to the next object of an array, over other values; false at its end.</summary>
    private static bool NextObject(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject) return true;
            SkipValue(ref json);
        }

        return false;
    }

    /// <summary>The value of the current property, if it is a string or a number.</summary>
    private static string? ReadValue(ref Utf8JsonReader json)
    {
        if (!json.Read()) return null;
        if (json.TokenType == JsonTokenType.String) return json.GetString()?.Trim() is { Length: > 0 } text ? text : null;
        if (json.TokenType == JsonTokenType.Number) return Encoding.ASCII.GetString(json.ValueSpan);
        SkipValue(ref json);
        return null;
    }

    private static string? ReadHtml(ref Utf8JsonReader json)
    {
        if (!json.Read()) return null;
        if (json.TokenType == JsonTokenType.String)
            return json.ValueIsEscaped ? PlainText.FromEscapedHtml(json.GetString()!, FeedText.LongestSummary) : PlainText.FromEscapedHtml(json.ValueSpan, FeedText.LongestSummary);
        SkipValue(ref json);
        return null;
    }

    /// <summary>The first value wins; the argument is always read.</summary>
    private static void SetOnce(ref string? slot, string? found) => slot ??= found;

    private static string? Fold(string? text, int maximum) => text is null ? null : PlainText.Fold(text, maximum);

    /// <summary>Enters the value of the current property, or skips it if it has another type.</summary>
    private static bool Enter(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read()) return false;
        if (json.TokenType == type) return true;
        SkipValue(ref json);
        return false;
    }

    private static void SkipProperty(ref Utf8JsonReader json)
    {
        if (json.Read()) SkipValue(ref json);
    }

    private static void SkipValue(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) json.Skip();
    }
}
