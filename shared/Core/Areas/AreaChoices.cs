using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Areas;

/// <summary>What a person has said about topics and entries, for one list of areas.</summary>
/// <param name="Topics">The area by topic, as <see cref="AreaList.Fold"/> makes it; empty for a topic that is to decide nothing.</param>
/// <param name="Entries">The area by the entry's id, as the person set it.</param>
public sealed record AreaChoices(IReadOnlyDictionary<string, string> Topics, IReadOnlyDictionary<string, string> Entries)
{
    public static readonly AreaChoices None = new(new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>How many topics a person may place.</summary>
    public const int MaxTopics = 1_000;

    public sealed record TopicDocument(IReadOnlyDictionary<string, string> Topics);

    public sealed record EntryDocument(string Area);
}

/// <summary>
/// What people have said about areas, in table <c>people</c>. The partition is the person.
/// <code>
/// r|(list)          the areas of topics
/// r|(list)|(entry)  the area of an entry
/// </code>
/// </summary>
public sealed class AreaChoiceStore(ITable table, TimeProvider clock)
{
    /// <summary>One range read.</summary>
    public async Task<AreaChoices> ReadAsync(string person, string list, CancellationToken cancel)
    {
        var (key, entries) = (Key(list), new Dictionary<string, string>(StringComparer.Ordinal));
        var topics = AreaChoices.None.Topics;
        await foreach (var row in table.RangeAsync(TableNames.People, person, key, key + "}", null, cancel))
        {
            if (row.Key == key)
                topics = RowDocument.Read(row, AreaJson.Default.TopicDocument).Topics;
            else if (row.Key.StartsWith(key + "|", StringComparison.Ordinal))
                entries[row.Key[(key.Length + 1)..]] = RowDocument.Read(row, AreaJson.Default.EntryDocument).Area;
        }

        return new AreaChoices(topics, entries);
    }

    /// <summary>Says where topics belong.</summary>
    /// <param name="changes">The area by topic, however spelt; empty for a topic that is to decide nothing, null to take back what was said.</param>
    /// <returns>False if there would be more than <see cref="AreaChoices.MaxTopics"/>; nothing is changed then.</returns>
    /// <exception cref="ConcurrencyException">Other writers kept changing them.</exception>
    public Task<bool> PlaceTopicsAsync(string person, string list, IReadOnlyDictionary<string, string?> changes, CancellationToken cancel) => OptimisticRetry.RunAsync<bool>(
        async () =>
        {
            var row = await table.GetAsync(TableNames.People, person, Key(list), cancel);
            var topics = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (topic, area) in row is null ? AreaChoices.None.Topics : RowDocument.Read(row, AreaJson.Default.TopicDocument).Topics)
                topics[topic] = area;
            foreach (var (topic, area) in changes)
            {
                if (area is null)
                    topics.Remove(AreaList.Fold(topic));
                else
                    topics[AreaList.Fold(topic)] = area;
            }

            if (topics.Count > AreaChoices.MaxTopics)
                return new(false);
            var after = RowDocument.Write(person, Key(list), new AreaChoices.TopicDocument(topics), AreaJson.Default.TopicDocument, row?.ETag);
            return await table.ReplaceAsync(TableNames.People, after, cancel) ? new(true) : null;
        },
        clock,
        cancel);

    /// <summary>Says where an entry belongs; null takes it back.</summary>
    public Task PlaceEntryAsync(string person, string list, string entry, string? area, CancellationToken cancel)
    {
        var key = $"{Key(list)}|{entry}";
        var write = area is null
            ? TableWrite.Delete(new Row(person, key, new Dictionary<string, object?>(StringComparer.Ordinal)))
            : TableWrite.Put(RowDocument.Write(person, key, new AreaChoices.EntryDocument(area), AreaJson.Default.EntryDocument));
        return table.WriteAsync(TableNames.People, write, cancel);
    }

    private static string Key(string list) => $"r|{list}";
}
