using System.Text;
using Xunit;

namespace ContributionIngest.Tests.Support;

/// <summary>Compares with files somebody has looked at, byte for byte.</summary>
/// <param name="folder">Where they are, in the checkout.</param>
internal sealed class Approval(string folder)
{
    private static readonly string Received = Repository.Path("artifacts", "received");

    public void Of(params IReadOnlyList<(string Name, string Text)> files)
    {
        var others = files.Where(file => !Is(file.Name, file.Text)).Select(file => file.Name).ToList();
        if (others.Count > 0)
            Assert.Fail($"Not as approved: {string.Join(", ", others)}. Compare artifacts/received with {folder}; what is right is accepted by: cp artifacts/received/{{{string.Join(',', others)}}} {folder}/");
    }

    private bool Is(string name, string text)
    {
        var bytes = new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
        var file = Path.Combine(Repository.Path(folder.Split('/')), name);
        if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
            return true;
        Directory.CreateDirectory(Received);
        File.WriteAllBytes(Path.Combine(Received, name), bytes);
        return false;
    }
}
