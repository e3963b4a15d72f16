namespace ContributionIngest.Core.Ledger;

/// <summary>A person's topic aliases. What a change of them does to the entries that are there is the work of <see cref="Recount"/>.</summary>
public sealed class TopicFolding(LedgerTransactions transactions, Recount recount)
{
    public async Task<TopicAliases> Get(string person, CancellationToken cancel) =>
        TopicAliases.Parse((await Counting.Read(transactions.Table, person, cancel)).Topics);

    /// <summary>Makes these the person's aliases. New entries are folded by them at once, those that are there by the recount that begins.</summary>
    public Task Set(string person, TopicAliases aliases, CancellationToken cancel) =>
        recount.Begin(person, counting => counting with { Topics = aliases.ToText() }, cancel);
}
