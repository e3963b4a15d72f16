using System.Net;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>Who gets in, and who does not.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task Mailed_link_signs_in_after_a_click_once_and_goes_on_where_the_person_was()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = app.Browser();
        await browser.OpenAsync("/settings");
        Assert.StartsWith("/auth/sign-in?return=%2Fsettings", browser.Path, StringComparison.Ordinal);
        await browser.SubmitAsync("/auth/sign-in", ("email", " Juna@Quayside.example "), ("return", "/settings"));
        Assert.Equal("/auth/sent", browser.Path);
        Assert.Contains("If <strong><bdi>juna@quayside.example</bdi></strong> has an account here, a link is on its way.", browser.Page, StringComparison.Ordinal);
        await app.App.DrainAsync();

        var mail = Assert.Single(app.App.Mail.Letters);
        Assert.Equal((SignInFixture.Address, "Sign in to ContributionIngest"), (mail.To, mail.Subject));
        var link = SignInFixture.Link(mail);
        Assert.Contains(link, mail.Html, StringComparison.Ordinal);

        // What a mail scanner does changes nothing.
        using (var scanner = app.Browser())
            await scanner.OpenAsync(link);
        await browser.OpenAsync(link);
        Assert.Contains("juna@quayside.example", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync(link);

        Assert.Equal(("/settings", HttpStatusCode.OK), (browser.Path, browser.Status));
        Assert.Contains("signed in by mail", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync(link);
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("This link was used", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_works_only_in_the_browser_that_asked_and_for_15_minutes()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = app.Browser();
        var link = (await app.AskAsync(browser))!;

        using (var other = app.Browser())
        {
            await other.OpenAsync(link);
            Assert.Equal(HttpStatusCode.Forbidden, other.Status);
            Assert.Contains("This link was asked for in another browser", other.Page, StringComparison.Ordinal);
            await other.SubmitAsync(link);
            Assert.Equal(HttpStatusCode.Forbidden, other.Status);

            // A link for this browser is one click away.
            await other.SubmitAsync("/auth/sign-in", ("email", SignInFixture.Address));
            Assert.Equal("/auth/sent", other.Path);
        }

        await browser.OpenAsync(link);
        app.App.Clock.Advance(TimeSpan.FromMinutes(15));
        await browser.SubmitAsync(link);
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("This link is too old", browser.Page, StringComparison.Ordinal);
        Assert.Null(browser.Cookie("session"));
    }

    [Fact]
    public async Task Unknown_address_gets_the_same_answers_and_no_mail()
    {
        await using var app = await SignInFixture.StartAsync();
        using var known = app.Browser();
        using var stranger = app.Browser();
        Assert.NotNull(await app.AskAsync(known));
        Assert.Null(await app.AskAsync(stranger, "nobody@quayside.example"));
        Assert.Equal(Neutral(known), Neutral(stranger));
        Assert.Single(app.App.Mail.Letters);

        static (string, HttpStatusCode, string, string) Neutral(Browser browser) => (
            browser.Path,
            browser.Status,
            browser.Page.Replace(browser.Token, "", StringComparison.Ordinal).Replace("nobody@quayside.example", SignInFixture.Address, StringComparison.Ordinal),
            string.Join('\n', browser.Headers.Where(header => header.Key is not ("Date" or "Set-Cookie" or "Content-Length")).Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Five_links_an_hour_go_to_one_address_and_the_last_one_still_works()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = app.Browser();
        string? link = null;
        for (var i = 0; i < 5; i++)
            link = await app.AskAsync(browser);

        // Also from other browsers, and from other processes, since a row counts.
        using var other = app.Browser();
        Assert.Null(await app.AskAsync(other));
        Assert.Equal((HttpStatusCode.TooManyRequests, "3600"), (other.Status, other.Headers["Retry-After"]));
        await browser.OpenAsync(link!);
        await browser.SubmitAsync(link!);
        Assert.NotNull(browser.Cookie("session"));

        app.App.Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await app.AskAsync(other));
    }

    [Fact]
    public async Task Where_to_go_on_is_always_a_path_of_this_site()
    {
        await using var app = await SignInFixture.StartAsync();
        foreach (var elsewhere in new[] { "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "settings", "/settings\nSet-Cookie: a=b" })
        {
            using var browser = app.Browser();
            app.App.Clock.Advance(TimeSpan.FromHours(1));
            var link = await app.AskAsync(browser, returnPath: elsewhere);
            await browser.OpenAsync(link!);
            await browser.SubmitAsync(link!);
            Assert.Equal((elsewhere, "/connections"), (elsewhere, browser.Path));
        }
    }

    [Fact]
    public async Task Session_lasts_thirty_days_without_use_and_longer_with_use()
    {
        await using var app = await SignInFixture.StartAsync();
        using var used = await app.SignInAsync();
        using var left = await app.SignInAsync();
        for (var week = 0; week < 6; week++)
        {
            app.App.Clock.Advance(TimeSpan.FromDays(7));
            await used.OpenAsync("/settings");
            Assert.Equal("/settings", used.Path);
        }

        await left.OpenAsync("/settings");
        Assert.StartsWith("/auth/sign-in", left.Path, StringComparison.Ordinal);
        await left.OpenAsync("/api/me");
        Assert.Equal(HttpStatusCode.Unauthorized, left.Status);
    }

    [Fact]
    public async Task Sessions_are_listed_ended_one_by_one_or_all_others_at_once_and_by_signing_out()
    {
        await using var app = await SignInFixture.StartAsync();
        using var here = await app.SignInAsync();
        app.App.Clock.Advance(TimeSpan.FromMinutes(1));
        using var second = await app.SignInAsync();
        app.App.Clock.Advance(TimeSpan.FromMinutes(1));
        using var third = await app.SignInAsync();
        using var fourth = await app.SignInAsync();
        var owner = await app.OwnerAsync();
        var secondId = (await app.Get<Sessions>().ListAsync(owner.Id, default)).OrderBy(session => session.Since).ElementAt(1).Id;

        await here.OpenAsync("/settings");
        await here.SubmitAsync($"/settings/sessions/{secondId}/end");
        Assert.Contains("That browser is signed out.", here.Page, StringComparison.Ordinal);
        Assert.Equal([true, false, true, true], await SignedInAsync());

        await here.SubmitAsync("/settings/sessions/end");
        Assert.Equal([true, false, false, false], await SignedInAsync());

        await here.OpenAsync("/settings");
        await here.SubmitAsync("/auth/sign-out");
        Assert.Equal([false, false, false, false], await SignedInAsync());
        Assert.Empty(await app.Get<Sessions>().ListAsync(owner.Id, default));

        async Task<List<bool>> SignedInAsync()
        {
            var are = new List<bool>();
            foreach (var browser in new[] { here, second, third, fourth })
                are.Add((await browser.OpenAsync("/settings")).Path == "/settings");
            return are;
        }
    }

    [Fact]
    public async Task Signing_in_as_somebody_else_starts_from_nobody()
    {
        await using var app = await SignInFixture.StartAsync();
        var other = await app.Get<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Name = "Someone else", Since = now }, default);
        await app.Get<SignInAddresses>().AddAsync(other.Id, "else@quayside.example", default);
        using var browser = await app.SignInAsync();
        var link = (await AskAsync(app, browser, "else@quayside.example"))!;
        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);
        await browser.OpenAsync("/settings");
        Assert.Contains("Someone else", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_without_the_token_of_a_page_changes_nothing()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/settings");
        var token = browser.Token;
        using var stranger = app.Browser();
        await stranger.OpenAsync("/auth/sign-in");
        var foreign = stranger.Token;
        var link = await app.PrintedAsync();
        foreach (var path in new[] { "/settings/profile", "/settings/keys", "/settings/sessions/end", "/connections", "/auth/sign-out", "/auth/sign-in", link })
        {
            foreach (var csrf in new[] { "", foreign, token[..^2], Altered(token) })
            {
                await browser.PostAsync(path, ("name", "changed"), ("email", SignInFixture.Address), ("zone", "Europe/Berlin"), ("locale", "de"), ("csrf", csrf));
                Assert.Equal((path, HttpStatusCode.BadRequest), (path, browser.Status));
            }
        }

        Assert.Equal("Owner", (await app.OwnerAsync()).Name);
        await browser.OpenAsync("/settings");
        Assert.Equal("/settings", browser.Path);
    }

    [Fact]
    public async Task Session_reads_the_API_and_writes_with_the_token_of_a_page()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/api/me");
        Assert.Contains("\"operator\":true", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/api/status");
        Assert.Equal(HttpStatusCode.OK, browser.Status);

        await browser.OpenAsync("/settings");
        var token = browser.Token;
        await browser.SendAsync(HttpMethod.Put, "/api/me", Json("""{"name":"Juna"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await browser.SendAsync(HttpMethod.Put, "/api/me", Json("""{"name":"Juna"}"""), token);
        Assert.Equal((HttpStatusCode.OK, "Juna"), (browser.Status, (await app.OwnerAsync()).Name));

        static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
    }

    [Fact]
    public async Task Cookie_altered_by_one_character_is_nobodys()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        var session = browser.Cookie("session")!;
        for (var i = 0; i < session.Length; i++)
        {
            using var altered = app.Browser();
            altered.SetCookie("session", session[..i] + (session[i] == 'A' ? 'B' : 'A') + session[(i + 1)..]);
            await altered.OpenAsync("/settings");
            Assert.True(altered.Path.StartsWith("/auth/sign-in", StringComparison.Ordinal), $"Character {i} of {session.Length} makes no difference.");
        }
    }

    [Fact]
    public async Task Link_altered_by_one_character_signs_nobody_in()
    {
        await using var app = await SignInFixture.StartAsync();
        var link = await app.PrintedAsync();
        using var browser = app.Browser();
        for (var i = "/auth/link/".Length; i < link.Length; i++)
        {
            await browser.OpenAsync(link[..i] + (link[i] == 'A' ? 'B' : 'A') + link[(i + 1)..]);
            Assert.True(browser.Status == HttpStatusCode.NotFound, $"Character {i} of {link.Length} makes no difference.");
        }

        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);
        Assert.NotNull(browser.Cookie("session"));
    }

    [Fact]
    public async Task Set_up_secret_works_once_and_guesses_are_counted_in_a_row()
    {
        const string Secret = "a-secret-of-the-deployment";
        await using var app = await SignInFixture.StartAsync(("SetupSecret", Secret));
        for (var guess = 0; guess < 10; guess++)
        {
            using var guesser = app.Browser();
            await guesser.OpenAsync("/auth/setup");
            await guesser.SubmitAsync("/auth/setup", ("secret", $"guess {guess}"));
            Assert.Equal(HttpStatusCode.BadRequest, guesser.Status);
        }

        using var browser = app.Browser();
        await browser.OpenAsync("/auth/setup");
        await browser.SubmitAsync("/auth/setup", ("secret", Secret));
        Assert.Equal((HttpStatusCode.TooManyRequests, "3600"), (browser.Status, browser.Headers["Retry-After"]));

        app.App.Clock.Advance(TimeSpan.FromHours(1));
        await browser.OpenAsync("/auth/setup");
        await browser.SubmitAsync("/auth/setup", ("secret", Secret));
        Assert.Equal("/connections", browser.Path);
        using var second = app.Browser();
        await second.OpenAsync("/auth/setup");
        Assert.Equal(HttpStatusCode.NotFound, second.Status);
    }

    [Fact]
    public async Task Set_up_page_does_not_exist_without_a_secret()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = app.Browser();
        await browser.OpenAsync("/auth/setup");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task Address_is_confirmed_by_a_mailed_link_and_taken_from_nobody()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/settings");
        await browser.SubmitAsync("/settings/addresses", ("address", "second@quayside.example"));
        await app.App.DrainAsync();
        var mail = app.App.Mail.Letters[^1];
        Assert.Equal(("second@quayside.example", "Confirm your address"), (mail.To, mail.Subject));

        // Until the link is followed the address opens nothing.
        using var other = app.Browser();
        Assert.Null(await app.AskAsync(other, "second@quayside.example"));
        var link = SignInFixture.Link(mail);
        await other.OpenAsync(link);
        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);
        Assert.Equal("/settings", browser.Path);
        using var signedIn = await app.SignInAsync("second@quayside.example");
        await signedIn.OpenAsync("/settings");
        Assert.Contains("second@quayside.example", signedIn.Page, StringComparison.Ordinal);

        await signedIn.SubmitAsync("/settings/addresses/remove", ("address", "second@quayside.example"));
        await signedIn.SubmitAsync("/settings/addresses/remove", ("address", SignInFixture.Address));
        Assert.Contains("This is the only address you can sign in with.", signedIn.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anybody_opens_an_account_where_registration_is_open()
    {
        await using var app = await SignInFixture.StartAsync(("Registration", "open"));
        using var browser = await app.SignInAsync("new@quayside.example");
        Assert.Equal("/connections", browser.Path);
        await browser.OpenAsync("/api/me");
        Assert.Contains("\"operator\":false", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/api/status");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);

        // Who asked twice at first has one account, whichever link is followed.
        using (var twice = app.Browser())
        {
            var first = (await app.AskAsync(twice, "twice@quayside.example"))!;
            var second = (await app.AskAsync(twice, "twice@quayside.example"))!;
            foreach (var link in new[] { second, first })
            {
                await twice.OpenAsync(link);
                await twice.SubmitAsync(link);
                await twice.OpenAsync("/api/me");
                Assert.Contains("twice@quayside.example", twice.Page, StringComparison.Ordinal);
                await twice.OpenAsync("/auth/sign-in");
            }
        }

        Assert.Equal(3, (await app.Get<PeopleStore>().AllAsync(default)).Count);

        // The same person the next time.
        using var again = await app.SignInAsync("new@quayside.example");
        await again.OpenAsync("/api/me");
        await browser.OpenAsync("/api/me");
        Assert.Equal(browser.Page, again.Page);
    }

    [Fact]
    public async Task Invitation_opens_an_account_once_within_seven_days()
    {
        await using var app = await SignInFixture.StartAsync();
        var (status, made) = await app.App.PostAsync("/people", """{"email":"New@quayside.example","name":"Nele"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.False(made.TryGetProperty("link", out _));
        await app.App.DrainAsync();
        var mail = Assert.Single(app.App.Mail.Letters);
        Assert.Equal(("new@quayside.example", "Your invitation to ContributionIngest"), (mail.To, mail.Subject));
        using var early = app.Browser();
        Assert.Null(await app.AskAsync(early, "new@quayside.example"));

        app.App.Clock.Advance(TimeSpan.FromDays(6));
        await app.App.MaintainAsync();
        var link = SignInFixture.Link(mail);
        using var browser = app.Browser();
        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);
        await browser.OpenAsync("/api/me");
        Assert.Contains("\"name\":\"Nele\"", browser.Page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await app.App.PostAsync("/people", """{"email":"new@quayside.example"}""")).Status);
        using var again = await app.SignInAsync("new@quayside.example");
        Assert.Equal("/connections", again.Path);
    }

    [Fact]
    public async Task Invitation_is_passed_on_by_hand_where_no_mail_is_sent()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb(), isMailed: false, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["PublicUrl"] = "http://localhost" });
        var (_, made) = await app.PostAsync("/people", """{"email":"new@quayside.example"}""");
        var link = new Uri(made.GetProperty("link").GetString()!).AbsolutePath;
        using var browser = new Browser(app);
        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);
        await browser.OpenAsync("/api/me");
        Assert.Contains("new@quayside.example", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_operator_stays_one_also_if_two_remove_each_other_at_once()
    {
        await using var app = await SignInFixture.StartAsync();
        var owner = await app.OwnerAsync();
        var other = await app.Get<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Since = now }, default);
        Assert.Equal(HttpStatusCode.Conflict, (await app.App.SendAsync(HttpMethod.Patch, $"/people/{owner.Id}", """{"operator":false}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.App.SendAsync(HttpMethod.Patch, $"/people/{other.Id}", """{"operator":true}""")).Status);

        var isRemoved = false;
        app.App.Table.Step = () =>
        {
            // Between the reading and the writing of the list.
            if (isRemoved)
                return;
            isRemoved = true;
            Assert.True(app.Get<PeopleStore>().SetOperatorAsync(owner.Id, false, default).GetAwaiter().GetResult());
        };
        Assert.False(await app.Get<PeopleStore>().SetOperatorAsync(other.Id, false, default));
        app.App.Table.Step = () => { };
        Assert.True((await app.Get<PeopleStore>().GetAsync(other.Id, default))!.Operator);
        Assert.False((await app.OwnerAsync()).Id == owner.Id);
        Assert.Contains("operatorChanged", System.Text.Json.JsonSerializer.Serialize(await app.Get<AuditTrail>().ListAsync(other.Id, 10, default)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Night_removes_ended_sessions_unused_links_and_counts_and_what_strangers_left()
    {
        await using var app = await SignInFixture.StartAsync(("Registration", "open"));
        var (people, lookups) = (await app.App.DumpAsync("people"), await app.App.DumpAsync("lookups"));
        using var session = await app.SignInAsync();
        using var stranger = app.Browser();
        Assert.NotNull(await app.AskAsync(stranger, "stranger@quayside.example"));
        await app.PrintedAsync();
        app.App.Clock.Advance(TimeSpan.FromDays(401));
        await app.App.MaintainAsync();

        var left = (await app.App.DumpAsync("people")).Select(Name).Except(people.Select(Name)).ToList();
        Assert.StartsWith("e|", Assert.Single(left).Split(' ')[1], StringComparison.Ordinal);
        Assert.Equal(["mail", "e|"], (await app.App.DumpAsync("lookups")).Select(Name).Except(lookups.Select(Name)).Select(name => name.StartsWith("e|", StringComparison.Ordinal) ? "e|" : name.Split(' ')[0].Split('|')[0]).OrderDescending(StringComparer.Ordinal));

        static string Name(string row) => string.Join(' ', row.Split(' ').Take(2));
    }

    [Fact]
    public async Task Mail_that_a_server_does_not_take_yet_is_sent_again_and_the_link_of_the_first_attempt_is_void()
    {
        await using var app = await SignInFixture.StartAsync();
        var answers = new Queue<MailOutcome>([MailOutcome.Temporary, MailOutcome.Accepted]);
        app.App.Mail.Answer = _ => new MailResult(answers.Dequeue());
        using var browser = app.Browser();
        await app.AskAsync(browser);
        app.App.Clock.Advance(TimeSpan.FromSeconds(20));
        await app.App.DrainAsync();

        Assert.Equal(2, app.App.Mail.Letters.Count);
        Assert.Single(app.App.Mail.Letters.Select(mail => mail.MessageId).Distinct());
        var links = app.App.Mail.Letters.Select(mail => SignInFixture.Link(mail)).ToList();
        await browser.OpenAsync(links[1]);
        await browser.SubmitAsync(links[1]);
        Assert.NotNull(browser.Cookie("session"));
        Assert.Empty(app.App.Failures);
    }

    [Fact]
    public async Task Sign_in_mail_goes_ahead_of_digests_that_wait()
    {
        await using var app = await SignInFixture.StartAsync(("MailPerHour", "1"));
        var turns = app.Get<MailTurns>();
        for (var digest = 0; digest < 3; digest++)
            await turns.TakeAsync(default);
        using var browser = app.Browser();
        Assert.NotNull(await app.AskAsync(browser));

        // The pace is kept by those that come later.
        var (turn, now) = await turns.TakeAsync(default);
        Assert.Equal(TimeSpan.FromHours(4), turn - now);
    }

    private static async Task<string?> AskAsync(SignInFixture app, Browser browser, string address)
    {
        await browser.OpenAsync("/settings");
        await browser.SubmitAsync("/auth/sign-in", ("email", address));
        await app.App.DrainAsync();
        return SignInFixture.Link(app.App.Mail.Letters[^1]);
    }

    private static string Altered(string token) => token[..20] + (token[20] == 'A' ? 'B' : 'A') + token[21..];
}
