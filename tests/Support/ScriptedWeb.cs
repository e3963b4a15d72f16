using System.Net;
using System.Text;

namespace ContributionIngest.Tests.Support;

/// <summary>The outside world as a function. What was asked is kept; what is not scripted is an error.</summary>
public sealed class ScriptedWeb(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly Lock gate = new();
    private readonly List<HttpRequestMessage> asked = [];

    public ScriptedWeb(Func<HttpRequestMessage, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    /// <summary>Nothing is scripted.</summary>
    public ScriptedWeb()
        : this(request => throw new InvalidOperationException($"Nobody scripted {request.RequestUri}."))
    {
    }

    public IReadOnlyList<HttpRequestMessage> Asked
    {
        get
        {
            lock (gate)
                return [.. asked];
        }
    }

    public IReadOnlyList<string> Addresses => [.. Asked.Select(request => request.RequestUri!.AbsoluteUri)];

    public static HttpResponseMessage Answer(
        HttpStatusCode status, string body = "", string? type = null, params (string Name, string Value)[] headers) =>
        Answer((int)status, Encoding.UTF8.GetBytes(body), type, headers);

    public static HttpResponseMessage Answer(int status, byte[] body, string? type = null, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
        if (type is not null)
            response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (name, value) in headers)
            Add(response, name, value);
        return response;
    }

    public static HttpResponseMessage Redirect(int status, string location) => Answer(status, [], null, ("Location", location));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (gate)
            asked.Add(request);
        return answer(request, cancellationToken);
    }

    private static void Add(HttpResponseMessage response, string name, string value)
    {
        if (!response.Headers.TryAddWithoutValidation(name, value))
            response.Content.Headers.TryAddWithoutValidation(name, value);
    }
}
