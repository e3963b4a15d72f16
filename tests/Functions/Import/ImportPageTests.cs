using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Import;
using ContributionIngest.Tests.Functions.Site;
using Xunit;

namespace ContributionIngest.Tests.Functions.Import;

/// <summary><c>/import</c> with a browser without scripts: choose a file, look, say what the columns are, import, take back.</summary>
public sealed class ImportPageTests
{
    private const string Table = "Evening,Was,Kind\n2026-05-20,Tables <b>are</b> enough,talk\n2026-05-21,Queues,talk\nTBA,Later,talk\n";

    [Fact]
    public async Task List_is_looked_at_mapped_imported_and_taken_back()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/ledger");
        Assert.Contains("href=\"/import\"", site.Browser.Page, StringComparison.Ordinal);
        await site.OpenAsync("/log");
        Assert.Contains("href=\"/import\"", site.Browser.Page, StringComparison.Ordinal);
        await UploadAsync(site, "talks.csv", Encoding.UTF8.GetBytes(Table));
        Assert.Contains("Nothing of this list can be imported yet", site.Text, StringComparison.Ordinal);
        Assert.Contains("Say which column it is", site.Text, StringComparison.Ordinal);
        Assert.Contains("talks.csv", site.Text, StringComparison.Ordinal);
        Assert.Empty((await site.App.GetAsync("/ledger")).GetProperty("items").EnumerateArray());

        var path = Regex.Match(site.Browser.Page, "action=\"(?<path>/import/[a-z2-7]{26})\"", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan).Groups["path"].Value;
        var signature = Regex.Match(site.Browser.Page, "name=\"column\\.(?<signature>[a-z2-7]{26})\\.was\"", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan).Groups["signature"].Value;
        (string, string)[] choices = [("name", "talks.csv"), ($"column.{signature}.evening", "when"), ($"column.{signature}.was", "title"), ($"column.{signature}.kind", "kind")];
        await site.Browser.SubmitAsync(path, [.. choices, ("do", "look")]);
        Assert.Contains("2 new contributions", site.Text, StringComparison.Ordinal);
        Assert.Contains("row 4 Evening", site.Text, StringComparison.Ordinal);
        Assert.Contains("Tables are enough", site.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>are</b>", site.Browser.Page, StringComparison.Ordinal);

        await site.Browser.SubmitAsync(path, [.. choices, ("do", "import")]);
        Assert.Contains("Imported: 2 new contributions. 1 row was left out", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 import so far", site.Text, StringComparison.Ordinal);
        await site.OpenAsync("/ledger?connection=import");
        Assert.Equal(["Queues", "Tables are enough"], site.Titles);
        var entry = (await site.App.GetAsync("/ledger")).GetProperty("items")[0].GetProperty("id").GetString();
        await site.OpenAsync("/ledger/" + entry);
        Assert.Contains("From a list that you imported", site.Text, StringComparison.Ordinal);
        Assert.Contains("Delete this entry", site.Text, StringComparison.Ordinal);

        // The file is gone, and the columns of such a table are remembered.
        await site.OpenAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, site.Browser.Status);
        await UploadAsync(site, "more.csv", Encoding.UTF8.GetBytes(Table + "2026-05-22,Third,talk\n"));
        Assert.Contains("1 new contribution", site.Text, StringComparison.Ordinal);
        await site.OpenAsync("/import");
        var undo = Regex.Match(site.Browser.Page, "action=\"(?<path>/import/[a-z2-7]{26}/undo)\"", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan).Groups["path"].Value;
        await site.Browser.SubmitAsync(undo);
        Assert.Contains("The import is taken back: 2 contributions are gone", site.Text, StringComparison.Ordinal);
        Assert.Empty((await site.App.GetAsync("/ledger")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task File_that_cannot_be_imported_is_refused_in_words_on_the_page()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await UploadAsync(site, "talks.pdf", "%PDF-1.7"u8.ToArray());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, site.Browser.Status);
        Assert.Contains("The file is a PDF", site.Text, StringComparison.Ordinal);
        await UploadAsync(site, "empty.csv", []);
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        await UploadAsync(site, "large.csv", new byte[ImportFile.MaxBytes + (200 * 1024)]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, site.Browser.Status);
        Assert.Contains("larger than 10 MB", site.Text, StringComparison.Ordinal);
        await UploadAsync(site, "large.csv", new byte[ImportFile.MaxBytes + 10]);
        Assert.Contains("larger than 10 MB", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_file_is_nobody_elses_and_is_deleted_after_a_day()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await UploadAsync(site, "talks.csv", Encoding.UTF8.GetBytes(Table));
        var id = Regex.Match(site.Browser.Page, "action=\"/import/(?<id>[a-z2-7]{26})\"", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan).Groups["id"].Value;
        Assert.NotNull(await site.Get<WaitingFiles>().GetAsync(site.Owner.Id, id, default));
        Assert.Null(await site.Get<WaitingFiles>().GetAsync(ContributionIngest.Core.Model.Identity.Random(), id, default));
        await site.App.MaintainAsync();
        Assert.Single(await site.App.Store.Blobs.ListAsync(WaitingFiles.Container, "", default).ToListAsync());
        site.App.Clock.Advance(TimeSpan.FromDays(2));
        await site.App.MaintainAsync();
        Assert.Empty(await site.App.Store.Blobs.ListAsync(WaitingFiles.Container, "", default).ToListAsync());
    }

    [Fact]
    public async Task Form_of_another_site_imports_nothing()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/import");
        using var content = Form(null, "talks.csv", Encoding.UTF8.GetBytes("title,date,type\nOne,2026-05-20,talk\n"));
        await site.Browser.SendAsync(HttpMethod.Post, "/import", content);
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Empty(await site.App.Store.Blobs.ListAsync(WaitingFiles.Container, "", default).ToListAsync());
    }

    private static async Task UploadAsync(LedgerSiteFixture site, string name, byte[] file)
    {
        await site.OpenAsync("/import");
        using var content = Form(site.Browser.Token, name, file);
        await site.Browser.SendAsync(HttpMethod.Post, "/import", content);
    }

    private static MultipartFormDataContent Form(string? token, string name, byte[] file)
    {
        var content = new MultipartFormDataContent();
        if (token is not null)
            content.Add(new StringContent(token), "csrf");
        var part = new ByteArrayContent(file);
        part.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        content.Add(part, "file", name);
        return content;
    }
}
