using System.Diagnostics;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>Exports as other programs read them: by npm packages, which <c>tests/run</c> installs.</summary>
internal static class ExportReader
{
    /// <summary>Titles that a format could take for something else. The ledger stores all of them but for their control characters and line ends.</summary>
    public static readonly string[] HostileTitles =
    [
        "=HYPERLINK(\"http://evil.example/\",\"click\")", "+1+1", "-2+3", "@SUM(A1:A9)", "\uFF1D1+1",
        "]](javascript:alert(1))", "[x](javascript:alert(1))", "![x](http://evil.example/i.png)", "[x]: http://evil.example/", "<http://evil.example/>",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- gone", "]]><evil/>", "&lt;b&gt; &copy; &#60;", "&amp", "C# & F#; both", "Q&A",
        "a `code` *b* _c_ ~~d~~ ~e~ \\ f", "unclosed ` and `` and ** and __", "| a | b |", "$x$ and $$y$$", "back\\slash; semicolon, comma \\n no line \\",
        "www.evil.example", "see http://evil.example/ and HTTPS://evil.example/?a=1&b=2", "mail a@evil.example", "{{7*7}} ${7*7} %s", "# heading #", "- item", "1. item",
        "\u202Egnp.exe\u202C and \u2066isolated", "שלום عالم", "line one\r\nATTACH:http://evil.example/\r\nEND:VEVENT\r\nBEGIN:VALARM", "two\u2028lines\u2029here\u0085now",
        "nul \0 bell \a escape \u001B delete \u007F", "not \uFFFE in \uFFFF XML", "half \uD83D of a pair", "_x000D_ and _x0041_ and _x005F_",
        string.Concat(Enumerable.Repeat("🎉", 300)), string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 30)), new string('x', 300), new string('[', 300), "e\u0301" + new string('\u0301', 200),
    ];

    /// <param name="schema">The path of a JSON Schema, for a validation.</param>
    public static async Task<JsonElement> ReadAsync(string format, byte[] document, string? schema = null)
    {
        var home = Repository.Path("artifacts", "exports");
        if (!Directory.Exists(Path.Combine(home, "node_modules")))
            throw new InvalidOperationException("The readers of exports are not installed. Run tests/run once: it installs them.");
        string[] arguments = [Repository.Path("tests", "Functions", "Api", "read-export.mjs"), home, format, .. schema is null ? Array.Empty<string>() : [schema]];
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var (found, said) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.BaseStream.WriteAsync(document);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await said);
        return JsonDocument.Parse(await found).RootElement;
    }

    /// <summary>The whole ledger in the format, as bytes and as another program reads it.</summary>
    public static async Task<(byte[] Document, JsonElement Read)> ExportAsync(LedgerFixture app, string format, string query = "limit=all&review=all")
    {
        var document = await app.Client.GetByteArrayAsync(new Uri($"/api/ledger?format={format}&{query}", UriKind.Relative));
        return (document, await ReadAsync(format, document));
    }

    public static async Task<IReadOnlyList<Contribution>> EntriesAsync(LedgerFixture app) =>
        (await app.Reader.NewestAsync(app.Person, null, null, null, 500, CancellationToken.None)).Items;

    /// <summary>A ledger of the hostile titles: as titles, summaries, topics and containers, each with and without an address.</summary>
    public static Task HarvestHostileAsync(LedgerFixture app) => app.HarvestAsync([.. HostileTitles.SelectMany((title, n) => new[]
    {
        LedgerFixture.Draft($"with{n}") with { Title = title, Summary = title, Topics = [title], Container = new Container(title, $"https://example.org/in(side)/{n}?a=1&copy;=2") },
        LedgerFixture.Draft($"without{n}") with { Title = title, Url = null, Container = new Container(title) },
    })]);

    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    /// <summary>An entry as no version of the program stores it: with characters that the ledger drops.</summary>
    public static async IAsyncEnumerable<Contribution> RawAsync(string text)
    {
        await Task.CompletedTask;
        yield return new Contribution
        {
            Id = Identity.Hash("raw"),
            Source = "feed",
            FirstSeen = LedgerFixture.Now,
            Note = text,
            Harvested = new ContributionValues
            {
                Kind = Kind.Talk, Title = text, Summary = text, When = LedgerFixture.Now, Topics = [text], Container = new Container(text),
            },
        };
    }
}
