using ContributionIngest.Core.Sources;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>Answers of the API that no API should give.</summary>
public sealed class HostileApiTests : IDisposable
{
    private const string Calendar = "https://www.meetup.com/sound-dotnet/events/ical/";
    private const string Api = "https://api.meetup.com/gql-ext";

    private readonly ListingSite site = new("token");

    [Theory]
    [InlineData("""{"data":{"groupByUrlname":{"events":{"edges":[5,null,"x",[],{"node":7},{"node":{"id":{},"dateTime":"2026-05-01T10:00Z"}}]}}}}""", 0)]
    [InlineData("""{"data":{"groupByUrlname":{"name":5,"timezone":[],"activeTopics":{"x":1},"events":{"pageInfo":[],"edges":[{"node":{"id":"300000001","dateTime":"2026-05-01T10:00Z","title":7,"eventUrl":"javascript:alert(1)","status":null,"rsvps":{"yesCount":1e400},"topics":5,"duration":"P9999999999Y"}}]}}}}""", 1)]
    [InlineData("""{"data":{"groupByUrlname":{"name":"\ud800","events":{"pageInfo":{"hasNextPage":"yes"},"edges":[{"node":{"id":"300000001","title":"\ud800","dateTime":"2026-05-01T10:00Z","rsvps":{"yesCount":-4},"duration":"PT9999999H"}}]}}}}""", 1)]
    [InlineData("""{"data":{"groupByUrlname":{"events":{"edges":[{"node":{"id":"300000001","dateTime":"9999-12-31T23:59:59-18:00"}},{"node":{"id":"300000002","dateTime":"soon"}}]}}}}""", 0)]
    [InlineData("""{"data":{"groupByUrlname":{"events":{"edges":[{"node":{"\udfff":1,"id":"300000001","dateTime":"2026-05-01T10:00Z"}}]}}}}""", 1)]
    [InlineData("""{"data":{"groupByUrlname":{"events":{"pageInfo":{"hasNextPage":false,"endCursor":"x"},"edges":[]}}},"errors":"many"}""", 0)]
    public async Task Malformed_events_are_skipped_and_the_rest_harvested(string json, int count)
    {
        site.On(Calendar, ListingSite.Calendar()).On(Api, json, "application/json");
        var drafts = await site.DraftsAsync(Calendar, "meetup:sound-dotnet");
        Assert.Equal(count, drafts.Count);
        Assert.All(drafts, draft => Assert.Equal(("300000001", "https://www.meetup.com/sound-dotnet/events/300000001/", null), (draft.NativeId, draft.Url, draft.Title)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":null}""")]
    [InlineData("""{"data":{"groupByUrlname":{}}}""")]
    [InlineData("""{"data":{"groupByUrlname":{"events":{"pageInfo":{"hasNextPage":true},"edges":[]}}}}""")]
    [InlineData("""{"data":{"groupByUrlname":5}}""")]
    public async Task Answer_without_events_is_a_transient_failure(string json)
    {
        site.On(Calendar, ListingSite.Calendar()).On(Api, json, "application/json");
        var failure = await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync(Calendar, origin: "meetup:sound-dotnet"));
        Assert.Equal(Failure.Transient, failure.Failure);
    }

    [Fact]
    public async Task API_that_always_returns_the_same_page_is_abandoned()
    {
        site.On(Calendar, ListingSite.Calendar()).On(Api, """{"data":{"groupByUrlname":{"events":{"pageInfo":{"hasNextPage":true,"endCursor":"same"},"edges":[]}}}}""", "application/json");
        Assert.Equal("badAnswer", (await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync(Calendar, origin: "meetup:sound-dotnet"))).Code);
        Assert.InRange(site.Web.Asked.Count, 3, 4);
    }

    [Fact]
    public async Task Throttling_is_a_pause_of_the_stated_length()
    {
        site.On(Calendar, ListingSite.Calendar()).On(Api, """{"errors":[{"message":"Too many requests, please try again shortly.","extensions":{"code":"RATE_LIMITED","consumedPoints":500}}]}""", "application/json");
        var failure = await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync(Calendar, origin: "meetup:sound-dotnet"));
        Assert.Equal((Failure.Transient, "throttled", TimeSpan.FromSeconds(60)), (failure.Failure, failure.Code, failure.RetryAt - site.Clock.GetUtcNow()));
        site.On(Api, """{"errors":[{"extensions":{"code":"RATE_LIMITED","resetAt":"2026-06-01T12:20:00Z"}}]}""", "application/json");
        failure = await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync(Calendar, origin: "meetup:sound-dotnet"));
        Assert.Equal(new DateTimeOffset(2026, 6, 1, 12, 20, 0, TimeSpan.Zero), failure.RetryAt);
    }

    [Fact]
    public void Random_mixture_of_answer_fragments_throws_no_other_exception()
    {
        string[] values = ["null", "5", "-1e9", "\"x\"", "[]", "{}", "true", "\"2026-05-01T10:00Z\"", "\"PT2H\"", "\"PT9999999H\"", "\"\\ud800\"", "[null]", "[{\"node\":null}]"];
        string[] names = ["id", "token", "title", "description", "dateTime", "endTime", "duration", "eventUrl", "status", "rsvps", "topics"];
        var node = Gen.Elements(names).SelectMany(name => Gen.Elements(values).Select(value => $"\"{name}\":{value}")).ListOf()
            .Select(parts => $"{{\"data\":{{\"groupByUrlname\":{{\"events\":{{\"edges\":[{{\"node\":{{{string.Join(',', parts)}}}}}]}}}}}}}}");
        Prop.ForAll(node.ToArbitrary(), json =>
        {
            site.On(Calendar, ListingSite.Calendar()).On(Api, json, "application/json");
            return site.ReadAsync(Calendar, origin: "meetup:sound-dotnet").GetAwaiter().GetResult().Count == 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    public void Dispose() => site.Dispose();
}
