using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Http;

public sealed class AddressPolicyTests
{
    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://192.0xa8.1/")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://１０.0.0.1/")]
    [InlineData("http://①⓪.0.0.1/")]
    [InlineData("http://10。0。0。1/")]
    [InlineData("http://1.2.3.4.5/")]
    [InlineData("http://256.1.1.1/")]
    [InlineData("http://1.2.3.09/")]
    [InlineData("http://168.63.129.16/")]
    [InlineData("http://[::ffff:8.8.8.8]/")]
    [InlineData("http://[64:ff9b::808:808]/")]
    [InlineData("http://[fe80::1%25eth0]/")]
    [InlineData("http://[ff02::1]/")]
    [InlineData("http://[2002:808:808::]/")]
    [InlineData("http://[5f00::1]/")]
    [InlineData("http://printer/")]
    [InlineData("http://LOCALHOST./")]
    [InlineData("http://nas.home.arpa/")]
    [InlineData("http://db.local./")]
    [InlineData("http://lo\u00ADcalhost/")]
    [InlineData("http://user@blog.example/")]
    [InlineData("http://user:pass@blog.example/")]
    [InlineData("http://blog.example\\@127.0.0.1/")]
    [InlineData("http://%6c%6f%63alhost/")]
    [InlineData("http://blog .example/")]
    [InlineData("http://blog.example/a\tb")]
    [InlineData("http://blog.example:22/")]
    [InlineData("http://blog.example:0/")]
    [InlineData("http://blog.example:65536/")]
    [InlineData("http://blog.example:+80/")]
    [InlineData("http:blog.example/")]
    [InlineData("https:/blog.example/")]
    [InlineData("ftp://blog.example/")]
    [InlineData("feed:feed://blog.example/")]
    [InlineData("feed:ftp://blog.example/")]
    [InlineData("http://xn--0/")]
    [InlineData("")]
    public void Address_outside_the_public_web_is_rejected_with_a_message(string address)
    {
        var verdict = AddressPolicy.PublicOnly.Check(address);

        Assert.Null(verdict.Address);
        Assert.EndsWith(".", verdict.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://:80/", "not a full web address")]
    [InlineData("http://blog.example:8 0/", "no usable host name")]
    [InlineData("http://printer/", "internal name")]
    [InlineData("http://10.0.0.1/", "not a public address")]
    [InlineData("http://blog.example:22/", "Port 22")]
    [InlineData("http://a@blog.example/", "user name")]
    public void Message_says_what_is_wrong_with_an_address(string address, string message) =>
        Assert.Contains(message, AddressPolicy.PublicOnly.Check(address).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://blog.example/feed", "https://blog.example/feed")]
    [InlineData("  HTTP://Blog.Example.:80/Feed?a=b#c ", "http://blog.example/Feed?a=b")]
    [InlineData("https://blog.example", "https://blog.example/")]
    [InlineData("https://blog.example?p=1", "https://blog.example/?p=1")]
    [InlineData("https://bücher.example/", "https://xn--bcher-kva.example/")]
    [InlineData("https://my_blog.example:8443/", "https://my_blog.example:8443/")]
    [InlineData("https://-blog-.example/", "https://-blog-.example/")]
    [InlineData("http://134744072/", "http://8.8.8.8/")]
    [InlineData("http://[2A00:1450::1]/", "http://[2a00:1450::1]/")]
    [InlineData("feed://blog.example/rss", "http://blog.example/rss")]
    [InlineData("feed:https://blog.example/rss", "https://blog.example/rss")]
    [InlineData("https://blog.example/a b/ü", "https://blog.example/a%20b/%C3%BC")]
    [InlineData("https://blog.example/@name", "https://blog.example/@name")]
    public void Public_address_is_normalised(string address, string spelled) =>
        Assert.Equal(spelled, AddressPolicy.PublicOnly.Check(address).Address?.AbsoluteUri);

    [Fact]
    public void Allowed_network_is_open_on_every_port_and_nothing_else_is()
    {
        Assert.True(AddressPolicy.TryParse("127.0.0.0/8, fd00::/8 10.1.2.3", out var policy, out _));

        Assert.NotNull(policy.Check("http://127.0.0.1:5001/").Address);
        Assert.NotNull(policy.Check("http://[fd00::7]:9000/").Address);
        Assert.NotNull(policy.Check("http://localhost:5001/").Address);
        Assert.NotNull(policy.Check("http://n/").Address);
        Assert.Null(policy.Check("http://10.1.2.4/").Address);
        Assert.Null(policy.Check("http://8.8.8.8:5001/").Address);
        Assert.True(policy.Allows(IPAddress.Parse("::ffff:10.1.2.3"), 5432));
        Assert.False(policy.Allows(IPAddress.Parse("8.8.8.8"), 5432));
        Assert.False(policy.Allows(IPAddress.Parse("2a00:1450::7f00:1"), 5432));
        Assert.False(policy.Allows(IPAddress.Parse("169.254.169.254"), 80));
    }

    [Fact]
    public void Alternate_ports_can_be_disallowed()
    {
        var policy = new AddressPolicy([], alternatePorts: false);

        Assert.Null(policy.Check("https://blog.example:8443/").Address);
        Assert.False(policy.Allows(IPAddress.Parse("8.8.8.8"), 8080));
    }

    [Fact]
    public void Setting_that_is_no_network_is_named()
    {
        Assert.False(AddressPolicy.TryParse("10.0.0.0/8, everything", out _, out var problem));
        Assert.Contains("'everything'", problem, StringComparison.Ordinal);
    }

    [CorporaFact]
    public void Every_address_of_the_corpus_gets_the_expected_verdict()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(Corpora.Path("ssrf-urls", "expected.json")));
        var wrong = new List<string>();
        var count = 0;
        foreach (var entry in corpus.RootElement.GetProperty("urls").EnumerateArray())
        {
            count++;
            var url = entry.GetProperty("url").GetString()!;
            var why = entry.GetProperty("why").GetString()!;
            var found = AddressPolicy.PublicOnly.Check(url).Address;

            // The corpus leaves a choice for feed: addresses; ours is to rewrite them before the check.
            var expected = entry.GetProperty("verdict").GetString() == "allow" || why.Contains("rewrite to http", StringComparison.Ordinal);
            if (found is not null != expected || (found is not null && !found.Scheme.StartsWith("http", StringComparison.Ordinal)))
                wrong.Add($"{url} ({why}): {found}");
        }

        Assert.Empty(wrong);
        Assert.True(count > 100, $"only {count} addresses in the corpus");
    }
}
