using System.Text;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Digest;

/// <summary>Compares with files somebody has looked at, byte for byte.</summary>
internal static class Approval
{
    private static readonly string Approved = Repository.Path("tests", "Digest", "Approved");
    private static readonly string Received = Repository.Path("artifacts", "received");

    public static void Of(string name, string text)
    {
        var bytes = new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
        var file = Path.Combine(Approved, name);
        if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
            return;
        Directory.CreateDirectory(Received);
        File.WriteAllBytes(Path.Combine(Received, name), bytes);
        Assert.Fail($"{name} is not as approved. Compare artifacts/received/{name} with tests/Digest/Approved/{name}; if it is right: cp artifacts/received/{name} tests/Digest/Approved/");
    }
}
