using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public abstract class BlobsContract(IDriver driver) : IDisposable
{
    private readonly string name = "c" + Guid.NewGuid().ToString("N");

    private IBlobs Blobs => driver.Blobs;

    public void Dispose()
    {
        driver.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Blob_that_was_never_put_is_missing()
    {
        Assert.Null(await Blobs.GetAsync(name, "a", default));
        Assert.False(await Blobs.DeleteAsync(name, "a", default));
        Assert.Empty(await Blobs.ListAsync(name, "", default).ToListAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public async Task Blob_keeps_its_bytes(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);

        await Blobs.PutAsync(name, "a", content, default);

        Assert.Equal(content, await Blobs.GetAsync(name, "a", default));
    }

    [Fact]
    public async Task Second_put_replaces_the_blob()
    {
        await Blobs.PutAsync(name, "a", "first and long"u8.ToArray(), default);
        await Blobs.PutAsync(name, "a", "second"u8.ToArray(), default);

        Assert.Equal("second"u8.ToArray(), await Blobs.GetAsync(name, "a", default));
    }

    [Fact]
    public async Task Conditional_put_keeps_an_existing_blob()
    {
        Assert.True(await Blobs.PutIfAbsentAsync(name, "a", "first"u8.ToArray(), default));
        Assert.False(await Blobs.PutIfAbsentAsync(name, "a", "second"u8.ToArray(), default));
        Assert.Equal("first"u8.ToArray(), await Blobs.GetAsync(name, "a", default));
    }

    [Fact]
    public async Task One_of_many_concurrent_conditional_puts_succeeds_and_its_bytes_stay()
    {
        await Blobs.PutAsync(name, "other", new byte[1], default);

        var put = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Blobs.PutIfAbsentAsync(name, "a", new[] { (byte)i }, default))));

        Assert.Single(put, p => p);
        Assert.Equal(new[] { (byte)Array.IndexOf(put, true) }, await Blobs.GetAsync(name, "a", default));
    }

    [Fact]
    public async Task Deleted_blob_is_gone_and_can_be_put_again()
    {
        await Blobs.PutAsync(name, "a", new byte[1], default);

        Assert.True(await Blobs.DeleteAsync(name, "a", default));
        Assert.Null(await Blobs.GetAsync(name, "a", default));
        Assert.Empty(await Blobs.ListAsync(name, "", default).ToListAsync());
        Assert.True(await Blobs.PutIfAbsentAsync(name, "a", new byte[2], default));
    }

    [Theory]
    [InlineData("raw/2026/03/it's 100% + ä 😀.html")]
    [InlineData("a?b#c&d=e;f,g:h@i$j!k*l(m)n[o]")]
    [InlineData("UPPER and lower")]
    [InlineData(".hidden/..x/...y")]
    [InlineData("%2e%2e/%2f")]
    public async Task Blob_names_may_contain_every_allowed_character(string blob)
    {
        await Blobs.PutAsync(name, blob, "x"u8.ToArray(), default);

        Assert.Equal("x"u8.ToArray(), await Blobs.GetAsync(name, blob, default));
        Assert.Equal([blob], await Blobs.ListAsync(name, "", default).ToListAsync());
        Assert.True(await Blobs.DeleteAsync(name, blob, default));
    }

    [Fact]
    public async Task Blob_names_are_case_sensitive()
    {
        await Blobs.PutAsync(name, "a", "lower"u8.ToArray(), default);
        await Blobs.PutAsync(name, "A", "upper"u8.ToArray(), default);

        Assert.Equal("lower"u8.ToArray(), await Blobs.GetAsync(name, "a", default));
        Assert.Equal(["A", "a"], await Blobs.ListAsync(name, "", default).ToListAsync());
    }

    [Fact]
    public async Task Blob_name_of_1024_characters_is_accepted_and_a_longer_one_rejected()
    {
        var longest = string.Join('/', Enumerable.Repeat(new string('n', 127), 8)) + "n";
        Assert.Equal(1024, longest.Length);

        await Blobs.PutAsync(name, longest, new byte[1], default);

        Assert.NotNull(await Blobs.GetAsync(name, longest, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.PutAsync(name, longest + "n", new byte[1], default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a.")]
    [InlineData("..\\a")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public async Task Invalid_blob_names_are_rejected(string blob)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.PutAsync(name, blob, new byte[1], default));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.PutIfAbsentAsync(name, blob, new byte[1], default));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.GetAsync(name, blob, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.DeleteAsync(name, blob, default));
    }

    [Fact]
    public async Task Blob_name_with_half_a_surrogate_pair_is_rejected() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.PutAsync(name, "half " + '\uD83D', new byte[1], default));

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("two--hyphens")]
    [InlineData("-first")]
    [InlineData("last-")]
    [InlineData("../up")]
    [InlineData("a.b")]
    public async Task Invalid_container_names_are_rejected(string container)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.PutAsync(container, "a", new byte[1], default));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.ListAsync(container, "", default).ToListAsync().AsTask());
    }

    [Fact]
    public async Task Listing_returns_names_with_a_prefix_in_order()
    {
        foreach (var blob in new[] { "b/2", "a/1", "b/1", "b", "b/10", "c", "b0" })
            await Blobs.PutAsync(name, blob, new byte[1], default);

        Assert.Equal(["a/1", "b", "b/1", "b/10", "b/2", "b0", "c"], await AllAsync(""));
        Assert.Equal(["b/1", "b/10", "b/2"], await AllAsync("b/"));
        Assert.Empty(await AllAsync("x"));
    }

    [Fact]
    public async Task Blobs_may_be_deleted_while_they_are_listed()
    {
        foreach (var blob in new[] { "a", "b", "c" })
            await Blobs.PutAsync(name, blob, new byte[1], default);

        var seen = new List<string>();
        await foreach (var blob in Blobs.ListAsync(name, "", default))
        {
            seen.Add(blob);
            await Blobs.DeleteAsync(name, blob, default);
        }

        Assert.Equal(["a", "b", "c"], seen);
        Assert.Empty(await AllAsync(""));
    }

    private async Task<List<string>> AllAsync(string prefix) => await Blobs.ListAsync(name, prefix, default).ToListAsync();
}
