using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>A person's answers on one site of the Stack Exchange network, by the public API, with or without a key.</summary>
public sealed class StackExchangeSource : ISource
{
    private const string Try = "Type the address of your profile, such as stackoverflow.com/users/22656, or the number in it with the site: 22656 stackoverflow.";

    private readonly StackExchangeApi api;
    private readonly AnswerReader reader;

    /// <param name="quota">The day's requests, of all people.</param>
    public StackExchangeSource(Fetcher fetcher, TimeProvider time, StackExchangeOptions options, Quota quota)
    {
        api = new StackExchangeApi(fetcher, options, quota, time);
        reader = new AnswerReader(api, options, time);
    }

    public SourceInfo Info { get; } = new("stackexchange", [Kind.ForumAnswer]) { Hosts = SiteAccount.Domains, HasNames = false };

    public async Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel)
    {
        if (SiteAccount.Network(typed) is { } network)
        {
            var all = await api.SitesAsync(network, cancel);
            return all.Count > 0
                ? Place(all[0].Account, await api.UserAsync(all[0].Account, cancel) is var (_, known) ? known : null, all)
                : throw SourceException.Terminal("noAnswers", "This account has no answers on any site of the network yet, or there is no such account. Type the address of your profile on the site you answer on.");
        }

        if (SiteAccount.Parse(typed) is not { } account)
            throw SourceException.Terminal("notStackExchange", $"This names no account on a Stack Exchange site. {Try}");
        if (await api.UserAsync(account, cancel) is not var (id, name))
            throw SourceException.Terminal("noAccount", $"{account.Host} has no account {account.User}. {Try}");
        return Place(account, name, id is { } own ? await api.SitesAsync(own, cancel) : []);
    }

    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>There are no pushes of answers.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>Accepts the address of an answer, also in the form that the site's button "Share" gives.</summary>
    public async Task<Draft?> LookupAsync(Uri address, CancellationToken cancel)
    {
        if (SiteAccount.AnswerAt(address) is not var (site, id))
            return null;
        var account = new SiteAccount(site, 0);
        return await api.AnswerAsync(site, id, cancel) is { } item && Answer.Of(item) is { } answer
            ? answer.ToDraft(account.Host, new Container(account.Host, $"https://{account.Host}/"))
            : throw SourceException.Terminal("noAnswer", "There is no public answer at this address. Check whether it opens without signing in.");
    }

    private Place Place(SiteAccount account, string? name, IReadOnlyList<NetworkSite> sites)
    {
        var site = sites.FirstOrDefault(one => one.Account == account)?.Name ?? account.Host;
        return new Place(account.Origin, api.Address(account), $"{name ?? account.Origin} on {site}", account.Page)
        {
            Siblings = [.. sites.Where(one => one.Account != account).Select(one => new PlaceAlternative(one.Account.Page, one.Name))],
        };
    }
}
