using System.Text;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>Compares with files somebody has looked at, byte for byte.</summary>
internal static class Approval
{
    private static readonly string Approved = Repository.Path("tests", "Core", "Digests", "Approved");
    private static readonly string Received = Repository.Path("artifacts", "received");

    public static void Of(params IReadOnlyList<(string Name, string Text)> files)
    {
        var others = files.Where(file => !Is(file.Name, file.Text)).Select(file => file.Name).ToList();
        if (others.Count > 0)
            Assert.Fail($"Not as approved: {string.Join(", ", others)}. Compare artifacts/received with tests/Core/Digests/Approved; what is right is accepted by: cp artifacts/received/{{{string.Join(',', others)}}} tests/Core/Digests/Approved/");
    }

    private static bool Is(string name, string text)
    {
        var bytes = new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
        var file = Path.Combine(Approved, name);
        if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
            return true;
        Directory.CreateDirectory(Received);
        File.WriteAllBytes(Path.Combine(Received, name), bytes);
        return false;
    }
}
