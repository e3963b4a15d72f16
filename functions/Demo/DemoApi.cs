using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ContributionIngest.Functions.Demo;

/// <summary>The app's own API, as the person's <c>curl</c> reaches it.</summary>
internal sealed record DemoApi(Uri App, string Key)
{
    public string Address(string path) => new Uri(App, path).AbsoluteUri;

    /// <summary>Logs the talk by hand.</summary>
    public async Task Log(World world, CancellationToken cancel)
    {
        // Not Fetch, which is the gate to sources: this is a visitor at our own front door.
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, Address("/api/ledger")) { Content = new ReadOnlyMemoryContent(Body(world)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await client.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
    }

    private static ReadOnlyMemory<byte> Body(World world)
    {
        var talk = world.Person.Talk;
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("kind", "talk");
            json.WriteString("title", talk.Title);
            json.WriteString("when", world.Day(talk.Ago));
            json.WriteString("url", talk.Url);
            json.WriteString("summary", talk.Summary);
            json.WriteString("note", talk.Note);
            json.WriteStartArray("topics");
            foreach (var topic in talk.Topics)
                json.WriteStringValue(topic);
            json.WriteEndArray();
            json.WriteStartObject("metrics");
            json.WriteNumber("attendees", talk.Attendees);
            json.WriteNumber("minutes", talk.Minutes);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }
}
