using System.Text;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Tables of people, with the columns that they call as they like.</summary>
public sealed class TableTests
{
    [Theory]
    [InlineData("TitleOfActivity,DateOfActivity,ActivityType,URL,AnnualReach")]
    [InlineData("Title,StartDate,ContributionTypeName,ReferenceUrl,Views")]
    [InlineData("NAME,When,Kind,web site,reach")]
    [InlineData("session,activity date,category,Link,Attendees")]
    [InlineData("Titel,Datum,Art,Link,Teilnehmer")]
    [InlineData("Título,Fecha,Tipo,Enlace,Asistentes")]
    [InlineData("titre,date,catégorie,lien,participants")]
    public async Task Columns_are_recognised_by_what_people_call_them(string header)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync($"{header}\nTables are enough,2020-05-20,Article,https://a.example/tables,\"1,450\"\n");
        var entry = Assert.Single(await app.EntriesAsync());
        Assert.Equal("Tables are enough | 2020-05-20 | article | - | https://a.example/tables", Lists.Line(entry));
        var metric = Assert.Single(entry.GetProperty("metrics").EnumerateObject());
        Assert.Equal((1450, "typed"), (metric.Value.GetProperty("value").GetDouble(), metric.Value.GetProperty("how").GetString()));
    }

    [Fact]
    public async Task Encodings_and_separators_are_found_out()
    {
        await using var app = await LedgerFixture.StartAsync();
        const string Text = "title{0}date{0}event\nÜber Öl{0}2020-05-20{0}\"Kä{0}se\"\n";
        var written = new List<byte[]>();
        foreach (var separator in (string[])[",", ";", "\t"])
        {
            var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, Text, separator);
            written.Add(Encoding.UTF8.GetBytes(text));
            written.Add([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text)]);
            written.Add([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]);
            written.Add([.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(text)]);
            written.Add(Encoding.Unicode.GetBytes(text));
            written.Add(Encoding.Latin1.GetBytes(text));
            written.Add(Encoding.UTF8.GetBytes($"sep={separator}\n{text}"));
        }

        foreach (var file in written)
        {
            var looked = await app.LookAsync(file, "?kind=talk");
            Assert.Equal("Über Öl", Assert.Single(looked.GetProperty("rows").EnumerateArray()).GetProperty("title").GetString());
            Assert.Equal(3, looked.GetProperty("sheets")[0].GetProperty("columns").GetArrayLength());
        }
    }

    [Fact]
    public async Task Mapping_by_hand_is_remembered_for_tables_with_the_same_headers()
    {
        await using var app = await LedgerFixture.StartAsync();
        const string Header = "Topic of the evening,Evening,Where,Comment\n";
        var looked = await app.LookAsync(Header + "Tables,2020-05-20,Bergen,x", "?kind=talk");
        Assert.Equal((0, 1), (looked.Count("new"), looked.Count("wrong")));
        Assert.Contains("Say which column", looked.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);

        await app.ImportAsync(Header + "Tables,2020-05-20,Bergen,x", "?kind=talk&map=title:topic of the Evening&map=when:Evening&map=event:Where&map=-:comment");
        await app.ImportAsync(Header + "Queues,2021-05-20,Oslo,y", "?kind=talk");
        Assert.Equal(["Tables | 2020-05-20 | talk | Bergen | -", "Queues | 2021-05-20 | talk | Oslo | -"], (await app.EntriesAsync()).Select(Lists.Line));
        var other = await app.LookAsync("Evening,Topic of the evening\n2020-05-20,Tables", "?kind=talk");
        Assert.Equal(0, other.Count("new"));
    }

    [Fact]
    public async Task Row_without_a_kind_takes_the_chosen_one_and_is_a_fault_without()
    {
        await using var app = await LedgerFixture.StartAsync();
        const string List = "title,date,type\nOne,2020-01-02,Blog Post\nTwo,2020-01-03,Fireside chat\nThree,2020-01-04,\n";
        var looked = await app.LookAsync(List);
        Assert.Equal(["3 type", "4 -"], Lists.Faults(looked).Select(fault => fault.Split(':')[0]));
        await app.ImportAsync(List, "?kind=podcastEpisode");
        Assert.Equal(["blogPost", "podcastEpisode", "podcastEpisode"], (await app.EntriesAsync()).Select(entry => entry.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Formulas_are_their_values_dates_are_as_exact_as_shown_and_no_other_workbook_is_opened()
    {
        await using var app = await LedgerFixture.StartAsync();
        const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        var blogs = Workbooks.Texts(1, "My year") + Workbooks.Texts(3, "TitleOfActivity", "DateOfActivity", "DateOfActivityConverted", "URL", "AnnualReach")
            + """<row r="4"><c r="A4" t="str"><f>CONCATENATE("Tables ","are enough")</f><v>Tables are enough</v></c><c r="B4" s="1"><v>43971</v></c><c r="C4"><f>B4+1</f><v>43972</v></c><c r="D4" t="str"><f>[1]Sheet1!A1</f><v>https://a.example/tables</v></c><c r="E4"><f>SUM(1,2)</f><v>3</v></c></row>"""
            + """<row r="5"><c r="A5" t="inlineStr"><is><t>Queues</t></is></c><c r="B5" s="2"><v>43952</v></c></row><row r="6"><c r="A6" t="inlineStr"><is><t>Broken</t></is></c><c r="B6" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>""";
        var talks = Workbooks.Texts(1, "Title", "Date", "Event") + """<row r="2"><c r="A2" t="inlineStr"><is><t>Evening</t></is></c><c r="B2" s="3"><v>43971.75</v></c><c r="C2" t="inlineStr"><is><t>Sound</t></is></c></row>""";
        var file = Workbooks.Zip([
            .. Workbooks.Parts(("Blogs", blogs), ("SpeakingConferences", talks), ("Lists", Workbooks.Texts(1, "a", "b") + Workbooks.Texts(2, "c", "d"))),
            Workbooks.Part("xl/externalLinks/externalLink1.xml", $"<externalLink xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><externalBook xmlns:r=\"{Office}\" r:id=\"rId1\"/></externalLink>"),
            Workbooks.Part("xl/externalLinks/_rels/externalLink1.xml.rels", $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{Office}/externalLinkPath\" Target=\"http://other.example/book.xlsx\" TargetMode=\"External\"/></Relationships>"),
        ]);
        var done = await app.ImportAsync(file);
        Assert.Equal("XLSX", done.GetProperty("format").GetString());
        Assert.Equal(
            ["Queues | 2020-05 | blogPost | - | -", "Tables are enough | 2020-05-20 | blogPost | - | https://a.example/tables", "Evening | 2020-05-20T18:00 | talk | Sound | -"],
            (await app.EntriesAsync()).Select(Lists.Line));
        Assert.Equal(["6 DateOfActivity"], Lists.Faults(done).Select(fault => fault.Split(':')[0]));
        Assert.Equal((3, 2), (done.Count("new"), done.Count("wrong")));
    }

    [Fact]
    public async Task Own_table_comes_back_with_what_it_says_and_nothing_new_while_the_entries_are_there()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,when,type,event,tags,attendees,private\n=SUM(A1),May 2020,talk,Sound,\"c#; azure\",40,yes\nWithout,2021,blog,,,,\n");
        foreach (var format in (string[])["csv", "xlsx"])
        {
            var table = await app.Client.GetByteArrayAsync(new Uri($"/api/ledger?format={format}&limit=all&review=all", UriKind.Relative));
            Assert.Equal((0, 2), (Known(await app.ImportAsync(table)), (await app.EntriesAsync()).Count));
            var before = (await app.EntriesAsync()).Select(Lists.Line).ToList();
            var first = app.Person;
            await app.EnterAsync();
            await app.ImportAsync(table);
            Assert.Equal(before, (await app.EntriesAsync()).Select(Lists.Line));
            Assert.Equal([true, false], (await app.EntriesAsync()).Select(entry => entry.GetProperty("private").GetBoolean()));
            Assert.NotEqual(first, app.Person);
        }

        static int Known(System.Text.Json.JsonElement done) => done.Count("new") + done.Count("evidence");
    }

    [Fact]
    public async Task Text_of_a_list_is_plain_in_the_ledger_and_no_formula_in_its_tables()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,date,description,tags\n\"=HYPERLINK(\"\"http://e.example\"\",\"\"x\"\")\",2020-01-02,<script>alert(1)</script>Fine <b>text</b>,@SUM(A1)\n", "?kind=talk");
        var entry = Assert.Single(await app.EntriesAsync());
        Assert.Equal("""=HYPERLINK("http://e.example","x")""", entry.GetProperty("title").GetString());
        Assert.DoesNotContain("<", entry.GetProperty("summary").GetString(), StringComparison.Ordinal);
        var csv = await app.Client.GetStringAsync(new Uri("/api/ledger?format=csv&limit=all", UriKind.Relative));
        Assert.Contains("'=HYPERLINK", csv, StringComparison.Ordinal);
        Assert.DoesNotContain(",=HYPERLINK", csv, StringComparison.Ordinal);
    }
}
