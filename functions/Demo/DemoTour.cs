using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace ContributionIngest.Functions.Demo;

/// <summary>The app's own API, as the person's <c>curl</c> reaches it: what to open and what to try. The lines can be pasted one by one or all together.</summary>
internal sealed class DemoTour(TextWriter output, Uri app, string key)
{
    /// <summary>Logs the talk by hand.</summary>
    public async Task LogTalkAsync(World world, CancellationToken cancel)
    {
        var talk = world.Person.Talk;
        var entry = new
        {
            Kind = "talk",
            talk.Title,
            When = world.Day(talk.Ago),
            talk.Url,
            talk.Summary,
            talk.Note,
            talk.Topics,
            Metrics = new { talk.Attendees, talk.Minutes },
        };

        // Not Fetch, which is the gate to sources: this is a visitor at our own front door.
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, Address("/api/ledger")) { Content = JsonContent.Create(entry) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
        output.WriteLine($"  logged     by hand the talk “{talk.Title}”");
        output.WriteLine();
    }

    /// <param name="crossPosted">Title of a post that stands in two blogs.</param>
    /// <param name="blog">A page that can be previewed.</param>
    public void Print(IReadOnlyList<RevisedPost> revised, string crossPosted, string blog)
    {
        output.WriteLine($"Open   {Address("/")}");
        output.WriteLine("Stop   Ctrl-C; all of this is gone then");
        output.WriteLine();
        output.WriteLine("Ask the ledger from another terminal:");
        Line("the newest five entries", "/api/ledger?limit=5");
        Line("everything, ready for a spreadsheet", "/api/ledger?format=csv&limit=all");
        foreach (var post in revised)
            Line($"all revisions of a post on {post.Blog} that was changed after it had been harvested", $"/api/ledger/{post.Id}/history");
        Line("a post that stands in two of the blogs: one contribution, two sightings", $"/api/ledger?q={Uri.EscapeDataString(crossPosted)}");
        Line("how much of what, month by month", "/api/ledger/summary?by=month&split=kind");
        Line("the year as a picture; with  -o year.svg  added it is a file to open", "/api/charts/heatmap.svg");
        Line("the week's digest; with  format=html  it is what the mail shows", "/api/digests/preview?format=text", "{}");
        Line("the connections and how they are", "/api/connections");
        Line("the talk that was logged by hand", "/api/ledger?source=manual");
        Line("the evenings she organises, two of them still to come", "/api/ledger?source=meetup");
        Line("pull requests that were merged, with what they changed", "/api/ledger?kind=pullRequest&status=merged&limit=5");
        Line("everything about SQLite", "/api/ledger?q=sqlite");
        Line("what connecting the team's whole blog would bring; nothing is written", "/api/preview", $$"""{"address":"{{blog}}"}""");
        output.Flush();
    }

    private void Line(string what, string path, string? body = null)
    {
        var sent = body is null ? "" : $"-H 'Content-Type: application/json' -d '{body}' ";
        output.WriteLine();
        output.WriteLine($"# {what}");
        output.WriteLine($"curl -s -H 'Authorization: Bearer {key}' {sent}'{Address(path)}'");
    }

    private string Address(string path) => new Uri(app, path).AbsoluteUri;
}
