using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Http;

public sealed class GuardedHandlerTests
{
    private readonly List<IPEndPoint> dialled = [];

    [Theory]
    [InlineData("10.0.0.5")]
    [InlineData("127.0.0.1 ::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("168.63.129.16")]
    public async Task Name_that_resolves_to_an_internal_address_is_not_dialled(string answers)
    {
        var fetched = await AskAsync("https://inside.example/", answers.Split(' '));

        Assert.Equal((FetchOutcome.Terminal, "refusedAddress"), (fetched.Outcome, fetched.Code));
        Assert.Contains("inside.example", fetched.Problem, StringComparison.Ordinal);
        Assert.Empty(dialled);
    }

    [Fact]
    public async Task Only_the_checked_public_address_of_a_mixed_DNS_answer_is_dialled()
    {
        var fetched = await AskAsync("http://mixed.example/", "10.0.0.5", "93.184.216.34");

        Assert.Equal(FetchOutcome.Content, fetched.Outcome);
        Assert.Equal("93.184.216.34:80", Assert.Single(dialled).ToString());
    }

    [Fact]
    public async Task Rebinding_name_is_refused_at_its_next_connection()
    {
        var answers = new Queue<string>(["93.184.216.34", "127.0.0.1"]);
        using var handler = Handler((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(answers.Dequeue())]), AddressPolicy.PublicOnly);
        using var fetcher = new Fetcher(handler, AddressPolicy.PublicOnly, new TestClock(), "test/1");

        var first = await fetcher.SendAsync(new FetchRequest(new Uri("http://rebind.example/")), default);
        var second = await fetcher.SendAsync(new FetchRequest(new Uri("http://rebind.example/")), default);

        Assert.Equal(FetchOutcome.Content, first.Outcome);
        Assert.Equal("refusedAddress", second.Code);
        Assert.Equal("93.184.216.34:80", Assert.Single(dialled).ToString());
    }

    [Fact]
    public async Task Next_checked_address_is_tried_when_one_does_not_answer()
    {
        var fetched = await AskAsync("http://two.example/", "192.0.43.1", "93.184.216.34");

        Assert.Equal(FetchOutcome.Content, fetched.Outcome);
        Assert.Equal(["192.0.43.1:80", "93.184.216.34:80"], dialled.Select(address => address.ToString()));
    }

    [Fact]
    public async Task Name_whose_addresses_do_not_answer_is_not_called_unknown()
    {
        var fetched = await AskAsync("http://down.example/", "192.0.43.1");

        Assert.Equal((FetchOutcome.Transient, "connection"), (fetched.Outcome, fetched.Code));
        Assert.Equal("unknownHost", (await AskAsync("http://down.example/")).Code);
    }

    [Fact]
    public async Task Handler_serves_others_after_one_who_used_it_has_ended()
    {
        using var handler = Handler((_, _) => Task.FromResult(Array.ConvertAll(["93.184.216.34"], IPAddress.Parse)), AddressPolicy.PublicOnly);
        new Fetcher(handler, AddressPolicy.PublicOnly, new TestClock(), "test/1").Dispose();
        using var fetcher = new Fetcher(handler, AddressPolicy.PublicOnly, new TestClock(), "test/1");

        Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(new FetchRequest(new Uri("http://one.example/")), default)).Outcome);
    }

    [Fact]
    public async Task Unusual_port_is_dialled_only_in_an_allowed_network()
    {
        var policy = new AddressPolicy([IPNetwork.Parse("10.0.0.0/8")]);

        Assert.Equal(FetchOutcome.Content, (await AskAsync("http://wiki:9000/", policy, "10.0.0.5")).Outcome);
        Assert.Equal("refusedAddress", (await AskAsync("http://public.example:9000/", policy, "93.184.216.34")).Code);
    }

    [Fact]
    public async Task Unknown_name_is_reported_and_not_retried_at_once()
    {
        var asked = 0;
        using var handler = Handler(
            (_, _) =>
            {
                asked++;
                throw new SocketException((int)SocketError.HostNotFound);
            },
            AddressPolicy.PublicOnly);
        using var fetcher = new Fetcher(handler, AddressPolicy.PublicOnly, new TestClock(), "test/1");

        var fetched = await fetcher.SendAsync(new FetchRequest(new Uri("http://nowhere.example/")), default);

        Assert.Equal((FetchOutcome.Transient, "unknownHost", 1), (fetched.Outcome, fetched.Code, asked));
    }

    [CorporaFact]
    public async Task Every_DNS_scenario_of_the_corpus_connects_to_public_addresses_only()
    {
        using var corpus = JsonDocument.Parse(await File.ReadAllBytesAsync(Corpora.Path("ssrf-urls", "expected.json")));
        var scenarios = corpus.RootElement.GetProperty("dns_scenarios").EnumerateArray().ToArray();
        Assert.NotEmpty(scenarios);
        foreach (var scenario in scenarios)
        {
            dialled.Clear();
            var answers = scenario.GetProperty("answers").EnumerateArray().Select(answer => answer.GetString()!).ToArray();
            var fetched = await AskAsync($"http://{scenario.GetProperty("name").GetString()}/", answers);
            Assert.Equal(fetched.Outcome == FetchOutcome.Content, dialled.Count > 0);
            Assert.All(dialled, address => Assert.True(AddressPolicy.PublicOnly.Allows(address.Address, address.Port)));

            // The same answers given one after the other, as a rebinding name does.
            foreach (var answer in answers)
                await AskAsync($"http://{scenario.GetProperty("name").GetString()}/", answer);
            Assert.All(dialled, address => Assert.True(AddressPolicy.PublicOnly.Allows(address.Address, address.Port)));
        }
    }

    private Task<Fetched> AskAsync(string address, params string[] answers) => AskAsync(address, AddressPolicy.PublicOnly, answers);

    private async Task<Fetched> AskAsync(string address, AddressPolicy policy, params string[] answers)
    {
        using var handler = Handler((_, _) => Task.FromResult(Array.ConvertAll(answers, IPAddress.Parse)), policy);
        using var fetcher = new Fetcher(handler, policy, new TestClock(), "test/1");
        return await fetcher.SendAsync(new FetchRequest(new Uri(address)), default);
    }

    private SocketsHttpHandler Handler(Resolver resolve, AddressPolicy policy) => GuardedHandler.Create(policy, resolve, (address, _) =>
    {
        lock (dialled)
            dialled.Add(address);
        if (address.Address.Equals(IPAddress.Parse("192.0.43.1")))
            throw new SocketException((int)SocketError.HostUnreachable);
        return ValueTask.FromResult<Stream>(new OneAnswer());
    });

    /// <summary>A connection that swallows the request, answers it once and closes.</summary>
    private sealed class OneAnswer() : MemoryStream(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"))
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
