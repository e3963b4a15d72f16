using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Push;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

public sealed class WebSubTests
{
    private const string Topic = "https://blog.example/feed";

    [Fact]
    public void Subscription_request_is_a_form_with_topic_callback_and_secret()
    {
        var request = WebSub.Subscribe("https://hub.example/", Topic, "https://us.example/websub/1?x=y", "s&cret", TimeSpan.FromDays(10));

        Assert.Equal(("POST", "application/x-www-form-urlencoded"), (request.Method, request.BodyType));
        Assert.Equal(
            "hub.mode=subscribe&hub.topic=https%3A%2F%2Fblog.example%2Ffeed&hub.callback=https%3A%2F%2Fus.example%2Fwebsub%2F1%3Fx%3Dy"
            + "&hub.secret=s%26cret&hub.lease_seconds=864000&hub.verify=async",
            Encoding.ASCII.GetString(request.Body.Span));
    }

    [Fact]
    public void Unsubscription_request_has_no_secret_and_no_lease()
    {
        var form = Encoding.ASCII.GetString(WebSub.Unsubscribe("https://hub.example/", Topic, "https://us.example/").Body.Span);

        Assert.StartsWith("hub.mode=unsubscribe&", form, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", form, StringComparison.Ordinal);
        Assert.DoesNotContain("lease", form, StringComparison.Ordinal);
    }

    [Fact]
    public void Secret_of_200_bytes_is_too_long() =>
        Assert.Throws<ArgumentException>(() => WebSub.Subscribe("https://hub.example/", Topic, "https://us.example/", new string('s', 200)));

    [Fact]
    public void Requested_verification_is_answered_with_the_challenge_and_takes_the_hubs_lease()
    {
        var answer = WebSub.Verify(Query("subscribe", Topic, "abc", "432000"), "subscribe", Topic);

        Assert.Equal(new WebSubVerification(WebSubAnswer.Confirmed, "abc", TimeSpan.FromDays(5)), answer);
    }

    [Theory]
    [InlineData("subscribe", "https://other.example/", "abc", "subscribe")]
    [InlineData("subscribe", Topic, "abc", null)]
    [InlineData("subscribe", Topic, "abc", "unsubscribe")]
    [InlineData("unsubscribe", Topic, "abc", "subscribe")]
    [InlineData("subscribe", Topic, "", "subscribe")]
    [InlineData("subscribe", Topic, null, "subscribe")]
    [InlineData("publish", Topic, "abc", "publish")]
    [InlineData(null, Topic, "abc", null)]
    public void Unrequested_verification_is_rejected(string? mode, string topic, string? challenge, string? awaited) =>
        Assert.Equal(WebSubAnswer.Refused, WebSub.Verify(Query(mode, topic, challenge, "1"), awaited, Topic).Answer);

    [Fact]
    public void Topic_may_be_verified_in_another_known_spelling() =>
        Assert.Equal(
            WebSubAnswer.Confirmed,
            WebSub.Verify(Query("subscribe", "https://v.example/xml/feed", "abc", null), "subscribe", "https://v.example/feed", "https://v.example/xml/feed").Answer);

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("soon")]
    [InlineData("99999999999999")]
    public void Nonsensical_lease_is_ignored(string seconds) =>
        Assert.Equal(
            new WebSubVerification(WebSubAnswer.Confirmed, "abc"), WebSub.Verify(Query("subscribe", Topic, "abc", seconds), "subscribe", Topic));

    [Fact]
    public void Denial_is_recorded_with_its_reason()
    {
        var query = Query("denied", Topic, null, null);
        query["hub.reason"] = "not for you";

        Assert.Equal(new WebSubVerification(WebSubAnswer.Denied, Reason: "not for you"), WebSub.Verify(query, "subscribe", Topic));
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha384")]
    [InlineData("sha512")]
    [InlineData("SHA256")]
    public void Every_signature_method_of_the_specification_is_verified(string method)
    {
        var body = "<feed/>"u8.ToArray();
        var key = "secret"u8.ToArray();
        var hash = method.ToLowerInvariant() switch
        {
            "sha1" => Convert.FromHexString("0000000000000000000000000000000000000000"),
            "sha384" => HMACSHA384.HashData(key, body),
            "sha512" => HMACSHA512.HashData(key, body),
            _ => HMACSHA256.HashData(key, body),
        };
        if (method == "sha1")
        {
            // RFC 2202, test case 2, so that this file needs no weak algorithm of its own.
            Assert.True(WebSub.IsSigned("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", Delivered.Of("what do ya want for nothing?"u8), "Jefe"));
            return;
        }

        var hex = Convert.ToHexStringLower(hash);
        Assert.True(WebSub.IsSigned($"{method}={hex}", Delivered.Of(body), "secret"));
        Assert.True(WebSub.IsSigned($"{method}={hex.ToUpperInvariant()}", Delivered.Of(body), "secret"));
        Assert.False(WebSub.IsSigned($"{method}={hex}", Delivered.Of(body), "other"));
        Assert.False(WebSub.IsSigned($"{method}={hex}", Delivered.Of("<feed />"u8), "secret"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256")]
    [InlineData("sha256=")]
    [InlineData("sha256=zz")]
    [InlineData("sha256=00")]
    [InlineData("md5=d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("=d41d8cd98f00b204e9800998ecf8427e")]
    public void Unsigned_delivery_is_not_trusted(string? signature) => Assert.False(WebSub.IsSigned(signature, Delivered.Of("x"u8), "secret"));

    private static Dictionary<string, string> Query(string? mode, string topic, string? challenge, string? lease)
    {
        var query = new Dictionary<string, string> { ["hub.topic"] = topic };
        if (mode is not null)
            query["hub.mode"] = mode;
        if (challenge is not null)
            query["hub.challenge"] = challenge;
        if (lease is not null)
            query["hub.lease_seconds"] = lease;
        return query;
    }
}
