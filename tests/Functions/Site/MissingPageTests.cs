using System.Net;
using ContributionIngest.Tests.Functions.Security;
using Microsoft.AspNetCore.TestHost;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

public sealed class MissingPageTests
{
    [Theory]
    [InlineData("/nowhere", "text/html", "text/html; charset=utf-8", "There is no such page")]
    [InlineData("/nowhere", "application/json", "application/problem+json", "urn:contributioningest:problem:notFound")]
    [InlineData("/api/nowhere", "text/html", "application/problem+json", "urn:contributioningest:problem:notFound")]
    public async Task People_get_a_page_and_programs_a_problem(string path, string accepted, string type, string text)
    {
        await using var app = await SignInFixture.StartAsync();
        using var client = app.App.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", accepted);

        using var answer = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.NotFound, type), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.Contains(text, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browsers_find_an_icon_where_they_look_for_one()
    {
        await using var app = await SignInFixture.StartAsync();
        using var client = app.App.App.GetTestClient();

        using var answer = await client.GetAsync(new Uri("/favicon.ico", UriKind.Relative));

        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType!.MediaType);
    }
}
