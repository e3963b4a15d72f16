using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>The whole app with an owner who gets a digest every Monday at 8:00 UTC; it begins on Monday, 1 June 2026, at noon.</summary>
internal static class MailFixture
{
    public const string Address = "juna@example.com";

    public static Task<AppFixture> StartAsync(
        IMail? mail, TemporaryFolder? folder = null, TestClock? clock = null, int perHour = 90) => AppFixture.StartAsync(
        new Blogs().Web,
        clock,
        folder,
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OwnerEmail"] = Address,
            ["PublicUrl"] = "https://digest.example.org",
            ["MailPerHour"] = perHour.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        mail,
        isMailed: mail is not null);

    /// <summary>To Monday noon, so that one more digest is made.</summary>
    public static Task WeekAsync(this AppFixture app) => app.PassAsync(TimeSpan.FromDays(7));

    public static async Task<JsonElement> NewestAsync(this AppFixture app) => (await app.GetAsync("/digests")).GetProperty("items")[0];

    public static async Task<string> StateAsync(this AppFixture app) => (await app.NewestAsync()).GetProperty("mail").GetString()!;

    public static async Task<List<string>> UnconfirmedAsync(this AppFixture app) =>
        [.. (await app.GetAsync("/status")).GetProperty("unconfirmedMail").EnumerateArray().Select(c => c.GetProperty("week").GetString()!)];

    public static async Task<HttpStatusCode> AgainAsync(this AppFixture app)
    {
        var (status, _) = await app.PostAsync($"/digests/{(await app.NewestAsync()).GetProperty("week").GetString()}/mail", "{}");
        await app.DrainAsync();
        return status;
    }

    /// <summary>Somebody else who gets a digest at the same time.</summary>
    public static async Task<Person> AddAsync(this AppFixture app, string email)
    {
        var services = app.App.Services;
        var person = await services.GetRequiredService<PeopleStore>().CreateAsync((id, at) => new Person { Id = id, Email = email, Since = at }, default);
        await services.GetRequiredService<DigestPlanner>().PlanAsync(person, default);
        return person;
    }
}
