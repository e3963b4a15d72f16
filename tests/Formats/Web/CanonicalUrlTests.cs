using ContributionIngest.Formats.Web;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ContributionIngest.Tests.Formats.Web;

public sealed class CanonicalUrlTests
{
    [Theory]
    [InlineData("http://Blog.Example/Post", "https://blog.example/Post")]
    [InlineData("https://blog.example:443/post/", "https://blog.example/post")]
    [InlineData("http://blog.example:80", "https://blog.example/")]
    [InlineData("https://blog.example:8443/a", "https://blog.example:8443/a")]
    [InlineData("https://user:pw@blog.example./post", "https://blog.example/post")]
    [InlineData("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4")]
    [InlineData("https://blog.example/%7euser/%e4%b8", "https://blog.example/~user/%E4%B8")]
    [InlineData("https://blog.example/a/../b/./c", "https://blog.example/b/c")]
    [InlineData("https://blog.example/b/index.html", "https://blog.example/b")]
    [InlineData("https://blog.example/index.php?p=7", "https://blog.example/?p=7")]
    [InlineData("https://blog.example/?b=2&a=1&UTM_Source=x&fbclid=y", "https://blog.example/?a=1&b=2")]
    [InlineData("https://blog.example/?b=1&a=2&b=0", "https://blog.example/?a=2&b=0&b=1")]
    [InlineData("https://blog.example/post?ref=blog.example", "https://blog.example/post")]
    [InlineData("https://www.blog.example/post?source=rss", "https://www.blog.example/post")]
    [InlineData("https://blog.example/post?ref=main", "https://blog.example/post?ref=main")]
    [InlineData("https://blog.example/post?", "https://blog.example/post")]
    [InlineData("https://blog.example/post#part", "https://blog.example/post")]
    [InlineData("https://blog.example/#!/post", "https://blog.example/#!/post")]
    [InlineData("https://blog.example/post/amp/", "https://blog.example/post")]
    [InlineData("https://blog.example/post.amp.html", "https://blog.example/post")]
    [InlineData("https://blog.example/post?amp=1", "https://blog.example/post")]
    [InlineData("https://amp.blog.example/post", "https://blog.example/post")]
    [InlineData("https://amp.example/post", "https://amp.example/post")]
    [InlineData("https://blog.example/amp", "https://blog.example/amp")]
    [InlineData("https://cdn.ampproject.org/c/s/blog.example/post/?utm_medium=x", "https://blog.example/post")]
    [InlineData("https://blog-example.cdn.ampproject.org/c/blog.example/post", "https://blog.example/post")]
    [InlineData("http://m.youtube.com/watch?list=PL1&v=aB3-_xYz09Q&t=4", "https://www.youtube.com/watch?v=aB3-_xYz09Q")]
    [InlineData("https://youtu.be/aB3-_xYz09Q?si=x", "https://www.youtube.com/watch?v=aB3-_xYz09Q")]
    [InlineData("https://www.youtube.com/shorts/aB3-_xYz09Q/", "https://www.youtube.com/watch?v=aB3-_xYz09Q")]
    [InlineData("https://www.youtube.com/live/aB3-_xYz09Q?feature=share#t=1", "https://www.youtube.com/watch?v=aB3-_xYz09Q")]
    [InlineData("https://www.youtube-nocookie.com/embed/aB3-_xYz09Q", "https://www.youtube.com/watch?v=aB3-_xYz09Q")]
    [InlineData("https://medium.com/@ann/a-story-0123456789ab?source=rss-1------2", "https://medium.com/p/0123456789ab")]
    [InlineData("https://ann.medium.com/a-story-0123456789ab", "https://medium.com/p/0123456789ab")]
    [InlineData("https://medium.com/a-publication/a-story-0123456789ab#part", "https://medium.com/p/0123456789ab")]
    [InlineData("https://medium.com/p/0123456789ab/", "https://medium.com/p/0123456789ab")]
    [InlineData("https://medium.com/feed/@ann", "https://medium.com/feed/@ann")]
    [InlineData("https://medium.com/@ann/about", "https://medium.com/@ann/about")]
    [InlineData("https://ann.medium.com/0123456789ab", "https://ann.medium.com/0123456789ab")]
    [InlineData("https://medium.example/@ann/a-story-0123456789ab", "https://medium.example/@ann/a-story-0123456789ab")]
    [InlineData("https://www.youtube.com/watch?v=short", "https://www.youtube.com/watch?v=short")]
    [InlineData("https://www.youtube.com/playlist?list=PL1", "https://www.youtube.com/playlist?list=PL1")]
    [InlineData("https://youtube.example/watch?v=aB3-_xYz09Q", "https://youtube.example/watch?v=aB3-_xYz09Q")]
    public void Equivalent_addresses_have_one_canonical_form(string url, string canonical) => Assert.Equal(canonical, CanonicalUrl.Of(url));

    [Theory]
    [InlineData("ftp://blog.example/")]
    [InlineData("urn:uuid:1")]
    [InlineData("/post")]
    [InlineData("blog.example")]
    [InlineData("mailto:a@blog.example")]
    [InlineData("")]
    public void Address_outside_the_web_has_no_canonical_form(string url) => Assert.Null(CanonicalUrl.Of(url));

    [Fact]
    public void Fragment_is_kept_on_request()
    {
        Assert.Equal("https://blog.example/day#two", CanonicalUrl.Of("http://blog.example/day/#two", keepFragment: true));
        Assert.Equal("https://blog.example/day", CanonicalUrl.Of("http://blog.example/day/#", keepFragment: true));
    }

    [Fact]
    public void Canonical_form_is_idempotent()
    {
        var pieces = Gen.Elements(
            "a", "B", "/", "/", "amp", ".amp", "index.html", "index.php", "%41", "%zz", "%", "%2e", "%2F", "..", ".", "?", "&", "=", "utm_x=1", "ref=",
            "h.example", "#", "#!", "ü", " ", "+", "amp=1", "c/s/", "//", ":", "@", "%25", "41", "\\");
        var urls =
            from host in Gen.Elements("h.example", "amp.h.example", "amp.amp.h.example", "H.EXAMPLE.:80", "h.example:443", "cdn.ampproject.org/c/s/h.example", "[2A00::1]")
            from scheme in Gen.Elements("http://", "https://")
            from rest in Gen.ListOf(pieces)
            from keep in Gen.Elements(true, false)
            select (Url: scheme + host + "/" + string.Concat(rest), Keep: keep);

        Prop.ForAll(urls.ToArbitrary(), given => CanonicalUrl.Of(given.Url, given.Keep) is not { } once || CanonicalUrl.Of(once, given.Keep) == once)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Fact]
    public void Scheme_trailing_slash_parameter_order_and_tracking_do_not_matter()
    {
        var words = Gen.Elements("a", "post", "2026", "x-y");
        var urls =
            from path in Gen.NonEmptyListOf(words)
            from query in Gen.ListOf(words)
            select (Path: string.Join('/', path), Query: query.Select((word, n) => $"{word}={n}").ToArray());

        Prop.ForAll(urls.ToArbitrary(), given =>
        {
            var plain = CanonicalUrl.Of($"https://h.example/{given.Path}?{string.Join('&', given.Query)}");
            var other = CanonicalUrl.Of($"http://H.example:80/{given.Path}/?utm_source=f&{string.Join('&', given.Query.Reverse())}&gclid=1#top");
            return plain == other;
        }).Check(Config.QuickThrowOnFailure);
    }
}
