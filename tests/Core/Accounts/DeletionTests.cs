using System.Net;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Accounts;

/// <summary>Whoever is deleted leaves nothing behind, and nobody else loses anything.</summary>
public sealed class DeletionTests
{
    [Fact]
    public async Task Scan_of_the_whole_store_after_a_deletion_finds_neither_the_person_nor_anything_of_theirs()
    {
        await using var world = await AccountWorld.StartAsync();
        var words = (await world.ScanAsync()).SelectMany(AccountWorld.Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.True(words.Count > 20, string.Join(' ', words));
        var others = await world.App.LedgerAsync();

        var (status, begun) = await world.AsHerAsync(() => world.App.SendAsync(HttpMethod.Delete, $"/me?confirm={AccountWorld.Address}"));
        Assert.Equal(HttpStatusCode.Accepted, status);
        await world.App.DrainAsync();
        await WriteLateAsync(world);
        await FinishAsync(world, begun.GetProperty("id").GetString()!);

        Assert.Empty(await world.LeftAsync());
        Assert.Empty(world.App.Failures);
        Assert.Equal(others.Count, (await world.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Keys_and_sessions_stop_working_when_the_deletion_begins()
    {
        await using var world = await AccountWorld.StartAsync();
        using var begun = await world.Hers.DeleteAsync(new Uri($"/api/me?confirm={world.Person}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);

        using var refused = await world.Hers.GetAsync(new Uri("/api/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await world.Browser.OpenAsync("/settings");
        Assert.StartsWith("/auth/sign-in", world.Browser.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?confirm=")]
    [InlineData("?confirm=somebody@example.com")]
    public async Task Deletion_that_is_not_confirmed_is_refused_and_names_the_parameter(string query)
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.App.Services.GetRequiredService<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Operator = true, Since = now }, default);
        var (status, problem) = await app.SendAsync(HttpMethod.Delete, "/me" + query);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("confirm", out _));
        await app.GetAsync("/me");
    }

    [Fact]
    public async Task Last_operator_cannot_be_deleted()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var me = (await app.GetAsync("/me")).GetProperty("id").GetString();
        foreach (var path in (string[])[$"/me?confirm={me}", $"/people/{me}?confirm={me}"])
        {
            var (status, problem) = await app.SendAsync(HttpMethod.Delete, path);
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains("PATCH /api/people", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.True((await app.GetAsync("/me")).GetProperty("operator").GetBoolean());
    }

    [Fact]
    public async Task Owner_who_is_deleted_does_not_come_back_as_another_operator()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["OwnerEmail"] = "owner@example.com", ["PublicUrl"] = "http://localhost" };
        await using var app = await AppFixture.StartAsync(new ScriptedWeb(), settings: settings);
        var people = app.App.Services.GetRequiredService<PeopleStore>();
        var owner = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var other = await people.CreateAsync((id, now) => new Person { Id = id, Name = "Else", Since = now }, default);
        await app.SendAsync(HttpMethod.Patch, $"/people/{other.Id}", """{"operator":true}""");
        var (secret, _) = await app.App.Services.GetRequiredService<ApiKeys>().CreateAsync(other.Id, "other", Scope.Read | Scope.Write | Scope.Operate, default);
        app.Client = app.App.GetTestClient();
        app.Client.DefaultRequestHeaders.Authorization = new("Bearer", secret);

        var (status, begun) = await app.SendAsync(HttpMethod.Delete, $"/people/{owner}?confirm=owner@example.com");
        Assert.Equal(HttpStatusCode.Accepted, status);
        await FinishAsync(app, begun.GetProperty("id").GetString()!);
        var trail = (await app.GetAsync("/me/audit")).GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("what").GetString());
        Assert.Contains("deletionBegun", trail);

        using var browser = new Browser(app);
        await browser.OpenAsync("/auth/sign-in");
        await browser.SubmitAsync("/auth/sign-in", ("email", "owner@example.com"));
        await app.DrainAsync();
        Assert.Empty(app.Mail.Letters);
        Assert.Equal(other.Id, Assert.Single(await people.AllAsync(default)));
    }

    [Fact]
    public async Task Queue_messages_about_somebody_deleted_end_without_effect()
    {
        await using var world = await AccountWorld.StartAsync();
        var (_, begun) = await world.App.SendAsync(HttpMethod.Delete, $"/people/{world.Person}?confirm={world.Person}");
        await FinishAsync(world, begun.GetProperty("id").GetString()!);

        string[] messages =
        [
            $$"""harvest {"person":"{{world.Person}}","connection":"{{world.Feed}}"}""",
            $$"""harvest {"person":"{{world.Person}}","connection":"{{world.Feed}}","pushed":{"body":"eA=="} }""",
            $$"""recount {"person":"{{world.Person}}"}""",
            $$"""digest {"person":"{{world.Person}}"}""",
            $$"""mail {"person":"{{world.Person}}","week":"2026-W23"}""",
            $$$"""mail {"signIn":{"id":"{{{Identity.Random()}}}","address":"a@example.com","at":"{{{world.App.Clock.GetUtcNow():O}}}","person":"{{{world.Person}}}"} }""",
            $$"""maintenance {"task":"person","person":"{{world.Person}}"}""",
            $$$"""mail-poison {"signIn":{"id":"{{{Identity.Random()}}}","address":"a@example.com","at":"2026-06-01T00:00:00Z","person":"{{{world.Person}}}"} }""",
            $$"""digest-poison {"person":"{{world.Person}}"}""",
            $$"""harvest-poison {"person":"{{world.Person}}","connection":"{{world.Feed}}"}""",
        ];
        foreach (var message in messages)
            await world.App.Store.Queue.PutAsync(message.Split(' ', 2)[0], message.Split(' ', 2)[1], TimeSpan.Zero, default);
        await world.App.DrainAsync();

        Assert.Empty(world.App.Failures);
        Assert.Empty(await world.LeftAsync());
    }

    [Fact]
    public async Task Outcome_can_be_asked_for_without_a_key_for_a_week_and_names_nobody()
    {
        await using var world = await AccountWorld.StartAsync();
        using var answer = await world.Hers.DeleteAsync(new Uri($"/api/me?confirm={world.Person}", UriKind.Relative));
        var location = answer.Headers.Location!;
        using var nobody = world.App.App.GetTestClient();
        Assert.Contains("\"removing\"", await nobody.GetStringAsync(location), StringComparison.Ordinal);
        await world.App.DrainAsync();
        Assert.Contains("\"settling\"", await nobody.GetStringAsync(location), StringComparison.Ordinal);
        await FinishAsync(world, location.OriginalString.Split('/')[^1]);
        var done = await nobody.GetStringAsync(location);
        Assert.DoesNotContain(world.Person, done, StringComparison.Ordinal);

        await world.App.PassAsync(TimeSpan.FromDays(8));
        await world.App.MaintainAsync();
        using var gone = await nobody.GetAsync(location);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Settings_page_deletes_after_the_address_is_typed()
    {
        await using var world = await AccountWorld.StartAsync();
        await world.Browser.OpenAsync("/settings");
        await world.Browser.SubmitAsync("/account/delete", ("confirm", "other@example.com"));
        Assert.Contains("Nothing was deleted", world.Browser.Page, StringComparison.Ordinal);
        await world.Browser.SubmitAsync("/account/delete", ("confirm", "ZQ0mail@example.com"));
        Assert.Contains("Everything is being deleted", world.Browser.Page, StringComparison.Ordinal);
        await world.Browser.OpenAsync("/");
        Assert.DoesNotContain("zq0", world.Browser.Page, StringComparison.Ordinal);
    }

    internal static Task FinishAsync(AccountWorld world, string id) => FinishAsync(world.App, id);

    /// <summary>Lets hours pass until it is done.</summary>
    internal static async Task FinishAsync(AppFixture app, string id)
    {
        for (var hour = 0; hour < 8 * 24; hour++)
        {
            await app.DrainAsync();
            if ((await app.GetAsync($"/deletions/{id}")).GetProperty("state").GetString() == "done")
                return;
            await app.PassAsync(TimeSpan.FromMinutes(61));
        }

        Assert.Fail("The deletion does not come to its end.");
    }

    /// <summary>What runs may write that were under way: an entry, a report, a due row.</summary>
    private static async Task WriteLateAsync(AccountWorld world)
    {
        Assert.Null(await world.Get<PeopleStore>().GetAsync(world.Person, default));
        var now = world.App.Clock.GetUtcNow();
        var draft = new Draft { NativeId = "zq0late", Kind = Kind.BlogPost, Title = "zq0late", When = now };
        await world.Get<LedgerWriter>().UpsertAsync(world.Person, new SightingContext(world.Feed, "feed", AccountWorld.Own, true, now, []), [draft], [draft], default);
        await world.Get<HarvestReports>().AddAsync(world.Person, world.Feed, Identity.Random(), new HarvestReport { At = now, Until = now, Raw = ["zq0raw"] }, default);
        await world.Get<DueIndex>().MoveAsync(Due.OfConnection(world.Person, world.Feed, AccountWorld.Own), null, now.AddDays(1), default);
        await world.Get<RawAnswers>().PutAsync(world.Person, new(System.Text.Encoding.UTF8.GetBytes("zq0raw"), null), default);
        Assert.NotEmpty(await world.LeftAsync());
    }
}
