using System.Text;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Pages;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ContributionIngest.Tests.Formats.Pages;

/// <summary>What a page says about itself, and nothing that it does not say.</summary>
public sealed class PageMetadataTests
{
    private const string Address = "https://blog.example/2026/05/a-post";

    [Fact]
    public void JSON_LD_takes_precedence()
    {
        var page = Read("""
            <title>A post | Blog</title><meta property="og:title" content="OG"><meta property="og:type" content="website">
            <link rel="canonical" href="/a-post/">
            <script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"Blog"},
            {"@type":["BlogPosting","Thing"],"headline":"A post &amp; more","description":"<p>About
            it.</p>","datePublished":"2026-05-20T18:00:00+02:00","keywords":"SQLite, .NET","author":[{"@type":"Person","name":"Juna Okvist"}]}]}</script>
            """);
        Assert.Equal((PageKind.BlogPost, "A post & more", "https://blog.example/a-post/"), (page.Kind, page.Title, page.Address));
        Assert.Equal((new DateTimeOffset(2026, 5, 20, 16, 0, 0, TimeSpan.Zero), false), (page.When!.Value.ToUniversalTime(), page.IsDay));
        Assert.Equal(("About it.", "Juna Okvist"), (page.Summary, page.Author));
        Assert.Equal(["SQLite", ".NET"], page.Topics);
    }

    [Theory]
    [InlineData("Event")]
    [InlineData("SocialEvent")]
    [InlineData("https://schema.org/EducationEvent")]
    [InlineData("schema:BusinessEvent")]
    [InlineData("Hackathon")]
    public void Every_event_type_is_recognised_as_an_event(string type)
    {
        var page = Read($$$"""<script type="application/ld+json">[{"@type":"{{{type}}}","name":"Evening","startDate":"2026-06-09T18:30+02:00","endDate":"2026-06-09T21:00+02:00","eventStatus":"https://schema.org/EventCancelled","organizer":{"name":"Sound .NET","url":"https://g.example/"}}]</script>""");
        Assert.Equal((PageKind.Event, "Evening", true, "Sound .NET"), (page.Kind, page.Title, page.IsCancelled, page.Owner!.Name));
        Assert.Equal(TimeSpan.FromMinutes(150), page.EndsAt - page.When);
    }

    [Fact]
    public void Page_with_several_events_is_one_of_them_only_if_it_has_the_pages_address()
    {
        const string Two = """<script type="application/ld+json">[{"@type":"Event","name":"A","startDate":"2026-06-09","url":"https://blog.example/a"},{"@type":"Event","name":"B","startDate":"2026-07-09","url":"https://blog.example/2026/05/a-post/"}]</script>""";
        Assert.Equal("B", Read(Two).Title);
        var other = Read(Two.Replace("/2026/05/a-post/", "/b", StringComparison.Ordinal));
        Assert.Equal((null, null), (other.Kind, other.When));
    }

