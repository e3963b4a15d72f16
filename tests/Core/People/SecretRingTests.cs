using ContributionIngest.Core;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.People;

/// <summary>Secrets at rest.</summary>
public sealed class SecretRingTests
{
    private static readonly byte[] One = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] Two = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    private readonly MemoryStore store = new(TimeProvider.System);

    [Theory]
    [InlineData("")]
    [InlineData("a secret of usual length, ä€😀")]
    public async Task Protected_secret_opens_only_for_its_purpose_and_no_two_envelopes_are_equal(string secret)
    {
        var protector = Ring(One);
        var (first, second) = (await protector.ProtectAsync("hook|a", secret, default), await protector.ProtectAsync("hook|a", secret, default));
        Assert.NotEqual(first, second);
        Assert.True(SecretEnvelopes.IsEnvelope(first));
        Assert.Equal(secret, await protector.UnprotectAsync("hook|a", first, default));
        Assert.Equal(secret, await Ring(Two, One).UnprotectAsync("hook|a", second, default));
        Assert.Null(await protector.UnprotectAsync("hook|b", first, default));
        Assert.Null(await Ring(Two).UnprotectAsync("hook|a", first, default));
        Assert.Empty(store.Blobs.Keys);
    }

    [Fact]
    public async Task Envelope_with_one_changed_character_does_not_open()
    {
        var protector = Ring(One);
        var envelope = await protector.ProtectAsync("hook|a", "a secret", default);
        for (var i = 0; i < envelope.Length; i++)
        {
            var changed = envelope[..i] + (envelope[i] == 'A' ? 'B' : 'A') + envelope[(i + 1)..];
            Assert.Null(await protector.UnprotectAsync("hook|a", changed, default));
        }

        foreach (var wrong in (string[])["", "s1.", "s1..", "s1.a.b", "plain", envelope + ".x", envelope[..^4], envelope[..14]])
            Assert.Null(await protector.UnprotectAsync("hook|a", wrong, default));
    }

    [Fact]
    public async Task New_secrets_are_protected_with_the_newest_key()
    {
        var envelope = await Ring(Two, One).ProtectAsync("a", "secret", default);
        Assert.Null(await Ring(One).UnprotectAsync("a", envelope, default));
        Assert.Equal("secret", await Ring(Two).UnprotectAsync("a", envelope, default));
    }

    [Fact]
    public async Task Without_configured_keys_all_instances_share_a_generated_key_that_still_opens_after_keys_are_set()
    {
        var rings = Enumerable.Range(0, 8).Select(_ => Ring()).ToList();
        var sealedOnes = await Task.WhenAll(rings.Select((protector, i) => Task.Run(() => protector.ProtectAsync("a", $"secret {i}", default))));
        foreach (var protector in rings.Append(Ring()).Append(Ring(One)))
            Assert.Equal(Enumerable.Range(0, 8).Select(i => $"secret {i}"), await Task.WhenAll(sealedOnes.Select(one => protector.UnprotectAsync("a", one, default))));
        Assert.Equal("keys/secrets", Assert.Single(store.Blobs.Keys));
    }

    [Fact]
    public void Keys_appear_in_neither_settings_text_nor_error_messages()
    {
        var (one, two) = (Convert.ToBase64String(One), Convert.ToBase64String(Two));
        var settings = Read($" {two} , {one} ");
        Assert.Equal([Two, One], settings.SecretKeys.Keys);
        Assert.DoesNotContain(one[..20], settings.ToString(), StringComparison.Ordinal);
        foreach (var wrong in (string[])[one[..20], one[..^1] + "*", Convert.ToBase64String(One[..31]), "hunter2"])
        {
            var fault = Assert.Single(Assert.Throws<StartupException>(() => Read($"{two},{wrong}")).Faults);
            Assert.StartsWith("SecretKeys: key 2 is not 32 bytes in base64", fault, StringComparison.Ordinal);
            Assert.DoesNotContain(wrong, fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Subscription_secret_is_stored_protected_and_a_plaintext_one_keeps_working_until_rewritten()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var secret = pushed.Hub.Last.Secret;
        Assert.DoesNotContain(await pushed.App.DumpAsync("lookups"), row => row.Contains(secret, StringComparison.Ordinal));
        var sealedRow = Assert.Single(await SubscriptionsAsync());
        await RewriteAsync(row => System.Text.RegularExpressions.Regex.Replace(row, "\"secret\":\"[^\"]+\"", $"\"secret\":\"{secret}\"", System.Text.RegularExpressions.RegexOptions.None, Timeout.InfiniteTimeSpan));
        Assert.NotEqual(sealedRow, Assert.Single(await SubscriptionsAsync()));

        await pushed.DeliverAsync(Pushed.Body(13));

        Assert.Equal(13, (await pushed.App.LedgerAsync()).Count);
        Assert.DoesNotContain(await pushed.App.DumpAsync("lookups"), row => row.Contains(secret, StringComparison.Ordinal));

        // As a version without data protection left it.
        var former = await pushed.App.App.Services.GetRequiredService<SecretEnvelopes>().ProtectAsync($"websub|{pushed.Hub.Last.Callback.Segments[^1]}", secret, default);
        await RewriteAsync(row => System.Text.RegularExpressions.Regex.Replace(row, "\"secret\":\"[^\"]+\"", $"\"secret\":\"{former}\"", System.Text.RegularExpressions.RegexOptions.None, Timeout.InfiniteTimeSpan));
        await pushed.DeliverAsync(Pushed.Body(14));
        Assert.Equal(14, (await pushed.App.LedgerAsync()).Count);

        // Its key is lost: nothing is trusted, and the next time the hub is asked it is told another secret.
        await RewriteAsync(row => row.Replace("\"secret\":\"s1.", "\"secret\":\"s1.zzz", StringComparison.Ordinal));
        await pushed.DeliverAsync(Pushed.Body(15));
        await pushed.DeliverAsync(Pushed.Body(15), secret: "");
        Assert.Equal((14, 2L), ((await pushed.App.LedgerAsync()).Count, await pushed.DiscardedAsync()));
        await pushed.PassAsync(5 * 24 + 1);
        Assert.NotEqual(secret, pushed.Hub.Last.Secret);
        await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last);
        await ScriptedHub.DeliverAsync(pushed.App, pushed.Hub.Last, Pushed.Body(15));
        Assert.Equal(15, (await pushed.App.LedgerAsync()).Count);

        async Task<List<string>> SubscriptionsAsync() => [.. (await pushed.App.DumpAsync("lookups")).Where(row => row.StartsWith("ws|", StringComparison.Ordinal) && row.Contains("\"secret\"", StringComparison.Ordinal))];

        async Task RewriteAsync(Func<string, string> change)
        {
            var partition = (await SubscriptionsAsync())[0].Split(' ')[0];
            var row = (await pushed.App.Store.Table.GetAsync("lookups", partition, "s", default))!;
            var text = System.Text.Encoding.UTF8.GetString((byte[])row.Values["doc"]!);
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["doc"] = System.Text.Encoding.UTF8.GetBytes(change(text)) };
            await pushed.App.Store.Table.WriteAsync("lookups", ContributionIngest.Core.Storage.TableWrite.Put(row with { Values = values }), default);
        }
    }

    private static Settings Read(string keys) =>
        AppFixture.ReadSettings([new("SecretKeys", keys)]);

    private SecretEnvelopes Ring(params byte[][] keys) => new(store, new SecretKeys(keys));
}
