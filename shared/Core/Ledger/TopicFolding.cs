namespace ContributionIngest.Core.Ledger;

/// <summary>A person's topic aliases. What a change of them does to the entries that are there is the work of <see cref="RollupRebuilder"/>.</summary>
public sealed class TopicFolding(LedgerTransactions transactions, RollupRebuilder rebuilder)
{
    public async Task<TopicAliases> GetAsync(string person, CancellationToken cancel) =>
        TopicAliases.Parse((await CountSettings.ReadAsync(transactions.Table, person, cancel)).Topics);

    /// <summary>Makes these the person's aliases. New entries are folded by them at once, those that are there by the recount that begins.</summary>
    public Task SetAsync(string person, TopicAliases aliases, CancellationToken cancel) =>
        rebuilder.BeginAsync(person, counting => counting with { Topics = aliases.ToText() }, cancel);
}
