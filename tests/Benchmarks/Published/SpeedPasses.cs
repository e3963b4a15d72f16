using System.Diagnostics;
using System.Globalization;
using System.Xml;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// One reader over one set of documents in this process: <c>speed-passes READER SET SECONDS</c> prints bytes, milliseconds of the first pass,
/// of the best one within the seconds that follow, and bytes allocated by a pass.
/// </summary>
internal static class SpeedPasses
{
    public static int Run(string reader, string set, string seconds)
    {
        var documents = Load(set);
        Func<byte[], int> read = reader == "ours" ? ReadOurs : TouchText;
        var (first, allocated) = Pass(documents, read);
        var (jit, jitTime) = (System.Runtime.JitInfo.GetCompiledMethodCount(), System.Runtime.JitInfo.GetCompilationTime().TotalMilliseconds);
        var best = first;
        var limit = Stopwatch.StartNew();
        while (limit.Elapsed.TotalSeconds < double.Parse(seconds, CultureInfo.InvariantCulture))
        {
            (var elapsed, allocated) = Pass(documents, read);
            best = Math.Min(best, elapsed);
        }

        var bytes = documents.Sum(document => (long)document.Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} {first} {best} {allocated}"));
        if (Environment.GetEnvironmentVariable("SHOWJIT") is not null) Console.Error.WriteLine($"jit {jit} methods {jitTime} ms");
        return 0;
    }

    /// <summary>The real feeds are those XmlReader can read at all; a list of them is made once by <see cref="SpeedBench"/>.</summary>
    private static byte[][] Load(string set) => set == "synthetic" ? [SyntheticFeed.Create()] : Array.ConvertAll(File.ReadAllLines(set), File.ReadAllBytes);

    private static (double Milliseconds, long Allocated) Pass(byte[][] documents, Func<byte[], int> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var sum = 0;
        foreach (var document in documents) sum += read(document);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (sum == 0) throw new InvalidOperationException("Nothing was read.");
        return (elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int ReadOurs(byte[] document) => FeedReader.Read(document).Feed?.Entries.Count ?? 0;

    /// <summary>The bar: the framework's reader, which builds no feed at all, merely looks at all text.</summary>
    internal static int TouchText(byte[] document)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, CheckCharacters = false };
        using var reader = XmlReader.Create(new MemoryStream(document), settings);
        var length = 0;
        while (reader.Read())
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA) length += reader.Value.Length;
        }

        return length;
    }
}
