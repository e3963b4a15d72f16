using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>The whole app with one person in Stockholm who came on Monday, 1 June 2026, at noon in UTC, and whose week is read.</summary>
internal sealed partial class DigestFixture : IAsyncDisposable
{
    private static readonly ScriptedWeb Nobody = new();

    private readonly SightingContext context = new(Identity.Hash("connection"), "github", "juna", Verified: false, At("2025-01-01T00:00:00Z"), []);

    private DigestFixture(AppFixture app, string person) => (App, Person, Site) = (app, person, app.App.GetTestClient());

    public AppFixture App { get; }

    public string Person { get; }

    /// <summary>Somebody who is not signed in.</summary>
    public HttpClient Site { get; }

    public static async Task<DigestFixture> StartAsync()
    {
        var app = await AppFixture.StartAsync(Nobody, settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OwnerZone"] = "Europe/Stockholm",
            ["PublicUrl"] = "https://ledger.example.org/sub/",
        });
        return new DigestFixture(app, (await app.GetAsync("/me")).GetProperty("id").GetString()!);
    }

    public static Draft Draft(string id, string when, Kind kind = Kind.BlogPost, Status status = Status.Published) => new()
    {
        NativeId = id,
        Kind = kind,
        Status = status,
        Title = "Title of " + id,
        Url = "https://example.org/" + id,
        When = At(when),
    };

    public static DateTimeOffset At(string when) => DateTimeOffset.Parse(when, CultureInfo.InvariantCulture);

    /// <summary>Ids by native id.</summary>
    public async Task<IReadOnlyList<string>> HarvestAsync(params IReadOnlyList<Draft> drafts)
    {
        var services = App.App.Services;
        var result = await services.GetRequiredService<LedgerWriter>().UpsertAsync(Person, context, drafts, drafts, CancellationToken.None);
        var connections = services.GetRequiredService<ConnectionStore>();
        if (await connections.GetAsync(Person, context.Connection, CancellationToken.None) is null)
        {
            var connection = new Connection { Id = context.Connection, Source = "github", Origin = "juna", Since = context.ConnectedAt, Paused = true };
            await connections.CreateAsync(Person, connection, new ConnectionState { Address = "https://github.example.org" }, CancellationToken.None);
        }

        var now = App.Clock.GetUtcNow();
        await connections.ChangeStateAsync(Person, context.Connection, state => state with { LastChange = now }, CancellationToken.None);
        var report = new HarvestReport { At = now, Until = now }.With(result);
        await services.GetRequiredService<HarvestReports>().AddAsync(Person, context.Connection, Identity.Random(), report, CancellationToken.None);
        return [.. drafts.Select(d => Identity.Of("github", "juna", d.NativeId))];
    }

    public async Task<JsonElement> PreviewAsync(string week = "")
    {
        var (status, body) = await App.PostAsync("/digests/preview" + (week.Length == 0 ? "" : "?week=" + week), "");
        return status == HttpStatusCode.OK ? body : throw new InvalidOperationException($"{status}: {body}");
    }

    public async Task<string> ShownAsync(string format, string week = "")
    {
        using var response = await App.Client.PostAsync(new Uri($"/api/digests/preview?format={format}&week={week}", UriKind.Relative), null);
        return await response.Content.ReadAsStringAsync();
    }

    public Task MoveToAsync(string when) => App.PassAsync(At(when) - App.Clock.GetUtcNow());

    public async Task<IReadOnlyList<JsonElement>> RecordsAsync() => [.. (await App.GetAsync("/digests")).GetProperty("items").EnumerateArray()];

    public async Task<Contribution> EntryAsync(string id) =>
        (await App.App.Services.GetRequiredService<LedgerReader>().GetAsync(Person, id, CancellationToken.None))!;

    /// <summary>Where a page's links lead that begin so, as paths.</summary>
    public static IReadOnlyList<string> Links(string html, string start) =>
        [.. Href().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups["to"].Value)).Select(to => new Uri(to).PathAndQuery)
            .Where(path => path.StartsWith("/sub/" + start, StringComparison.Ordinal)).Select(path => path["/sub".Length..])];

    public static IEnumerable<string> Titles(JsonElement items) => items.EnumerateArray().Select(i => i.GetProperty("title").GetString()!);

    public async ValueTask DisposeAsync()
    {
        Site.Dispose();
        await App.DisposeAsync();
    }

    [GeneratedRegex("href=\"(?<to>https://ledger[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Href();
}
