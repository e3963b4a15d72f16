using System.Text.Json;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>One person's entries are counted anew for each message of queue <c>recount</c>, until they are counted in the zone the person lives in.</summary>
public sealed class RecountLedgerFunction(PeopleStore people, Recount recount)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    public async Task Run(FunctionCall call, CancellationToken cancel)
    {
        var message = JsonSerializer.Deserialize(call.Message ?? "null", RecountJson.Default.RecountMessage) ?? throw new JsonException("The message is empty.");
        await recount.Finish(message.Person, cancel);

        // Of two changes at once the counts may have begun with the later and ended with the earlier.
        if (await people.Get(message.Person, cancel) is { } person)
            await recount.SetZone(person.Id, person.Zone, cancel);
    }
}