    [Theory]
    [InlineData("""<meta property="article:published_time" content="2026-05-20T18:00:00Z">""", "2026-05-20T18:00:00Z", false)]
    [InlineData("""<meta name="date" content="2026-05-20">""", "2026-05-20T00:00:00Z", true)]
    [InlineData("""<meta name="citation_publication_date" content="2026/05/20">""", "2026-05-20T00:00:00Z", true)]
    [InlineData("""<meta itemprop="datePublished" content="2026-05-20T18:00">""", "2026-05-20T00:00:00Z", true)]
    [InlineData("""<meta property="article:published_time" content="Wed, 20 May 2026 18:00:00 +0200">""", "2026-05-20T16:00:00Z", false)]
    [InlineData("""<meta property="article:published_time" content="2026-05-20 18:00:00 UTC">""", "2026-05-20T18:00:00Z", false)]
    [InlineData("""<meta name="pubdate" content="May 20, 2026">""", "2026-05-20T00:00:00Z", true)]
    [InlineData("""<script type="application/ld+json">{"@type":"BlogPosting","headline":"x","datePublished":"20 May 2026 18:00 IST"}</script>""", "2026-05-20T00:00:00Z", true)]
    [InlineData("""<time>20 May 2026</time><time>3 minutes</time>""", "2026-05-20T00:00:00Z", true)]
    [InlineData("""<time datetime="2026-05-20T18:00:00-04:00">x</time>""", "2026-05-20T22:00:00Z", false)]
    [InlineData("""<time datetime="2026-01-01">x</time><time class="dt-published" datetime="2026-05-20">y</time>""", "2026-05-20T00:00:00Z", true)]
    public void Date_is_read_from_the_pages_metadata(string html, string when, bool isDay)
    {
        var page = Read(html);
        Assert.Equal((when, isDay), (page.When!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), page.IsDay));
    }

    [Theory]
    [InlineData("<title>x</title><p>Posted on 20 May 2026</p>")]
    [InlineData("""<time datetime="2026-01-01">a</time><time datetime="2026-02-02">b</time>""")]
    [InlineData("""<meta name="date" content="yesterday"><time datetime="P3D">b</time>""")]
    [InlineData("""<meta property="article:modified_time" content="2026-05-20">""")]
    [InlineData("""<meta name="date" content="2026"><meta name="pubdate" content="May 2026"><time datetime="18:00">x</time>""")]
    [InlineData("""<meta property="article:published_time" content="0001-01-01T00:00:00Z">""")]
    [InlineData("""<meta name="date" content="03/04/2026">""")]
    [InlineData("""<script type="application/ld+json">{"@type":"Event","name":"x","startDate":"soon"}</script><meta name="date" content="2026-05-20">""")]
    public void Date_is_never_invented(string html) => Assert.Null(Read(html).When);

    [Theory]
    [InlineData("""<meta property="og:type" content="video.other"><meta property="og:title" content="T">""", PageKind.Video)]
    [InlineData("""<meta property="og:type" content="article"><meta name="twitter:title" content="T">""", PageKind.Article)]
    [InlineData("""<meta property="og:type" content="website"><title> T </title>""", null)]
    [InlineData("""<script type="application/ld+json">{"@type":"PodcastEpisode","name":"T"}</script>""", PageKind.PodcastEpisode)]
    [InlineData("""<script type="application/ld+json">{"@type":"WebPage","mainEntity":{"@type":"Book","name":"T"}}</script>""", PageKind.Book)]
    [InlineData("""<script type="application/ld+json">{"@type":"Article","headline":"T","video":{"@type":"VideoObject","name":"V"}}</script>""", PageKind.Article)]
    [InlineData("""<script>"<title>no</title>"</script><textarea><title>no</title></textarea><title>T</title>""", null)]
    public void Kind_and_title_come_from_the_page(string html, PageKind? kind)
    {
        var page = Read(html);
        Assert.Equal((kind, "T"), (page.Kind, page.Title));
    }

    [Fact]
    public void Canonical_address_on_another_host_or_of_the_whole_site_is_not_trusted()
    {
        Assert.Equal(Address, Read("""<link rel=canonical href="https://evil.example/x">""").Address);
        Assert.Equal(Address, Read("""<link rel=canonical href="https://blog.example/">""").Address);
        Assert.Equal("https://www.blog.example/p", Read("""<meta property="og:url" content="https://www.blog.example/p">""").Address);
    }

    [Theory]
    [InlineData("2019-09-21T09:00+01:00", null, "2019-09-21T08:00:00", false)]
    [InlineData("2019-09-21T09:00:00+01:00", null, "2019-09-21T08:00:00", false)]
    [InlineData("2019-09-21T09:00:00.123+0100", null, "2019-09-21T08:00:00", false)]
    [InlineData("2019-09-21T09:00-04:00[US/Eastern]", null, "2019-09-21T13:00:00", false)]
    [InlineData("2019-09-21T09:00[US/Eastern]", null, "2019-09-21T13:00:00", false)]
    [InlineData("2019-09-21 09:00:00", "Europe/Stockholm", "2019-09-21T07:00:00", false)]
    [InlineData("2019-09-21T09:00:00", null, "2019-09-21T00:00:00", true)]
    [InlineData("2019-09-21T09:00:00", "Nowhere/Land", "2019-09-21T00:00:00", true)]
    public void Times_are_read_in_several_precisions_and_zones(string text, string? zone, string utc, bool isDay)
    {
        var time = IsoTimestamp.Parse(text, zone)!.Value;
        Assert.Equal((utc, isDay), (time.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss"), time.IsDay));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00+18:00")]
    [InlineData("9999-12-31T23:59:59-18:00")]
    [InlineData("2026-02-30")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("[x]")]
    [InlineData("]")]
    [InlineData("")]
    public void Invalid_time_is_absent(string text) => Assert.Null(IsoTimestamp.Parse(text));

    [Theory]
    [InlineData(100_000)]
    [InlineData(1_000)]
    public void Deeply_nested_JSON_LD_is_ignored(int depth)
    {
        var page = Read($"<title>T</title><script type=\"application/ld+json\">{new string('[', depth)}{new string(']', depth)}</script><script type='application/ld+json'>{string.Concat(Enumerable.Repeat("{\"@graph\":", depth))}1{new string('}', depth)}</script>");
        Assert.Equal((null, "T"), (page.Kind, page.Title));
    }

    [Theory]
    [InlineData("""{"@type":{"a":1},"name":5}""")]
    [InlineData("""{"@type":["Event",null,7],"name":null,"startDate":1e999,"endDate":[],"organizer":[null,5,{"name":{}}],"eventStatus":{"x":1},"keywords":{"y":2}}""")]
    [InlineData("""{"@type":"Event","name":"\ud800","startDate":"2026-06-09"}""")]
    [InlineData("""{"@type":"Event","\ud800":"x","startDate":"2026-06-09"}""")]
    [InlineData("""{"@type":"Event","url":"http://[::bad","@id":"javascript:alert(1)","mainEntityOfPage":[[]]}""")]
    [InlineData("""{"@graph":null,"mainEntity":"x"}""")]
    [InlineData("""{"@type":"Event" "name"}""")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("<!-- {\"@type\":\"Event\"} -->")]
    public void JSON_LD_with_wrong_types_never_throws(string json) =>
        Assert.NotNull(Read($"<title>T</title><script type='application/ld+json'>{json}</script>"));

    [Fact]
    public void Random_mixture_of_page_fragments_never_throws()
    {
        string[] parts =
        [
            "<script type='application/ld+json'>", "</script>", "{", "}", "[", "]", "\"@type\":", "\"Event\"", "\"startDate\":", "\"2026-06-09\"", ",", "<title>", "</title>", "<meta ",
            "property=og:type ", "content='", "'>", "<time datetime=", "<base href='//'>", "<link rel=canonical href='", "http://", "\0", "\ud83d", "\\u", "é", ">", "<!--", "-->", "null", "\"@graph\":",
        ];
        Prop.ForAll(Gen.Elements(parts).ListOf().Select(some => string.Concat(some)).ToArbitrary(), html => Read(html) is not null)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Hostile_page_takes_linear_time()
    {
        foreach (var part in (string[])["<div>", "<time datetime=x>", "<meta name=a content=b>", "<script type=application/ld+json>[]</script>", "<link rel=canonical href=x>", "<title>", "<a href=webcal://x>"])
            Assert.NotNull(Read(string.Concat(Enumerable.Repeat(part, 60_000))));
    }

    private static PageMetadata Read(string html) => PageMetadata.Read(Encoding.UTF8.GetBytes(html), "text/html", new Uri(Address));
}
