using System.Net;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Meetup;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>An invented web of a few addresses and a source that sees nothing else.</summary>
internal sealed class ListingSite : IDisposable
{
    private readonly Dictionary<string, Func<HttpResponseMessage>> pages = new(StringComparer.Ordinal);
    private readonly Fetcher fetcher;

    public ListingSite(string? token = null)
    {
        Web = new ScriptedWeb(request => pages.TryGetValue(request.RequestUri!.AbsoluteUri, out var answer)
            ? answer()
            : throw new InvalidOperationException($"Nobody scripted {request.RequestUri}."));
        fetcher = new Fetcher(Web, AddressPolicy.PublicOnly, Clock, "test/1");
        Source = new MeetupSource(fetcher, Clock, new MeetupOptions(new Uri("https://api.meetup.com/gql-ext"), new Uri("https://www.meetup.com"), token));
    }

    public TestClock Clock { get; } = new();

    public ScriptedWeb Web { get; }

    public MeetupSource Source { get; }

    public static string Calendar(string events = "", string head = "X-WR-CALNAME:Our evenings\n") => $"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{events}END:VCALENDAR\n";

    public static string Event(string uid, string start, string title = "An evening", string more = "") =>
        $"BEGIN:VEVENT\nUID:{uid}\nDTSTART:{start}\nSUMMARY:{title}\n{more}END:VEVENT\n";

    public ListingSite On(string address, string body, string type = "text/calendar", HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers)
    {
        pages[address] = () => ScriptedWeb.Answer((int)status, Encoding.UTF8.GetBytes(body), type, headers);
        return this;
    }

    public Task<Place> ResolveAsync(string typed) => Source.ResolveAsync(typed, Credentials.None, default);

    public async Task<List<SourcePage>> ReadAsync(string address, string? cursor = null, string? origin = null, params (string Name, string Value)[] options)
    {
        var pagesRead = new List<SourcePage>();
        var reading = new SourceRequest(origin ?? address, address, cursor, options.ToDictionary(option => option.Name, option => option.Value), Credentials.None);
        await foreach (var page in Source.ReadAsync(reading, default))
            pagesRead.Add(page);
        return pagesRead;
    }

    public async Task<List<Draft>> DraftsAsync(string address, string? origin = null) => [.. (await ReadAsync(address, origin: origin)).SelectMany(page => page.Drafts)];

    public void Dispose()
    {
        fetcher.Dispose();
        Web.Dispose();
    }
}
