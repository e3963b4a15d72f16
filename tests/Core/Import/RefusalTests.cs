using System.Net;
using System.Text;
using ContributionIngest.Core.Import;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>What is too large, too deep or hostile is refused with a sentence, and nothing of it is written.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task Workbook_that_unpacks_to_much_more_than_it_says_is_not_opened()
    {
        await using var app = await LedgerFixture.StartAsync();
        var bomb = Workbooks.Zip([.. Workbooks.Parts(("Talks", Workbooks.Texts(1, "title", "date"))), ("xl/media/image1.bin", new byte[70 * 1024 * 1024])]);
        Assert.InRange(bomb.Length, 1, ImportFile.MaxBytes);
        Assert.Contains("64 MB", await app.RefusalAsync(bomb), StringComparison.Ordinal);
        var texts = Workbooks.Zip([.. Workbooks.Parts(("Talks", Workbooks.Texts(1, "title", "date"))), ("xl/sharedStrings.xml", new byte[17 * 1024 * 1024])]);
        Assert.Contains("16 MB", await app.RefusalAsync(texts), StringComparison.Ordinal);

        // Of a part that says it is small, no more than that is read.
        Understate(bomb);
        Assert.Equal(0, (await app.LookAsync(bomb)).Count("rows"));
        Assert.Empty(await app.EntriesAsync());
    }

    [Theory]
    [InlineData("../evil.xml")]
    [InlineData("xl/../../evil.xml")]
    [InlineData("..\\evil.xml")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/evil.xml")]
    public async Task Workbook_with_a_path_that_leads_out_of_it_is_not_opened(string name)
    {
        await using var app = await LedgerFixture.StartAsync();
        var file = Workbooks.Zip([.. Workbooks.Parts(("Talks", Workbooks.Texts(1, "title", "date"))), Workbooks.Part(name, "x")]);
        Assert.Contains("path that leads out", await app.RefusalAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zip_of_something_else_with_too_many_parts_or_damaged_is_not_opened()
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Contains("no workbook", await app.RefusalAsync(Workbooks.Zip(Workbooks.Part("talks.csv", "title,date"))), StringComparison.Ordinal);
        var parts = Enumerable.Range(0, ZipCheckLimit + 1).Select(index => Workbooks.Part($"xl/{index}.xml", "x")).ToArray();
        Assert.Contains("more than 2000 parts", await app.RefusalAsync(Workbooks.Zip(parts)), StringComparison.Ordinal);
        Assert.Contains("damaged", await app.RefusalAsync([.. "PK\u0003\u0004"u8, .. new byte[500]]), StringComparison.Ordinal);
        var broken = Workbooks.Zip([.. Workbooks.Parts(("Talks", "<row r=\"1\"><c r=\"A1\"")), Workbooks.Part("xl/none.xml", "x")]);
        Assert.Contains("could not be read", await app.RefusalAsync(broken), StringComparison.Ordinal);
    }

    private const int ZipCheckLimit = 2000;

    [Fact]
    public async Task Entities_of_a_workbook_are_not_expanded()
    {
        await using var app = await LedgerFixture.StartAsync();
        var parts = Workbooks.Parts(("Talks", Workbooks.Texts(1, "title", "date"))).Select(part => part.Name != "xl/worksheets/sheet1.xml"
            ? part
            : (part.Name, Encoding.UTF8.GetBytes("<!DOCTYPE w [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" + Encoding.UTF8.GetString(part.Content).Replace("title", "&a;", StringComparison.Ordinal))));
        Assert.Contains("could not be read", await app.RefusalAsync(Workbooks.Zip([.. parts])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_of_200_megabytes_is_refused_before_it_is_read()
    {
        await using var app = await LedgerFixture.StartAsync();
        var body = new EndlessTable(200L * 1024 * 1024);
        using var content = new StreamContent(body);
        content.Headers.ContentLength = body.Length;
        using var answer = await app.Client.PostAsync(new Uri("/api/ledger/import", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("Split it", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_of_unknown_length_is_read_to_its_limit_and_no_further()
    {
        await using var app = await LedgerFixture.StartAsync();
        var body = new EndlessTable(200L * 1024 * 1024);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ledger/import") { Content = new StreamContent(body) };
        request.Headers.TransferEncodingChunked = true;
        HttpStatusCode? status = null;
        try
        {
            using var answer = await app.Client.SendAsync(request);
            status = answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The server may hang up while the rest is being sent.
        }

        Assert.Contains(status, new HttpStatusCode?[] { HttpStatusCode.RequestEntityTooLarge, null });
        Assert.InRange(body.Given, 0, 2L * ImportFile.MaxBytes);
    }

    [Fact]
    public async Task Aliases_of_yaml_that_multiply_are_counted_wherever_they_stand()
    {
        await using var app = await LedgerFixture.StartAsync();
        var bomb = new StringBuilder("a: &a {title: x, date: 2020}\n");
        foreach (var (name, before) in "bcdefghijk".Zip("abcdefghij"))
            bomb.Append(name).Append(": &").Append(name).Append(" {talks: [").AppendJoin(',', Enumerable.Repeat("*" + before, 10)).Append("]}\n");
        var sentence = await app.RefusalAsync(bomb.ToString());
        Assert.True(sentence.Contains("aliases", StringComparison.Ordinal) || sentence.Contains("5,000 rows", StringComparison.Ordinal), sentence);

        var fields = new StringBuilder("x: &x0 {a0: 1, a1: 2}\n");
        for (var level = 1; level < 30; level++)
            fields.Append('y').Append(level).Append(": &x").Append(level).Append(" {<<: *x").Append(level - 1).Append(", b").Append(level).Append(": {<<: *x").Append(level - 1).Append("}}\n");
        Assert.NotEmpty(await app.RefusalAsync(fields.ToString()));
        Assert.NotEmpty(await app.RefusalAsync("- &a [*a]\n"));
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public async Task Nesting_is_bounded(char open, char close)
    {
        await using var app = await LedgerFixture.StartAsync();
        var json = string.Concat(Enumerable.Repeat(open == '[' ? "[" : "{\"a\":", 100_000)) + "1" + new string(close, 100_000);
        Assert.Contains("40 levels", await app.RefusalAsync(json), StringComparison.Ordinal);
        var yaml = "- " + string.Concat(Enumerable.Repeat(open == '[' ? "[" : "{a: ", 100_000));
        Assert.Contains("40 levels", await app.RefusalAsync(yaml), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_rows_or_columns_are_refused_and_as_many_as_are_allowed_are_not()
    {
        await using var app = await LedgerFixture.StartAsync();
        static string Rows(int count) => "title,date\n" + string.Concat(Enumerable.Range(0, count).Select(index => $"Talk {index},2020-01-02\n"));

        Assert.Contains("5,000 rows", await app.RefusalAsync(Rows(ImportFile.MaxRows + 1)), StringComparison.Ordinal);
        Assert.Equal(ImportFile.MaxRows, (await app.LookAsync(Rows(ImportFile.MaxRows), "?kind=talk")).Count("new"));
        Assert.Contains("5,000 rows", await app.RefusalAsync(string.Concat(Enumerable.Range(0, ImportFile.MaxRows + 1).Select(index => $"- {{title: Talk {index}, date: 2020}}\n"))), StringComparison.Ordinal);
        static string Wide(int count) => "title,date," + string.Join(',', Enumerable.Range(0, count - 2).Select(index => $"c{index}")) + "\nOne,2020-01-02\n";

        Assert.Contains("100 columns", await app.RefusalAsync(Wide(ImportFile.MaxColumns + 1)), StringComparison.Ordinal);
        Assert.Equal(1, (await app.LookAsync(Wide(ImportFile.MaxColumns), "?kind=talk")).Count("new"));
        Assert.Contains("5,000 rows", await app.RefusalAsync(Workbooks.Make(("Talks", Workbooks.Texts(1, "title", "date") + string.Concat(Enumerable.Range(2, 6000).Select(number => Workbooks.Texts(number, "x", "2020")))))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("<html><body>talks</body></html>")]
    [InlineData("%PDF-1.7 talks")]
    [InlineData("GIF89a\0\0\0\u0001\0\0")]
    public async Task What_is_no_list_is_refused_with_what_to_do(string text)
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.NotEmpty(await app.RefusalAsync(text));
        Assert.Contains("XLSX", await app.RefusalAsync([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_that_mean_nothing_are_named()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, body) = await Lists.PostAsync(app.Client, Lists.Bytes("title,date\nOne,2020"), "?kind=speech&dayOrder=left&map=nothing:Was&map=title&colour=red");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["colour", "dayOrder", "kind", "map"], body.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Writes a small size where the directory of a zip has the size of the large part.</summary>
    private static void Understate(byte[] zip)
    {
        var directory = "PK\u0001\u0002"u8.ToArray();
        for (var at = 0; at < zip.Length - 46; at++)
        {
            if (zip.AsSpan(at, 4).SequenceEqual(directory) && BitConverter.ToUInt32(zip, at + 24) > 1_000_000)
                BitConverter.GetBytes(1000u).CopyTo(zip, at + 24);
        }
    }

    /// <summary>Rows without end, which takes no memory.</summary>
    private sealed class EndlessTable(long length) : Stream
    {
        private static readonly byte[] Rows = Encoding.UTF8.GetBytes("A talk,2020-01-02\n");

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => Given; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, length - Given);
            for (var index = 0; index < given; index++)
                buffer[offset + index] = Rows[(int)((Given + index) % Rows.Length)];
            Given += given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
